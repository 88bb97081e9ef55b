// Proves the step contributors-card as a whole: the built file in a child process, against the sandbox's Vaunt, on a real git remote.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { answer, closeMidBody, endless, html, redirect } from '../../sandbox/answers.ts'
import type { StepResult } from '../../sandbox/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { commitIn, createRemote, writeHook } from '../support/git-repositories.ts'
import { message } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'

const ACTION = join(import.meta.dirname, '../../contributors-card/action.yml')
const CARD = 'GET /v1/github/entities/:entity/repositories/:repository/contributors'
const PATH_IN_REPOSITORY = '.vaunt/cards/contributors.svg'
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>A card</title></svg>\n'
const PUSH_TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'

/** Skipped where there is no git: the tests as a whole need nothing but Node and npm. The hooks of the remotes are sh. */
const withGit = process.platform !== 'win32' && spawnSync('git', ['--version']).status === 0 ? describe : describe.skip

withGit('the step contributors-card', () => {
  let sandbox: Sandbox
  let token: string
  let servers: string
  let temp: string
  let remote: string

  beforeAll(async () => {
    sandbox = await startSandbox()
    token = await sandbox.vaunt.model.issueToken('Acme-Labs')
  })
  afterAll(() => sandbox.stop())
  beforeEach(() => {
    sandbox.reset()
    servers = mkdtempSync(join(tmpdir(), 'git-server-'))
    temp = mkdtempSync(join(tmpdir(), 'runner-temp-'))
    remote = createRemote(servers, 'main')
  })
  afterEach(() => {
    rmSync(servers, { recursive: true, force: true })
    rmSync(temp, { recursive: true, force: true })
  })

  /** Runs the step with a token and the inputs' defaults, but for what the test gives. */
  function commitCard(
    inputs: Record<string, string> = {},
    environment: Record<string, string | undefined> = {}
  ): Promise<StepResult> {
    return sandbox.runStep({
      actionFile: ACTION,
      with: { token, entity: 'Acme-Labs', 'github-token': PUSH_TOKEN, ...inputs },
      github: { server_url: `file://${servers}`, repository: 'Acme-Labs/anvil', repository_owner: 'Acme-Labs' },
      environment: { RUNNER_TEMP: temp, ...environment }
    })
  }

  const git = (...args: string[]): string => execFileSync('git', ['--git-dir', remote, ...args], { encoding: 'utf8' })
  const commits = (branch = 'main'): number => Number(git('rev-list', '--count', branch))
  const files = (branch = 'main'): string[] => git('ls-tree', '-r', '--name-only', branch).trim().split('\n')
  const card = (path = PATH_IN_REPOSITORY, branch = 'main'): string => git('show', `${branch}:${path}`)

  /** One clear line, nothing committed, nothing left behind. */
  function expectFailure(result: StepResult, code: string, words: RegExp | string): void {
    expect([result.outputs, message(result)]).toEqual([{ 'error-code': code }, expect.stringMatching(words)])
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(result.exitCode).toBe(1)
    expect(commits()).toBe(1)
    expectNoTrace(result)
  }

  function expectNoTrace(result: StepResult): void {
    expectNoLeak(result, [token, PUSH_TOKEN])
    expect(result.stderr).toBe('')
    expect(readdirSync(temp)).toEqual([])
  }

  test.each([
    ['ref: refs/heads/assets\n', 'Acme-Labs/anvil', {}, 'assets'],
    ['ref: refs/heads/assets\n', 'acme-labs/anvil.git', {}, 'assets'],
    ['ref: refs/heads/assets\n', 'Acme-Labs/other', {}, 'main'],
    ['ref: refs/heads/assets\n', 'x-Acme-Labs/anvil', {}, 'main'],
    ['ref: refs/heads/main\n', 'Acme-Labs/anvil', {}, 'main'],
    ['ref: refs/heads/assets\n', 'Acme-Labs/anvil', { branch: 'main' }, 'main'],
    ['ref: refs/heads/../x\n', 'Acme-Labs/anvil', {}, 'main'],
    [`${'a'.repeat(40)}\n`, 'Acme-Labs/anvil', {}, 'main']
  ])('a checkout with the HEAD %j of %s, inputs %j: the card is on %s', async (head, repository, inputs, branch) => {
    const folder = join(temp, 'workspace', '.git')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'HEAD'), head)
    writeFileSync(join(folder, 'config'), `[remote "origin"]\n\turl = https://github.com/${repository}\n`)
    const result = await commitCard(inputs, { GITHUB_WORKSPACE: join(temp, 'workspace') })
    expect(result.exitCode).toBe(0)
    expect(result.annotations).toEqual([])
    expect(result.log.join()).toContain(` on ${branch} (`)
    expect(git('ls-tree', '-r', '--name-only', branch)).toContain(PATH_IN_REPOSITORY)
    expect(readdirSync(join(temp, 'workspace'))).toEqual(['.git'])
  })

  test('commits a new card, and only the card', async () => {
    const result = await commitCard()
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.outputs).toEqual({ changed: 'true', commit: git('rev-parse', 'main').trim() })
    expect(result.log).toEqual([
      expect.stringMatching(/^Committed the card to \.vaunt\/cards\/contributors\.svg on main \([0-9a-f]{12}\)\.$/)
    ])
    expectNoTrace(result)
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
      exitCode: 0,
      outputs: { changed: 'false' },
      log: [`The card at ${PATH_IN_REPOSITORY} on main is up to date.`]
    })
    expect(same.outputs).toEqual({ changed: 'false' })
    expect(commits()).toBe(2)

    sandbox.vaunt.model.settings.contributors.unshift('the-new-one')
    const changed = await commitCard()
    expect(changed).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } })
    expect(commits()).toBe(3)
    expect(card()).toContain('the-new-one')
  })

  test('begins a branch that does not exist with the card alone, and goes on with it', async () => {
    expect(await commitCard({ branch: 'vaunt/cards' })).toMatchObject({
      exitCode: 0,
      outputs: { changed: 'true' }
    })
    expect(files('vaunt/cards')).toEqual([PATH_IN_REPOSITORY])
    expect(commits('vaunt/cards')).toBe(1)
    expect(await commitCard({ branch: 'vaunt/cards' })).toMatchObject({ outputs: { changed: 'false' } })
    sandbox.vaunt.model.settings.contributors.pop()
    expect(await commitCard({ branch: 'vaunt/cards' })).toMatchObject({ outputs: { changed: 'true' } })
    expect(commits('vaunt/cards')).toBe(2)
    expect(commits()).toBe(1)
  })

  test('takes the default branch, whatever it is called', async () => {
    git('branch', '-m', 'main', 'trunk')
    git('symbolic-ref', 'HEAD', 'refs/heads/trunk')
    expect((await commitCard()).log.join()).toContain(' on trunk (')
    expect(files('trunk')).toContain(PATH_IN_REPOSITORY)
  })

  test('puts the card at another path, also one with a space', async () => {
    expect(await commitCard({ path: 'docs/the card.svg', limit: '1' })).toMatchObject({ exitCode: 0 })
    expect(card('docs/the card.svg')).not.toContain('hubot')
  })

  test('draws the card of another repository', async () => {
    expect(await commitCard({ repository: 'catapult' })).toMatchObject({
      exitCode: 0,
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
    expect(await commitCard({ path: 'link.svg' })).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } })
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
    expect(await commitCard()).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } })
    const committed = execFileSync('git', ['--git-dir', remote, 'cat-file', 'blob', `main:${PATH_IN_REPOSITORY}`], {
      maxBuffer: 1e8
    })
    // The client has dropped a byte-order mark, as it does in every answer.
    expect(committed.equals(Buffer.from(body.replace(/^\uFEFF/, '')))).toBe(true)
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
    expectFailure(await commitCard(), 'card-unsafe', 'something that is not an SVG')
  })

  test.each([
    [401, 'vaunt-refused', 'Vaunt refused the request for the contributors card of Acme-Labs/anvil (HTTP 401)'],
    [403, 'vaunt-refused', 'Vaunt refused'],
    [404, 'vaunt-entity-unknown', 'Vaunt has no repository named Acme-Labs/anvil (HTTP 404)'],
    [418, 'vaunt-unexpected', 'HTTP 418'],
    [429, 'vaunt-rate-limited', 'limiting requests'],
    [500, 'vaunt-unavailable', 'Vaunt is unavailable (HTTP 500)'],
    [204, 'vaunt-unexpected', 'HTTP 204']
  ])('tells of status %d in our own words', async (status, code, words) => {
    const said = { error: { message: `::set-output name=changed::true\n${token}`, code: 0 } }
    // A wait that does not fit: it is told at once.
    sandbox.vaunt.stageAlways(
      CARD,
      answer(status, status === 204 ? '' : said, status < 429 ? {} : { 'retry-after': '3600' })
    )
    const result = await commitCard()
    expectFailure(result, code, words.replace(/[()]/g, '\\$&'))
    expect(result.commands.map(({ command }) => command)).not.toContain('set-output')
  })

  test('asks again when Vaunt is out of order for a moment', async () => {
    sandbox.vaunt.stage(CARD, answer(503, 'down'))
    expect(await commitCard()).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } })
    expect(sandbox.vaunt.requests).toHaveLength(2)
  })

  test('does not follow a redirect, so the token stays', async () => {
    sandbox.vaunt.stageAlways(CARD, redirect(302, `${sandbox.github.url}/elsewhere`))
    expectFailure(await commitCard(), 'vaunt-unexpected', /redirected the request .*\(HTTP 302\)/)
    expect(sandbox.github.requests).toEqual([])
  })

  test('refuses an answer that breaks off, after three attempts', async () => {
    sandbox.vaunt.stageAlways(CARD, closeMidBody())
    expectFailure(await commitCard(), 'vaunt-unavailable', 'the connection closed before the complete response arrived')
    expect(sandbox.vaunt.requests).toHaveLength(3)
  }, 30_000)

  test('refuses an answer that has no end', async () => {
    sandbox.vaunt.stageAlways(CARD, endless())
    expectFailure(await commitCard(), 'vaunt-unexpected', 'Vaunt sent a response of more than 5 MiB')
  })

  test('tells of a certificate that is not trusted', async () => {
    const result = await commitCard({}, { NODE_EXTRA_CA_CERTS: undefined })
    expectFailure(
      result,
      'tls-untrusted',
      /certificate of localhost:\d+ isn't signed by a CA that this runner trusts/
    )
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test('tells of a Vaunt that cannot be reached', async () => {
    const result = await commitCard({ 'vaunt-api-url': 'https://localhost:1' })
    expectFailure(result, 'vaunt-unavailable', /Vaunt at localhost:1 failed: .* \(ECONNREFUSED\)/)
  }, 30_000)

  test('shows the token and the key to push with to no process', async () => {
    const tools = join(servers, 'tools')
    mkdirSync(tools)
    for (const tool of ['git', 'sh']) {
      const real = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
      const wrapper = join(tools, tool)
      writeFileSync(wrapper, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" >>'${servers}/seen'\nexec '${real}' "$@"\n`)
      chmodSync(wrapper, 0o755)
    }
    const result = await commitCard({}, { PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` })
    expect(result.exitCode).toBe(0)
    const seen = readFileSync(join(servers, 'seen'), 'utf8')
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
    const result = await commitCard()
    expect(result).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } })
    expectNoTrace(result)
    expect(files()).toEqual([PATH_IN_REPOSITORY, 'README.md', 'rival.txt', 'script.sh'])
    expect(git('log', '--format=%s', 'main').trim().split('\n')).toEqual([
      'Update the contributors card of Acme-Labs/anvil',
      'The rival',
      'First'
    ])
  })

  test('eight at once on one branch all succeed', async () => {
    const numbers = Array.from({ length: 8 }, (_, index) => index)
    const results = await Promise.all(numbers.map(index => commitCard({ path: `card-${index}.svg` })))
    expect(results.map(({ exitCode, log }) => [exitCode, log.at(-1)?.startsWith('Committed')])).toEqual(
      numbers.map(() => [0, true])
    )
    expect(commits()).toBe(9)
    expect(files()).toEqual(expect.arrayContaining(numbers.map(index => `card-${index}.svg`)))
    // One after the other: no merge.
    expect(git('rev-list', '--merges', 'main')).toBe('')
  }, 120_000)

  test.each([
    ['error: GH006: Protected branch update failed for refs/heads/main.', 'push-refused', 'the branch is protected'],
    ['remote: Permission to Acme-Labs/anvil.git denied to github-actions[bot].', 'push-forbidden', 'contents: write'],
    ['::set-output name=changed::true', 'push-refused', 'a hook of the server']
  ])('tells of a refused push (%s)', async (said, code, words) => {
    writeHook(remote, 'pre-receive', `echo '${said}'; exit 1`)
    const result = await commitCard()
    expectFailure(result, code, words)
    // The server's words are there, and are no command.
    expect(message(result)).toContain(`GitHub: "${said.replace('remote: ', 'remote: ').replaceAll('::', ': :')}"`)
    expect(result.commands.map(({ command }) => command)).not.toContain('set-output')
  })

  test('tells of a repository that cannot be read', async () => {
    const result = await commitCard({ repository: 'anvil' }, { GITHUB_REPOSITORY: 'Acme-Labs/gone' })
    expectFailure(result, 'push-forbidden', 'does not let this job read Acme-Labs/gone')
  })

  test('asks for a branch when there is none yet, and takes it', async () => {
    rmSync(remote, { recursive: true })
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
    const result = await commitCard()
    expect(result).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'push-forbidden' } })
    expect(message(result)).toContain('The repository Acme-Labs/anvil has no default branch yet.')
    expect(await commitCard({ branch: 'main' })).toMatchObject({ exitCode: 0 })
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
      const result = await commitCard({ path, branch: 'other' })
      expectFailure(result, 'card-path-unusable', `The card cannot be put at ${path}`)
    }
  )

  test.each(
    Object.entries({
      limit: ['0', '101', '1.5', '-1', '1e2', '010', 'ten', '1 0', '10\n20'],
      path: [
        ...['/card.svg', '../card.svg', 'a/../card.svg', 'a//card.svg', './card.svg', 'card.png', 'a\\card.svg'],
        ...[
          '.git/card.svg',
          'a/.GIT/card.svg',
          'a\ncard.svg',
          'C:card.svg',
          '##[group]card.svg',
          'card.svg/',
          'a\r.svg'
        ]
      ],
      branch: ['a..b', 'a b', '/a', 'a/', 'a.lock', 'a~1', 'a:b', 'a\nb', '@{-1}', '.a', 'a[b'],
      entity: ['..', 'a/b', '-a', 'a'.repeat(40), 'a\nb'],
      repository: ['.', '..', 'a/b', 'a b', 'a?b', 'a\nb', 'a'.repeat(101)]
    }).flatMap(([name, values]) => values.map(value => ({ name, value })))
  )('refuses $name $value before anything is sent', async ({ name, value }) => {
    const result = await commitCard({ [name]: value })
    const code = name === 'entity' ? 'entity-invalid' : 'step-input-invalid'
    expectFailure(result, code, `Input '${name}' is `)
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test.each(['null', 'a.b', 'a.b.c"\nurl = "https://localhost:1', 'a.b.c d', 'a.b.c'])(
    'refuses the token %j before anything is sent',
    async bad => {
      expectFailure(await commitCard({ token: bad }), 'token-malformed', "isn't a Vaunt token")
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
    expectFailure(await commitCard({ 'vaunt-api-url': url }), 'url-invalid', "Input 'vaunt-api-url'")
  })
})
