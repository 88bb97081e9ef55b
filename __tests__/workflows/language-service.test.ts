// Proves that GitHub's own language service finds nothing to say about any workflow, example, template and action.yml here.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Finding } from './language-service.ts'
import { ROOT, start } from './steps.ts'

/** By folder: what the service is told the file is. Examples become workflows once they are copied. */
const FILES = ['.github/workflows', 'examples', 'examples/workflow-templates']
  .flatMap(folder => readdirSync(join(ROOT, folder)).map(name => `${folder}/${name}`))
  .filter(path => path.endsWith('.yml'))
  .map(path => ({ path, uri: `${path.startsWith('examples/') ? 'copied/' : ''}.github/workflows/${basename(path)}` }))
  .concat(
    ['', 'contributors-card/', 'repositories-report/'].map(folder => ({
      path: `${folder}action.yml`,
      uri: `${folder}action.yml`
    }))
  )

async function ask(files: readonly { path: string; uri: string }[]): Promise<Finding[]> {
  const program = join(ROOT, '__tests__/workflows/language-service.ts')
  const { code, log } = await start(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, ...files.map(({ path, uri }) => `${uri}=${join(ROOT, path)}`)],
    ROOT,
    process.env
  )
  if (code !== 0) throw new Error(log)
  return JSON.parse(log) as Finding[]
}

describe('the language service', () => {
  let findings: Finding[]
  beforeAll(async () => {
    findings = (await ask(FILES)).filter(({ severity }) => severity !== 'information')
  }, 60_000)

  test.each(FILES)('has no error and no warning for $path', ({ uri }) => {
    expect(findings.filter(finding => finding.uri === uri)).toEqual([])
  })

  test('has read a good many files', () => {
    expect(FILES.length).toBeGreaterThan(20)
  })
})

describe('that it can find anything at all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const use = (step: string): string =>
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - ${step}\n`
  const call = (lines: string): string =>
    `on: push\njobs:\n  a:\n    uses: -OWNER-/vaunt-token-action/.github/workflows/contributors-card.yml@v1\n    ${lines}\n`

  test.each([
    ['an unknown context', use('run: echo ${{ steps.none.outputs.x }}'), 'none'],
    ['an input that the action does not have', use('{ uses: -OWNER-/vaunt-token-action@v1, with: { pta: x } }'), 'pta'],
    ['an action that is not listed', use('uses: somebody/else@v1'), 'Unable to resolve action'],
    ['an input that the reusable workflow does not have', call('with: { lmiit: 3 }'), 'lmiit'],
    ['a secret that the reusable workflow does not have', call('secrets: { VAUNT_TAP: x }'), 'VAUNT_TAP'],
    [
      'an output that the reusable workflow does not have',
      `${call('')}  b:\n    needs: a\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo "\${{ needs.a.outputs.chnaged }}"\n`,
      'chnaged'
    ],
    ['a file that is no YAML', 'on: [push\njobs:', '']
  ])('finds %s', async (_, text, words) => {
    const path = join(folder, 'broken.yml')
    writeFileSync(path, text)
    const program = join(ROOT, '__tests__/workflows/language-service.ts')
    const { log } = await start(process.execPath, [program, `.github/workflows/broken.yml=${path}`], ROOT, process.env)
    const found = JSON.parse(log) as Finding[]
    expect(found.map(({ severity, message }) => ({ severity, message }))).toContainEqual({
      severity: expect.stringMatching(/^(?:error|warning)$/),
      message: expect.stringContaining(words)
    })
  })
})
