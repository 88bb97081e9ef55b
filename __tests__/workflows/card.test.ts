// Proves the step of contributors-card.yml that commits the card: run word for word in bash, against the sandbox's Vaunt, on a real git remote.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { answer, closeMidBody, endless, html, redirect } from '../../sandbox/answers.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Outcome, Workspace } from './steps.ts'
import { createWorkspace, findStep, inBash, readWorkflow, ROOT } from './steps.ts'

const CARD = 'GET /v1/github/entities/:entity/repositories/:repository/contributors'
const PATH_IN_REPOSITORY = '.vaunt/cards/contributors.svg'
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>A card</title></svg>\n'
const PUSH_TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'

inBash('the step that commits the card', () => {
  const step = findStep(readWorkflow('.github/workflows/contributors-card.yml'), 'card')
  let sandbox: Sandbox
  let token: string
  let workspace: Workspace
  let servers: string
  let remote: string

  beforeAll(async () => {
    sandbox = await startSandbox()
    token = await sandbox.vaunt.model.issueToken('Acme-Labs')
  })
  afterAll(() => sandbox.stop())
  beforeEach(() => {
    sandbox.reset()
    workspace = createWorkspace()
    servers = mkdtempSync(join(tmpdir(), 'git-server-'))
    remote = createRemote(servers, 'main')
  })
  afterEach(() => {
    workspace.remove()
    rmSync(servers, { recursive: true, force: true })
  })

  /** Runs the step with the inputs' defaults, but for what the test gives. */
  function commitCard(inputs: Record<string, string> = {}, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return workspace.run(
      step,
      {
        'steps.vaunt.outputs.entity': 'Acme-Labs',
        'inputs.repository': '',
        'inputs.limit': '10',
        'inputs.path': PATH_IN_REPOSITORY,
        'inputs.branch': '',
        'steps.vaunt.outputs.token': token,
        'inputs.vaunt-api-url': sandbox.vaunt.url,
        'github.token': PUSH_TOKEN,
        ...inputs
      },
      {
        CURL_CA_BUNDLE: sandbox.caFile,
        GITHUB_SERVER_URL: `file://${servers}`,
        GITHUB_REPOSITORY: 'Acme-Labs/anvil',
        GITHUB_RUN_ID: '4711',
        ...environment
      }
    )
  }

  const git = (...args: string[]): string => execFileSync('git', ['--git-dir', remote, ...args], { encoding: 'utf8' })
  const commits = (branch = 'main'): number => Number(git('rev-list', '--count', branch))
  const files = (branch = 'main'): string[] => git('ls-tree', '-r', '--name-only', branch).trim().split('\n')
  const card = (path = PATH_IN_REPOSITORY, branch = 'main'): string => git('show', `${branch}:${path}`)

  /** One clear line, nothing committed, nothing left behind. */
  function expectFailure(outcome: Outcome, words: RegExp | string): void {
    expect(outcome.log.trimEnd().split('\n')).toEqual([expect.stringMatching(/^::error::[^\n]+$/)])
    expect(outcome.log).toMatch(words)
    expect(outcome.code).toBe(1)
    expect(outcome.outputs).toEqual({})
    expect(commits()).toBe(1)
    expectNoTrace(outcome)
  }

  function expectNoTrace(outcome: Outcome): void {
    expect(outcome.log).not.toContain(token)
    expect(outcome.log).not.toContain(PUSH_TOKEN)
    expect(workspace.leftovers()).toEqual([])
  }

  test('commits a new card, and only the card', async () => {
    const outcome = await commitCard()
    expect(outcome).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    expect(outcome.log).toMatch(
      /^Committed the card to \.vaunt\/cards\/contributors\.svg on main \([0-9a-f]{12}\)\.\n$/
    )
    expectNoTrace(outcome)
    expect(commits()).toBe(2)
    expect(files()).toEqual([PATH_IN_REPOSITORY, 'README.md', 'script.sh'])
    expect(card()).toContain('<title>Contributors of Acme-Labs/anvil</title>')
    expect(git('log', '-1', '--format=%an <%ae>%n%B', 'main')).toBe(
      'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>\n' +
        'Update the contributors card of Acme-Labs/anvil\n\n' +
        `Made by Vaunt; committed by file://${servers}/Acme-Labs/anvil/actions/runs/4711\n\n`
    )
    // Modes of the other files are as they were.
    expect(git('ls-tree', 'main', 'script.sh')).toMatch(/^100755 /)
    expect(sandbox.vaunt.requests.map(({ path, headers }) => [path, headers['authorization']])).toEqual([
      ['/v1/github/entities/Acme-Labs/repositories/anvil/contributors?format=svg&limit=10', `Bearer ${token}`]
    ])
  })

  test('makes no commit when the card is the same, and one when it changed', async () => {
    await commitCard()
    const same = await commitCard()
    expect(same).toMatchObject({
      code: 0,
      outputs: { changed: 'false' },
      log: `The card at ${PATH_IN_REPOSITORY} on main is up to date.\n`
    })
    expect(commits()).toBe(2)

    sandbox.vaunt.model.settings.contributors.unshift('the-new-one')
    const changed = await commitCard()
    expect(changed).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    expect(commits()).toBe(3)
    expect(card()).toContain('the-new-one')
  })

  test('begins a branch that does not exist with the card alone, and goes on with it', async () => {
    expect(await commitCard({ 'inputs.branch': 'vaunt/cards' })).toMatchObject({
      code: 0,
      outputs: { changed: 'true' }
    })
    expect(files('vaunt/cards')).toEqual([PATH_IN_REPOSITORY])
    expect(commits('vaunt/cards')).toBe(1)
    expect(await commitCard({ 'inputs.branch': 'vaunt/cards' })).toMatchObject({ outputs: { changed: 'false' } })
    sandbox.vaunt.model.settings.contributors.pop()
    expect(await commitCard({ 'inputs.branch': 'vaunt/cards' })).toMatchObject({ outputs: { changed: 'true' } })
    expect(commits('vaunt/cards')).toBe(2)
    expect(commits()).toBe(1)
  })

  test('takes the default branch, whatever it is called', async () => {
    git('branch', '-m', 'main', 'trunk')
    git('symbolic-ref', 'HEAD', 'refs/heads/trunk')
    expect((await commitCard()).log).toContain(' on trunk (')
    expect(files('trunk')).toContain(PATH_IN_REPOSITORY)
  })

  test('puts the card at another path, also one with a space', async () => {
    expect(await commitCard({ 'inputs.path': 'docs/the card.svg', 'inputs.limit': '1' })).toMatchObject({ code: 0 })
    expect(card('docs/the card.svg')).not.toContain('hubot')
  })

  test('draws the card of another repository', async () => {
    expect(await commitCard({ 'inputs.repository': 'catapult' })).toMatchObject({
      code: 0,
      outputs: { changed: 'true' }
    })
    expect(card()).toContain('<title>Contributors of Acme-Labs/catapult</title>')
  })

  test('replaces a symbolic link instead of following it', async () => {
    const clone = join(servers, 'clone')
    execFileSync('git', ['clone', '--quiet', remote, clone])
    symlinkSync('README.md', join(clone, 'link.svg'))
    commitIn(clone, 'A link')
    execFileSync('git', ['push', '--quiet', 'origin', 'main'], { cwd: clone })
    expect(await commitCard({ 'inputs.path': 'link.svg' })).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    expect(git('ls-tree', 'main', 'link.svg')).toMatch(/^100644 /)
    expect(card('README.md')).toBe('# A repository\n')
  })

  test.each([
    ['white space before it, as Vaunt sends', `\n\t\n\t${SVG}`],
    [
      'an XML declaration, comments and a document type',
      `\uFEFF<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg>\n${SVG}`
    ],
    ['a large card', SVG.replace('A card', 'x'.repeat(4_000_000))]
  ])('takes an SVG with %s, byte for byte', async (_, body) => {
    sandbox.vaunt.stage(CARD, answer(200, body))
    expect(await commitCard()).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    const committed = execFileSync('git', ['--git-dir', remote, 'cat-file', 'blob', `main:${PATH_IN_REPOSITORY}`], {
      maxBuffer: 1e8
    })
    expect(committed.equals(Buffer.from(body))).toBe(true)
  })

  test.each([
    ['an HTML page', html()],
    ['an HTML page with an SVG in it', answer(200, `<!DOCTYPE html><html>${SVG}</html>`)],
    ['an HTML page without a document type', answer(200, `<html><body>${SVG}`)],
    ['JSON', answer(200, { data: SVG })],
    ['nothing', answer(200, '')],
    ['white space', answer(200, ' \n')],
    ['an SVG that breaks off', answer(200, SVG.slice(0, -8))],
    ['an SVG followed by something', answer(200, `${SVG}<script>`)],
    ['an element whose name only begins like it', answer(200, '<svgx></svg>')],
    ['a document type with entities', answer(200, `<!DOCTYPE svg [<!ENTITY a "&#60;">]>${SVG}`)]
  ])('refuses %s', async (_, body) => {
    sandbox.vaunt.stage(CARD, body)
    expectFailure(await commitCard(), 'something that is not an SVG')
  })

  test.each([
    [401, 'Vaunt refused /v1/github/entities/Acme-Labs/repositories/anvil/contributors (401)'],
    [403, 'Vaunt refused'],
    [404, 'Vaunt does not know'],
    [418, 'unexpected status 418'],
    [429, 'how often it may be asked'],
    [500, 'Vaunt is not available (500)'],
    [204, 'unexpected status 204']
  ])('tells of status %d in our own words', async (status, words) => {
    sandbox.vaunt.stageAlways(CARD, answer(status, status === 204 ? '' : `::set-output name=changed::true\n${token}`))
    const outcome = await commitCard()
    expectFailure(outcome, words)
    expect(outcome.log).not.toContain('set-output')
  })

  test('asks again when Vaunt is out of order for a moment', async () => {
    sandbox.vaunt.stage(CARD, answer(503, 'down'))
    expect(await commitCard()).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    expect(sandbox.vaunt.requests).toHaveLength(2)
  })

  test('does not follow a redirect, so the token stays', async () => {
    sandbox.vaunt.stageAlways(CARD, redirect(302, `${sandbox.github.url}/elsewhere`))
    expectFailure(await commitCard(), 'with a redirect (302)')
    expect(sandbox.github.requests).toEqual([])
  })

  test.each([
    ['breaks off', () => closeMidBody(), 'broke off (curl says 18)'],
    ['has no end', () => endless(), 'larger than 5242880 bytes']
  ])('refuses an answer that %s', async (_, body, words) => {
    sandbox.vaunt.stageAlways(CARD, body())
    expectFailure(await commitCard(), words)
  })

  test('tells of a certificate that is not trusted', async () => {
    expectFailure(await commitCard({}, { CURL_CA_BUNDLE: undefined }), /certificate of localhost:\d+ is not trusted/)
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test('tells of a Vaunt that cannot be reached', async () => {
    expectFailure(
      await commitCard({ 'inputs.vaunt-api-url': 'https://localhost:1' }),
      '(localhost:1) could not be reached'
    )
  })

  test('heeds no .curlrc', async () => {
    writeFileSync(join(workspace.temp, '.curlrc'), 'url = "https://localhost:1/other"\nverbose\n')
    const outcome = await commitCard()
    rmSync(join(workspace.temp, '.curlrc'))
    expect(outcome.code).toBe(0)
    expectNoTrace(outcome)
  })

  test('shows the token and the key to push with to no process', async () => {
    const tools = join(servers, 'tools')
    mkdirSync(tools)
    for (const tool of ['curl', 'git']) {
      const real = execFileSync('bash', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
      const wrapper = join(tools, tool)
      writeFileSync(wrapper, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >>'${servers}/seen'\nexec '${real}' "$@"\n`)
      chmodSync(wrapper, 0o755)
    }
    const outcome = await commitCard({}, { PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` })
    expect(outcome.code).toBe(0)
    const seen = readFileSync(join(servers, 'seen'), 'utf8')
    expect(seen).toContain('--max-time')
    expect(seen).toContain('push')
    expect(seen).not.toContain(token)
    expect(seen).not.toContain(PUSH_TOKEN)
  })

  test('puts the card on top of what somebody else pushed at the same moment', async () => {
    const clone = join(servers, 'rival')
    execFileSync('git', ['clone', '--quiet', remote, clone])
    writeFileSync(join(clone, 'rival.txt'), 'first\n')
    commitIn(clone, 'The rival')
    // The rival's push arrives while ours is being received, once.
    writeHook(
      remote,
      'pre-receive',
      `[ -e '${servers}/raced' ] && exit 0
       touch '${servers}/raced'
       unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_DIR
       git -C '${clone}' push --quiet origin main`
    )
    const outcome = await commitCard()
    expect(outcome).toMatchObject({ code: 0, outputs: { changed: 'true' } })
    expectNoTrace(outcome)
    expect(files()).toEqual([PATH_IN_REPOSITORY, 'README.md', 'rival.txt', 'script.sh'])
    expect(git('log', '--format=%s', 'main').trim().split('\n')).toEqual([
      'Update the contributors card of Acme-Labs/anvil',
      'The rival',
      'First'
    ])
  })

  test('four at once on one branch all succeed', async () => {
    const workspaces = Array.from({ length: 4 }, createWorkspace)
    try {
      const outcomes = await Promise.all(
        workspaces.map(async (_, index) => commitCard({ 'inputs.path': `card-${index}.svg` }))
      )
      expect(outcomes.map(({ code, log }) => [code, log.startsWith('Committed')])).toEqual(Array(4).fill([0, true]))
      expect(commits()).toBe(5)
      expect(files()).toEqual(expect.arrayContaining(['card-0.svg', 'card-1.svg', 'card-2.svg', 'card-3.svg']))
      // One after the other: no merge.
      expect(git('rev-list', '--merges', 'main')).toBe('')
    } finally {
      for (const one of workspaces) one.remove()
    }
  })

  test('gives up when others always come first', async () => {
    writeHook(
      remote,
      'pre-receive',
      `unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
       tree=$(git rev-parse 'main^{tree}')
       new=$(git -c user.name=r -c user.email=r@sandbox.test commit-tree "$tree" -p main -m again)
       git update-ref refs/heads/main "$new"`
    )
    const outcome = await commitCard()
    expect(outcome.log).toBe(
      '::error::Others pushed to main 5 times while the card was being committed. Run the workflow again.\n'
    )
    expect(outcome.code).toBe(1)
    expect(files()).not.toContain(PATH_IN_REPOSITORY)
    expectNoTrace(outcome)
  })

  test.each([
    ['error: GH006: Protected branch update failed for refs/heads/main.', 'The branch main is protected'],
    ['remote: Permission to Acme-Labs/anvil.git denied to github-actions[bot].', 'permission contents: write'],
    ['::set-output name=changed::true', 'was refused, though nobody else pushed']
  ])('tells of a refused push (%s) in our own words', async (said, words) => {
    writeHook(remote, 'pre-receive', `echo '${said}'; exit 1`)
    const outcome = await commitCard()
    expectFailure(outcome, words)
    expect(outcome.log).not.toContain(said)
  })

  test('tells of a repository that cannot be read', async () => {
    expectFailure(
      await commitCard({ 'inputs.repository': 'anvil' }, { GITHUB_REPOSITORY: 'Acme-Labs/gone' }),
      'The repository could not be read'
    )
  })

  test('asks for a branch when there is none yet, and takes it', async () => {
    rmSync(remote, { recursive: true })
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
    const outcome = await commitCard()
    expect(outcome).toMatchObject({ code: 1 })
    expect(outcome.log).toMatch(/^::error::The repository has no default branch yet\. .+\n$/)
    expect(await commitCard({ 'inputs.branch': 'main' })).toMatchObject({ code: 0 })
    expect(files()).toEqual([PATH_IN_REPOSITORY])
  })

  test.each(['README.md/card.svg', 'folder.svg'])(
    'refuses the path %s, which the branch has other things at',
    async path => {
      const clone = join(servers, 'clone')
      execFileSync('git', ['clone', '--quiet', remote, clone])
      mkdirSync(join(clone, 'folder.svg'))
      writeFileSync(join(clone, 'folder.svg', 'a'), '')
      writeFileSync(join(clone, 'README.md'), '# A repository\n')
      commitIn(clone, 'A folder')
      execFileSync('git', ['push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/other'], { cwd: clone })
      expectFailure(
        await commitCard({ 'inputs.path': path, 'inputs.branch': 'other' }),
        `The card cannot be put at ${path}`
      )
    }
  )

  test.each(
    Object.entries({
      'inputs.limit': ['0', '101', '1.5', '-1', '1e2', '010', 'ten', '', '1 0', '10\n20'],
      'inputs.path': [
        ...['', '/card.svg', '../card.svg', 'a/../card.svg', 'a//card.svg', './card.svg', 'card.png', 'a\\card.svg'],
        ...[
          '.git/card.svg',
          'a/.GIT/card.svg',
          'a\ncard.svg',
          'C:card.svg',
          '##[group]card.svg',
          'card.svg/',
          'a.svg\r'
        ]
      ],
      'inputs.branch': ['a..b', 'a b', '/a', 'a/', 'a.lock', 'a~1', 'a:b', 'a\nb', '@{-1}', '.a', 'a[b'],
      'steps.vaunt.outputs.entity': ['', '..', 'a/b', '-a', 'a'.repeat(40), 'a\nb'],
      'inputs.repository': ['.', '..', 'a/b', 'a b', 'a?b', 'a\nb', 'a'.repeat(101)]
    }).flatMap(([name, values]) => values.map(value => ({ name, value })))
  )('refuses $name $value before anything is sent', async ({ name, value }) => {
    expectFailure(await commitCard({ [name]: value }), /The input (?:limit|path|branch|entity|repository) /)
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test.each(['', 'null', 'a.b', 'a.b.c"\nurl = "https://localhost:1', 'a.b.c d'])(
    'refuses the token %j before anything is sent',
    async bad => {
      expectFailure(await commitCard({ 'steps.vaunt.outputs.token': bad }), 'There is no Vaunt token')
      expect(sandbox.vaunt.requests).toEqual([])
    }
  )

  test.each([
    'http://localhost:1',
    'https://user:pw@localhost:1',
    'https://localhost:1/?a',
    'https://localhost:1/#a',
    'localhost',
    'https://a b'
  ])('refuses the address %s', async url => {
    expectFailure(await commitCard({ 'inputs.vaunt-api-url': url }), 'address of the Vaunt API')
  })
})

/** A bare repository Acme-Labs/anvil with one commit. */
function createRemote(servers: string, branch: string): string {
  const seed = join(servers, 'seed')
  mkdirSync(seed)
  execFileSync('git', ['init', '--quiet', `--initial-branch=${branch}`, seed])
  writeFileSync(join(seed, 'README.md'), '# A repository\n')
  writeFileSync(join(seed, 'script.sh'), '#!/bin/sh\n', { mode: 0o755 })
  commitIn(seed, 'First')
  const remote = join(servers, 'Acme-Labs', 'anvil')
  execFileSync('git', ['clone', '--quiet', '--bare', seed, remote])
  return remote
}

function commitIn(repository: string, message: string): void {
  const author = ['-c', 'user.name=Sandbox', '-c', 'user.email=sandbox@sandbox.test', '-c', 'commit.gpgSign=false']
  execFileSync('git', ['add', '--all'], { cwd: repository })
  execFileSync('git', [...author, 'commit', '--quiet', '--message', message], { cwd: repository })
}

function writeHook(remote: string, name: string, body: string): void {
  mkdirSync(join(remote, 'hooks'), { recursive: true })
  const hook = join(remote, 'hooks', name)
  writeFileSync(hook, `#!/bin/sh\n${body}\n`)
  chmodSync(hook, 0o755)
}

test('the step runs the script that the tests of this file run', () => {
  const { run } = findStep(readWorkflow('.github/workflows/contributors-card.yml'), 'card')
  expect(run).toBe('bash .vaunt-token-action/scripts/contributors-card.sh')
  expect(readFileSync(join(ROOT, 'scripts/contributors-card.sh'), 'utf8')).toMatch(/^#!\/usr\/bin\/env bash\n/)
})
