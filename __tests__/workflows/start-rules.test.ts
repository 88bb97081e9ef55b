// Proves that GitHub starts every workflow of the examples and the documentation that calls a reusable workflow, and that the rules used for it find what GitHub refuses. Doesn't run a workflow.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { property } from '../../src/untrusted/json.ts'
import { codeBlocks, filesBelow, read } from '../docs/markdown.ts'
import { startErrors } from './start-rules.ts'
import type { Workflow } from './steps.ts'
import { readWorkflow, ROOT } from './steps.ts'

const FOLDERS = ['.github/workflows', 'examples', 'examples/workflow-templates']
const CARD = '-OWNER-/vaunt-token-action/.github/workflows/contributors-card.yml@v1'

const files = FOLDERS.flatMap(folder => readdirSync(join(ROOT, folder)).map(name => `${folder}/${name}`))
  .filter(path => path.endsWith('.yml'))
  .map(path => ({ name: path, text: read(path) }))
const blocks = filesBelow('.', '.md').flatMap(page =>
  codeBlocks(read(page))
    .filter(({ language }) => language === 'yaml')
    .map(({ text }, index) => ({ name: `${page} (block ${index + 1})`, text }))
)
const callers = [...files, ...blocks]
  .map(({ name, text }) => ({ name, workflow: parse(text) as Workflow }))
  .filter(({ workflow }) => calls(workflow).length > 0)

/** The jobs that call a reusable workflow. A block of the documentation may be less than a workflow. */
function calls(workflow: Workflow): Workflow['jobs'][string][] {
  return Object.values(Object(property(workflow, 'jobs') ?? {}) as Workflow['jobs']).filter(
    ({ uses }) => uses !== undefined
  )
}

/** This repository's reusable workflows, as `uses:` names them. */
function loadOurs(uses: string): Workflow {
  const [, path = ''] =
    /^(?:-OWNER-\/vaunt-token-action|\.)\/(\.github\/workflows\/[\w-]+\.yml)(?:@v1)?$/.exec(uses) ?? []
  return readWorkflow(path)
}

describe('a workflow that calls a reusable workflow', () => {
  test('is among the examples', () => {
    expect(callers.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'examples/reusable-token.yml',
        'examples/reusable-environment.yml',
        'examples/workflow-templates/vaunt-contributors-card.yml'
      ])
    )
  })

  test.each(callers)('starts in any repository: $name', ({ workflow }) => {
    expect(startErrors(workflow, loadOurs)).toEqual([])
  })

  test.each(callers)('gives the card workflow what committing needs: $name', ({ workflow }) => {
    // The card workflow declares no permissions, so GitHub wouldn't notice before the commit fails.
    for (const { uses, permissions, with: inputs } of calls(workflow).filter(({ uses }) => uses === CARD)) {
      const opens = inputs?.['pull-request'] === true
      expect([uses, permissions]).toEqual([uses, { contents: 'write', ...(opens && { 'pull-requests': 'write' }) }])
    }
  })
})

test.each([
  ['contents: write alone', { contents: 'write' }],
  ['pull requests, too', { contents: 'write', 'pull-requests': 'write' }]
])('the card workflow starts for a caller that gives it %s', (_, permissions) => {
  const job = { uses: CARD, permissions, with: { 'pull-request': true } }
  expect(startErrors({ permissions: {}, jobs: { card: job } }, loadOurs)).toEqual([])
})

describe("GitHub's rules", () => {
  const CALLED = 'acme/tools/.github/workflows/called.yml@v1'
  const caller = (job: object, rest: object = {}): Workflow => ({ jobs: { call: { uses: CALLED, ...job } }, ...rest })
  const called = (permissions: unknown, rest: object = {}): Workflow => ({
    on: { workflow_call: {} },
    jobs: { card: { 'runs-on': 'ubuntu-latest', ...(permissions !== undefined && { permissions }) } },
    ...rest
  })
  const refusal = (requested: string, allowed: string): string =>
    `Error calling workflow '${CALLED}'. The nested job 'card' is requesting '${requested}', but is only allowed '${allowed}'.`

  test.each<[string, Workflow, Workflow, string[]]>([
    [
      'a nested job that requests a permission that the calling job does not give',
      caller({ permissions: { contents: 'write' } }),
      called({ contents: 'write', 'pull-requests': 'write' }),
      [refusal('pull-requests: write', 'pull-requests: none')]
    ],
    [
      'a higher level than the calling job gives',
      caller({ permissions: { contents: 'read' } }),
      called({ contents: 'write' }),
      [refusal('contents: write', 'contents: read')]
    ],
    [
      'two permissions at once',
      caller({ permissions: {} }),
      called({ issues: 'write', contents: 'read' }),
      [refusal('contents: read, issues: write', 'contents: none, issues: none')]
    ],
    [
      'a lower level than the calling job gives',
      caller({ permissions: { contents: 'write' } }),
      called({ contents: 'read' }),
      []
    ],
    ['a nested job that declares nothing', caller({ permissions: {} }), called(undefined), []],
    [
      'a job that would be skipped',
      caller({ permissions: {}, if: 'false' }),
      called({ contents: 'read' }),
      [refusal('contents: read', 'contents: none')]
    ],
    [
      'a calling job that takes its permissions from its workflow',
      caller({}, { permissions: {} }),
      called({ contents: 'read' }),
      [refusal('contents: read', 'contents: none')]
    ],
    [
      'a calling job whose permissions replace those of its workflow',
      caller({ permissions: { issues: 'write' } }, { permissions: { contents: 'write' } }),
      called({ contents: 'read' }),
      [refusal('contents: read', 'contents: none')]
    ],
    [
      'no permissions anywhere, where the default is to read',
      caller({}),
      called({ contents: 'write' }),
      [refusal('contents: write', 'contents: read')]
    ],
    ['write-all', caller({ permissions: 'write-all' }), called({ contents: 'write', packages: 'write' }), []],
    [
      'read-all',
      caller({ permissions: 'read-all' }),
      called({ contents: 'write' }),
      [refusal('contents: write', 'contents: read')]
    ],
    [
      'permissions of the called workflow as a whole',
      caller({ permissions: { contents: 'read' } }),
      called(undefined, { permissions: { contents: 'write' } }),
      [
        `Error calling workflow '${CALLED}'. The workflow is requesting 'contents: write', but is only allowed 'contents: read'.`
      ]
    ],
    [
      'an input and a secret that do not exist',
      caller({ permissions: {}, with: { lmiit: 3 }, secrets: { VAUNT_TAP: 'x' } }),
      called({}, { on: { workflow_call: { inputs: { limit: {} }, secrets: { VAUNT_PAT: {} } } } }),
      [
        'Invalid input, lmiit is not defined in the referenced workflow.',
        'Invalid secret, VAUNT_TAP is not defined in the referenced workflow.'
      ]
    ],
    [
      'a required input and a required secret that are missing',
      caller({ permissions: {} }),
      called(
        {},
        { on: { workflow_call: { inputs: { limit: { required: true } }, secrets: { KEY: { required: true } } } } }
      ),
      [
        'Input limit is required, but not provided while calling.',
        'Secret KEY is required, but not provided while calling.'
      ]
    ],
    [
      'required ones that are given, in other letter case or all at once',
      caller({ permissions: {}, with: { LIMIT: 1 }, secrets: 'inherit' }),
      called(
        {},
        { on: { workflow_call: { inputs: { limit: { required: true } }, secrets: { KEY: { required: true } } } } }
      ),
      []
    ]
  ])('%s', (_, workflow, target, errors) => {
    expect(startErrors(workflow, () => target)).toEqual(errors)
  })

  test('a workflow that is called by a called workflow gets no more than both give', () => {
    const middle: Workflow = { on: { workflow_call: {} }, jobs: { middle: { uses: CALLED } } }
    const load = (uses: string): Workflow => (uses === CALLED ? called({ contents: 'write' }) : middle)
    const start = (permissions: object): string[] =>
      startErrors({ jobs: { call: { uses: './middle.yml', permissions } } }, load)
    expect(start({ contents: 'write' })).toEqual([])
    expect(start({ contents: 'read' })).toEqual([refusal('contents: write', 'contents: read')])
  })
})
