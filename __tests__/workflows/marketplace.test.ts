// Proves what can be known offline of GitHub Marketplace's form: it takes the description, icon, and color of action.yml, and there is a README. Whether the name is free can only be seen there.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { property } from '../../src/untrusted/json.ts'
import { ROOT } from './steps.ts'

// GitHub's own schema of an action.yml: its icons are Feather's without those that Marketplace leaves out.
const SCHEMA = 'node_modules/@actions/workflow-parser/dist/action-v1.0.min.json'
const definitions = property(JSON.parse(readFileSync(join(ROOT, SCHEMA), 'utf8')), 'definitions')
const allowed = (name: string): unknown => property(property(definitions, name), 'allowed-values')

const metadata = (folder: string): unknown => parse(readFileSync(join(ROOT, folder, 'action.yml'), 'utf8'))

test.each(['', 'contributors-card', 'repositories-report'])(
  'the description of "%s" has fewer than 125 characters',
  folder => {
    const description = String(property(metadata(folder), 'description'))
    expect(description).toMatch(/^[A-Z].{20,}\.$/)
    expect(description.length).toBeLessThan(125)
  }
)

test('the icon and the color are ones that Marketplace has', () => {
  const branding = property(metadata(''), 'branding')
  expect(allowed('branding-icon')).toContain(property(branding, 'icon'))
  expect(allowed('branding-icon')).not.toContain('coffee')
  expect(allowed('branding-color')).toContain(property(branding, 'color'))
})

test('the action has a name, a README, and a license', () => {
  expect(property(metadata(''), 'name')).toMatch(/^\S.*\S$/)
  for (const file of ['README.md', 'LICENSE']) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true])
})
