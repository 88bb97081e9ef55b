// Proves the examples in a real workflow engine, and so is not part of `npm test`: nektos/act runs them word for word, on this machine, without a network. GitHub and Vaunt are the sandbox, behind a proxy that knows their real names.
//
// What act 0.2.89 lacks, and what stands in for it:
// - It knows neither job.workflow_repository nor job.workflow_sha (both are empty): the reusable workflows are told a place, but in the test
//   that they stop without one. It would need a network for actions/checkout and the artifact actions: the actions below take their places.
// - It may lose what a step that fails has printed last: what such a step says is looked for in its outputs, which are files.
// - It lets masked values through between jobs, has no environments and no permissions: sandbox/runner/runner.ts and the tests of the files cover these.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Repository } from '../../sandbox/git/repository.ts'
import { addRepository, PATS } from '../../sandbox/github/population.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { ROOT, start } from '../workflows/steps.ts'

const ACT = process.env['ACT'] ?? 'act'
const PUSH_TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'
const SEAL_KEY = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='

/** Composite actions that do in one folder what the real ones do over the network. */
const STAND_INS = {
  checkout: `inputs: { repository: {}, ref: {}, token: {}, path: {}, persist-credentials: {} }
runs:
  using: composite
  steps:
    - if: inputs.path != ''
      run: cp -R "$STAND_IN_SOURCE/." "$GITHUB_WORKSPACE/$TO"
      shell: bash
      env: { TO: '\${{ inputs.path }}' }
    - if: inputs.path == ''
      run: git clone --quiet --branch "\${REF:-main}" "https://github.com/$GITHUB_REPOSITORY" .
      shell: bash
      env: { REF: '\${{ inputs.ref }}' }
`,
  'upload-artifact': `inputs: { name: {}, path: {}, retention-days: {}, if-no-files-found: {} }
runs:
  using: composite
  steps:
    - run: |
        mkdir -p "$STAND_IN_ARTIFACTS/$NAME"
        if [ -d "$FROM" ]; then cp -R "$FROM/." "$STAND_IN_ARTIFACTS/$NAME/"; else cp "$FROM" "$STAND_IN_ARTIFACTS/$NAME/"; fi
      shell: bash
      env: { NAME: '\${{ inputs.name }}', FROM: '\${{ inputs.path }}' }
`,
  'download-artifact': `inputs: { pattern: {}, path: {}, merge-multiple: {} }
runs:
  using: composite
  steps:
    - run: mkdir -p "$TO" && for each in "$STAND_IN_ARTIFACTS"/$PATTERN; do cp -R "$each/." "$TO/"; done
      shell: bash
      env: { PATTERN: '\${{ inputs.pattern }}', TO: '\${{ inputs.path }}' }
`
}

/** What act does not know. */
const PLACE = ['${{ job.workflow_repository }}', '-OWNER-/vaunt-token-action'] as const

interface Run {
  readonly code: number | null
  readonly log: string
  /** What a job printed, by a part of its name. */
  readonly job: (name: string) => string
}

if (spawnSync(ACT, ['--version']).status !== 0) {
  throw new Error(
    `These tests need act, and ${ACT === 'act' ? 'there is none on the PATH' : `${ACT} does not run`}. ` +
      'Install it (go install github.com/nektos/act@v0.2.89), and put it on the PATH or name it in the variable ACT.'
  )
}

let sandbox: Sandbox
let folder: string
/** Mona/demo as GitHub's API keeps it, with the branches main and assets. */
let demo: Repository
beforeAll(async () => {
  sandbox = await startSandbox({ proxy: {} })
})
afterAll(() => sandbox.stop())

beforeEach(() => {
  sandbox.reset()
  const job = { token: PUSH_TOKEN, login: 'github-actions[bot]' }
  demo = addRepository(sandbox.population, 'Mona/demo', { contents: 'write', pullRequests: 'write' }, job)
  for (const branch of ['main', 'assets']) demo.commitFiles(branch, { 'README.md': '# Demo\n' })
  folder = mkdtempSync(join(tmpdir(), 'act-'))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const path of ['action.yml', 'contributors-card', 'repositories-report', 'dist', '.github/workflows']) {
    cpSync(join(ROOT, path), join(folder, 'action', path), { recursive: true })
  }
  for (const name of readdirSync(join(folder, 'action/.github/workflows'))) {
    const path = join(folder, 'action/.github/workflows', name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll(...PLACE).replaceAll('${{ job.workflow_sha }}', 'v1'))
  }
  for (const [name, text] of Object.entries(STAND_INS)) write(`stand-ins/${name}/action.yml`, `name: ${name}\n${text}`)
  mkdirSync(join(folder, 'artifacts'))
  write('empty', '')
  // Without it act asks which image it should take.
  write('home/.config/act/actrc', '')
  // What the stand-in for actions/checkout clones.
  mkdirSync(join(folder, 'remote', 'Mona'), { recursive: true })
  write(
    'home/.gitconfig',
    `[url "file://${folder}/remote/"]\n  insteadOf = https://github.com/\n[user]\n  name = Mona\n  email = mona@sandbox.test\n`
  )
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const environment = (): NodeJS.ProcessEnv => ({
  PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter),
  HOME: join(folder, 'home')
})

/** The commits that an action of others is pinned to in a text. */
function pins(text: string): [string, string][] {
  return [...text.matchAll(/uses: actions\/([\w-]+)@([0-9a-f]{40}|v\d+)/g)].map(([, name = '', commit = '']) => [
    name,
    commit
  ])
}

/** Runs an example, copied as it is into a repository Mona/demo. */
function runExample(name: string, pat: string, event?: string, payload?: object): Promise<Run> {
  return runWorkflow(readFileSync(join(ROOT, 'examples', name), 'utf8'), pat, event, payload)
}

/** Runs a workflow in a repository Mona/demo, which has the branches main and assets. */
async function runWorkflow(text: string, pat: string, event = 'workflow_dispatch', payload: object = {}): Promise<Run> {
  const repository = join(folder, 'repository')
  const workflow = join(repository, '.github/workflows/example.yml')
  mkdirSync(dirname(workflow), { recursive: true })
  writeFileSync(workflow, text)
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: repository, env: environment(), encoding: 'utf8' })
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', 'https://github.com/Mona/demo')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'First')
  git('branch', 'assets')
  git('clone', '--quiet', '--bare', repository, join(folder, 'remote/Mona/demo'))

  writeFileSync(
    join(folder, 'secrets'),
    `VAUNT_PAT=${pat}\nPAT=${pat}\nVAUNT_SEAL_KEY=${SEAL_KEY}\nGITHUB_TOKEN=${PUSH_TOKEN}\n`
  )
  writeFileSync(join(folder, 'event.json'), JSON.stringify(payload))
  const ours = readdirSync(join(folder, 'action/.github/workflows')).map(file =>
    readFileSync(join(folder, 'action/.github/workflows', file), 'utf8')
  )
  const standIns = new Map(
    [text, ...ours]
      .flatMap(pins)
      .filter(([action]) => action in STAND_INS)
      .map(pin => [pin.join('@'), pin[0]])
  )
  const variables = {
    HTTPS_PROXY: sandbox.proxy?.url ?? '',
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
    CURL_CA_BUNDLE: sandbox.caFile,
    STAND_IN_SOURCE: join(folder, 'action'),
    STAND_IN_ARTIFACTS: join(folder, 'artifacts'),
    // act gives each job a home of its own, without the remote above.
    GIT_CONFIG_GLOBAL: join(folder, 'home/.gitconfig')
  }
  // Whatever the example pins: a tag, the placeholder, or the commit of a release.
  const pinned = text.matchAll(/vaunt-token-action[\w./-]*@(\S+)/g)
  const versions = [...new Set(['v1', ...Array.from(pinned, ([, version = '']) => version)])]
  const { code, log } = await start(
    ACT,
    [
      ...[event, '--directory', repository, '--workflows', workflow, '--platform', 'ubuntu-latest=-self-hosted'],
      ...versions.flatMap(version => [
        '--local-repository',
        `-OWNER-/vaunt-token-action@${version}=${join(folder, 'action')}`
      ]),
      ...[...standIns].flatMap(([pin, name]) => [
        '--local-repository',
        `actions/${pin}=${join(folder, 'stand-ins', name)}`
      ]),
      ...['--action-cache-path', join(folder, 'cache'), '--action-offline-mode', '--no-cache-server'],
      ...['--secret-file', join(folder, 'secrets'), '--eventpath', join(folder, 'event.json')],
      ...['--env-file', '--var-file', '--input-file'].flatMap(option => [option, join(folder, 'empty')]),
      ...Object.entries(variables).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    ],
    repository,
    environment()
  )
  for (const secret of [pat, SEAL_KEY, PUSH_TOKEN, ...sandbox.vaunt.model.tokens]) expect(log).not.toContain(secret)
  const lines = log.split('\n')
  return {
    code,
    log,
    job: part => lines.filter(line => line.startsWith('[') && line.split(']')[0]?.includes(part)).join('\n')
  }
}

const exchanges = (): string[] => sandbox.vaunt.requests.map(({ path }) => path).filter(path => path.endsWith('/token'))
const questions = (): string[] =>
  sandbox.vaunt.requests.map(({ path }) => path).filter(path => path.includes('/repositories'))

test('basic.yml: a token, a question with it, and an answer that can be seen', async () => {
  const { code, log } = await runExample('basic.yml', PATS.monaFineGrained.token)
  expect(log).toContain('| Verified as Mona (ID 1001).')
  expect(log).toContain('| Vaunt returned 7 repositories (at most 100), 4 of them private')
  expect(code).toBe(0)
  expect(exchanges()).toEqual(['/v1/github/entities/Mona/token'])
  expect(questions()).toEqual(['/v1/github/entities/Mona/repositories?limit=100'])
  expect(sandbox.vaunt.requests.at(-1)?.headers['authorization']).toBe(
    `Bearer ${String(sandbox.vaunt.model.tokens[0])}`
  )
})

test('basic.yml: a PAT that is not accepted fails the job, and Vaunt never sees it', async () => {
  const { code, log } = await runExample('basic.yml', 'ghp_LOUDFAKEunknown')
  expect(code).not.toBe(0)
  expect(log).toContain('::set-output:: error-code=pat-rejected')
  expect(sandbox.vaunt.requests).toEqual([])
})

test('across-jobs.yml: minted in one job, opened in another, without PAT and without asking anybody', async () => {
  const { code, job } = await runExample('across-jobs.yml', PATS.monaFineGrained.token)
  expect(job('Get a Vaunt token')).toContain('Requesting a Vaunt token for user Mona')
  expect(job('Query Vaunt')).toContain('| Opened a sealed token for user Mona, verified as Mona.')
  expect(code).toBe(0)
  expect(exchanges()).toHaveLength(1)
  expect(sandbox.github.requests.filter(({ path }) => path === '/user')).toHaveLength(1)
  expect(questions()).toHaveLength(1)
})

test('reusable-token.yml: the PAT stays in the reusable workflow', async () => {
  const { code, job } = await runExample('reusable-token.yml', PATS.monaFineGrained.token)
  expect(job('Token/Vaunt token')).toContain('Requesting a Vaunt token for user Mona')
  expect(job('Query Vaunt')).toContain('| Opened a sealed token for user Mona, verified as Mona.')
  expect(code).toBe(0)
  expect(questions()).toHaveLength(1)
})

test('matrix.yml: each entity by itself, and one report', async () => {
  const { code, log, job } = await runExample('matrix.yml', PATS.monaForAcme.token)
  expect(job('other-org')).toContain('::set-output:: error-code=not-a-member')
  expect(log).toContain(
    'Summary - | Entity | Result | Repositories |\n| --- | --- | ---: |\n' +
      '| acme-labs | success | 7 |\n| mona | success | 7 |\n| other-org | not-a-member |  |\n'
  )
  // One entity failed: the others went on, and the report fails in the end.
  expect(code).not.toBe(0)
  expect(exchanges().sort()).toEqual(['/v1/github/entities/Acme-Labs/token', '/v1/github/entities/Mona/token'])
})

test('matrix.yml: all well', async () => {
  sandbox.population.memberships.push({ organization: 'Other-Org', user: 'Mona', state: 'active', role: 'admin' })
  sandbox.vaunt.model.settings.installedOn.push('Other-Org')
  const { code, log } = await runExample('matrix.yml', PATS.monaClassic.token)
  expect(log).toContain('| other-org | success | 7 |')
  expect(code).toBe(0)
})

/** The card is on a branch, in a commit of its own that leaves the other file alone. */
function expectCard(branch: string): void {
  expect(demo.read(branch, '.vaunt/cards/contributors.svg')).toContain('>Mona </text>')
  expect(demo.read(branch, 'README.md')).toBe('# Demo\n')
  expect(demo.history(branch)).toHaveLength(2)
}

test.each(['contributors-card.yml', 'workflow-templates/vaunt-contributors-card.yml'])(
  '%s: the card is committed',
  async name => {
    sandbox.vaunt.model.settings.repositories.push('demo')
    const text = readFileSync(join(ROOT, 'examples', name), 'utf8')
    // GitHub puts a schedule in its place.
    const { code, log } = await runWorkflow(text.replace('$cron-daily', "'17 5 * * *'"), PATS.monaFineGrained.token)
    expect(log).toContain('::set-output:: changed=true')
    expect(code).toBe(0)
    expectCard('main')
  }
)

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const [README_CARD = ''] = /^on: .*\n(?:(?!```).*\n)*?.*contributors-card@v1\n(?:(?!```).*\n)*/m.exec(README) ?? []

test.each([
  ['the README', README_CARD],
  [
    'the reusable workflow',
    `on: workflow_dispatch
jobs:
  card:
    permissions: { contents: write, pull-requests: write }
    uses: -OWNER-/vaunt-token-action/.github/workflows/contributors-card.yml@v1
    with: { pull-request: true }
`
  ]
])('a public repository needs no PAT for a pull request with its card, by %s', async (_, workflow) => {
  sandbox.vaunt.model.settings.publicRepositories.push('Mona/demo')
  const { code, log } = await runWorkflow(workflow, 'ghp_LOUDFAKEunused')
  expect(log).toContain('::set-output:: changed=true')
  expect(code).toBe(0)
  expect(demo.pullRequests).toMatchObject([{ base: 'main', head: 'vaunt/contributors-card', state: 'open' }])
  expectCard('vaunt/contributors-card')
  expect(demo.history('main')).toHaveLength(1)
  expect(exchanges()).toEqual([])
})

describe('the workflow of the older action', () => {
  const [theirs = '', ours = ''] = ['theirs', 'ours'].map(name => {
    const page = readFileSync(join(ROOT, 'docs/from-vaunt-cards-action.md'), 'utf8')
    return new RegExp(`<!-- ${name} -->\n\n\`\`\`yaml\n([^]*?)\`\`\``).exec(page)?.[1] ?? ''
  })
  const USES = 'VauntDev/vaunt-cards-action@main'

  test('changed by the two words that the page names commits the card', async () => {
    expect(theirs).toContain(USES)
    const changed = theirs
      .replace(USES, '-OWNER-/vaunt-token-action/contributors-card@v1')
      .replace(/^( +)token:/m, '$1pat:')
    expect(changed).toBe(ours)
    sandbox.vaunt.model.settings.repositories.push('demo')
    expect((await runWorkflow(changed, PATS.monaFineGrained.token)).code).toBe(0)
    expectCard('main')
  })

  test('changed by the two words alone commits to the branch that is checked out, as theirs does', async () => {
    sandbox.vaunt.model.settings.repositories.push('demo')
    const changed = ours.replace('actions/checkout@v3', 'actions/checkout@v3\n        with: { ref: assets }')
    expect((await runWorkflow(changed, PATS.monaFineGrained.token)).code).toBe(0)
    expectCard('assets')
    expect(demo.history('main')).toHaveLength(1)
  })

  test('with a branch of its own: the input branch, whatever the checkout is on', async () => {
    sandbox.vaunt.model.settings.repositories.push('demo')
    const changed = ours
      .replace('actions/checkout@v3', 'actions/checkout@v3\n        with: { ref: assets }')
      .replace(/^( +)limit: 10$/m, '$1limit: 10\n$1branch: assets')
    expect((await runWorkflow(changed, PATS.monaFineGrained.token)).code).toBe(0)
    expectCard('assets')
    expect(demo.history('main')).toHaveLength(1)
  })
})

test('both steps in one job with the token step, without a checkout, leave the workspace as it was', async () => {
  sandbox.vaunt.model.settings.repositories.push('demo')
  const token = "token: '${{ steps.vaunt.outputs.token }}'"
  const { code, log } = await runWorkflow(
    `on: workflow_dispatch
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - { id: vaunt, uses: -OWNER-/vaunt-token-action@v1, with: { pat: '\${{ secrets.VAUNT_PAT }}' } }
      - { uses: -OWNER-/vaunt-token-action/contributors-card@v1, with: { ${token} } }
      - { id: report, uses: -OWNER-/vaunt-token-action/repositories-report@v1, with: { ${token} } }
      - run: echo "There are $COUNT, and here are" * .[!.]*
        env: { COUNT: '\${{ steps.report.outputs.count }}' }
`,
    PATS.monaFineGrained.token
  )
  // The workspace is as empty as it was: the patterns match nothing.
  expect(log).toContain('| There are 8, and here are * .[!.]*\n')
  expect(code).toBe(0)
  expectCard('main')
  expect(exchanges()).toHaveLength(1)
})

test('matrix.yml: a single entity has its row, too', async () => {
  const text = readFileSync(join(ROOT, 'examples/matrix.yml'), 'utf8').replace('[acme-labs, other-org, mona]', '[mona]')
  const { code, log } = await runWorkflow(text, PATS.monaFineGrained.token)
  expect(log).toContain('Summary - | Entity | Result | Repositories |\n| --- | --- | ---: |\n| mona | success | 7 |\n')
  expect(code).toBe(0)
})

test('the reusable workflows open a sealed token: one mint for the card and the report', async () => {
  sandbox.vaunt.model.settings.repositories.push('demo')
  const ours = '-OWNER-/vaunt-token-action/.github/workflows'
  const call = (name: string): string => `
    needs: token
    uses: ${ours}/${name}.yml@v1
    with: { sealed-token: '\${{ needs.token.outputs.sealed-token }}' }
    secrets: { VAUNT_SEAL_KEY: '\${{ secrets.VAUNT_SEAL_KEY }}' }`
  const { code, log } = await runWorkflow(
    `on: workflow_dispatch
jobs:
  token:
    uses: ${ours}/vaunt-token.yml@v1
    secrets: { VAUNT_PAT: '\${{ secrets.VAUNT_PAT }}', VAUNT_SEAL_KEY: '\${{ secrets.VAUNT_SEAL_KEY }}' }
  card:${call('contributors-card')}
  report:${call('repositories-report')}
`,
    PATS.monaFineGrained.token
  )
  expect(log.match(/Opened a sealed token for user Mona, verified as Mona\./g)).toHaveLength(2)
  expect(code).toBe(0)
  expectCard('main')
  expect(exchanges()).toHaveLength(1)
})

test('a reusable workflow stops where the server does not say where it comes from, and the PAT goes nowhere', async () => {
  const path = join(folder, 'action/.github/workflows/contributors-card.yml')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(PLACE[1], PLACE[0]).replace('ref: v1', 'ref:'))
  const text = readFileSync(join(ROOT, 'examples/workflow-templates/vaunt-contributors-card.yml'), 'utf8')
  const { code, log } = await runWorkflow(text.replace('$cron-daily', "'17 5 * * *'"), PATS.monaFineGrained.token)
  expect(code).not.toBe(0)
  expect(log).toContain('::set-output:: error-code=runner-files-unusable')
  expect([sandbox.github.requests, sandbox.vaunt.requests]).toEqual([[], []])
})

test.each([
  ['repositories-report.yml', 'repositories'],
  ['reusable-environment.yml', 'vaunt-repositories-acme-labs']
])('%s: a table and a file', async (name, artifact) => {
  const { code, log } = await runExample(name, PATS.monaForAcme.token)
  const { repositories } = sandbox.vaunt.model.settings
  expect(log).toContain(`| Vaunt lists ${repositories.length} repositories of Acme-Labs (4 private).`)
  expect(code).toBe(0)
  const file = join(folder, 'artifacts', artifact, 'repositories.json')
  expect(existsSync(file)).toBe(true)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ entity: 'Acme-Labs', count: repositories.length })
})

test('environment.yml: a token', async () => {
  expect((await runExample('environment.yml', PATS.monaFineGrained.token)).code).toBe(0)
  expect(exchanges()).toHaveLength(1)
})

test.each([
  ['our own branch', 'Mona/demo', 'Mona', 1],
  ['a fork', 'stranger/demo', 'stranger', 0],
  ['Dependabot', 'Mona/demo', 'dependabot[bot]', 0]
])('forks-and-dependabot.yml: a pull request from %s', async (_, repository, login, count) => {
  const payload = { pull_request: { number: 1, head: { repo: { full_name: repository } }, user: { login } } }
  const { code } = await runExample('forks-and-dependabot.yml', PATS.monaFineGrained.token, 'pull_request', payload)
  // Skipped is not failed.
  expect(code).toBe(0)
  expect(exchanges()).toHaveLength(count)
})
