// Proves that every YAML block in the documentation is a workflow that GitHub accepts, and that every shell block parses. Doesn't run them.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Finding } from '../workflows/language-service.ts'
import { inBash, ROOT, start } from '../workflows/steps.ts'
import { codeBlocks, filesBelow, read } from './markdown.ts'

const blocks = filesBelow('.', '.md').flatMap(page =>
  codeBlocks(read(page)).map(({ language, text }, index) => ({
    page,
    language,
    text,
    name: `${page} (block ${index + 1})`
  }))
)
// The workflow that a reader migrates from uses an action that isn't ours, so its inputs are unknown here.
const workflows = blocks.filter(({ language, text }) => language === 'yaml' && !text.includes('VauntDev/'))
const scripts = blocks.filter(({ language }) => language === 'bash')

/** A block as a whole workflow: most blocks are one, and a list of steps becomes one. */
function workflow(text: string): string {
  if (!text.startsWith('- ')) return text
  const steps = text.replace(/^(?=.)/gm, '      ')
  return `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`
}

describe('the YAML blocks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snippets-'))
  let findings: Finding[]

  beforeAll(async () => {
    const files = workflows.map(({ text }, index) => {
      const file = join(folder, `${index}.yml`)
      writeFileSync(file, workflow(text))
      return `.github/workflows/${index}.yml=${file}`
    })
    const program = join(ROOT, '__tests__/workflows/language-service.ts')
    const { code, log } = await start(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, ...files],
      ROOT,
      process.env
    )
    if (code !== 0) throw new Error(log)
    findings = (JSON.parse(log) as Finding[]).filter(({ severity }) => severity !== 'information')
  }, 60_000)

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('include workflows of the README', () => {
    expect(workflows.map(({ page }) => page)).toContain('README.md')
  })

  test.each(workflows.map(({ name }, index) => [name, index] as const))('%s is accepted by GitHub', (_, index) => {
    expect(findings.filter(({ uri }) => uri === `.github/workflows/${index}.yml`)).toEqual([])
  })
})

inBash('the shell blocks', () => {
  test.each(scripts)('$name parses', ({ text }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})
