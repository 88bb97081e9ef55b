// Proves how the step contributors-card pushes: to a real git server over TLS that redirects, refuses, breaks off, or is large. What it commits is contributors-card.test.ts's.

import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { PATS } from '../../sandbox/github.ts'
import type { StepResult } from '../../sandbox/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { commitIn, createRemote, writeHook } from '../support/git-repositories.ts'
import { startGitServer } from '../support/git-server.ts'
import type { GitServer } from '../support/git-server.ts'
import { message } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'

const ACTION = join(import.meta.dirname, '../../contributors-card/action.yml')
const PATH_IN_REPOSITORY = '.vaunt/cards/contributors.svg'
const PUSH_TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'
const BASIC = `Basic ${Buffer.from(`x-access-token:${PUSH_TOKEN}`).toString('base64')}`

const hasBackend = spawnSync('git', ['http-backend'], {
  env: { ...process.env, REQUEST_METHOD: 'GET' }
}).stdout.includes('Status:')
const withGit = process.platform !== 'win32' && hasBackend ? describe : describe.skip

withGit('the step contributors-card, pushing', () => {
  let sandbox: Sandbox
  let server: GitServer
  let other: GitServer
  let servers: string
  let temp: string
  let remote: string

  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.stop())
  beforeEach(async () => {
    sandbox.reset()
    servers = mkdtempSync(join(tmpdir(), 'git-server-'))
    temp = mkdtempSync(join(tmpdir(), 'runner-temp-'))
    remote = createRemote(servers, 'main')
    server = await startGitServer(servers, sandbox.certificates.server)
    other = await startGitServer(servers, sandbox.certificates.server)
  })
  afterEach(async () => {
    await Promise.all([server.stop(), other.stop()])
    rmSync(servers, { recursive: true, force: true })
    rmSync(temp, { recursive: true, force: true })
  })

  function commitCard(
    inputs: Record<string, string> = {},
    environment: Record<string, string | undefined> = {},
    event: Record<string, unknown> = {}
  ): Promise<StepResult> {
    return sandbox.runStep({
      actionFile: ACTION,
      with: { pat: PATS.monaForAcme.token, 'github-token': PUSH_TOKEN, ...inputs },
      github: { server_url: server.url, repository: 'Acme-Labs/anvil', repository_owner: 'Acme-Labs', event },
      environment: { RUNNER_TEMP: temp, GIT_SSL_CAINFO: sandbox.caFile, ...environment }
    })
  }

  const git = (...args: string[]): string => execFileSync('git', ['--git-dir', remote, ...args], { encoding: 'utf8' })
  const secrets = (): string[] => [PUSH_TOKEN, BASIC.slice(6), ...sandbox.vaunt.model.tokens]

  function expectFailure(result: StepResult, code: string, words: RegExp | string): void {
    expect([result.outputs, message(result)]).toEqual([{ 'error-code': code }, expect.stringMatching(words)])
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(result.exitCode).toBe(1)
    expect(git('rev-list', '--count', 'main')).toBe('1\n')
    expect(readdirSync(temp)).toEqual([])
    expectNoLeak(result, secrets())
  }

  /** Pushes are answered by the test; everything else by git. */
  function stagePushes(answer: (response: ServerResponse) => void, times = Infinity): void {
    let left = times
    server.stage = ({ path }, response) => {
      if (!path.includes('git-receive-pack') || left <= 0) return false
      left--
      answer(response)
      return true
    }
  }

  const refuse =
    (status: number, words = '') =>
    (response: ServerResponse): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(words)
    }

  test('attests, exchanges, and pushes with the token for the server', async () => {
    const result = await commitCard()
    expect(message(result)).toBe('')
    expect(result.outputs).toEqual({ changed: 'true', commit: git('rev-parse', 'main').trim() })
    expect(git('show', `main:${PATH_IN_REPOSITORY}`)).toContain('<title>Contributors of Acme-Labs/anvil</title>')
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(new Set([undefined, BASIC]))
    expectNoLeak(result, secrets())
    // The runner is told to mask the token to push with: it may come from anywhere.
    expect(result.masks).toContain(PUSH_TOKEN)
  })

  test('leaves the job as it was: no file, no setting, no checkout needed', async () => {
    const home = mkdtempSync(join(servers, 'home-'))
    const result = await commitCard({}, { HOME: home })
    expect(result.exitCode).toBe(0)
    expect(readdirSync(home)).toEqual([])
    expect(readdirSync(temp)).toEqual([])
    expect(result.files).toMatchObject({ env: '', path: '', state: '', summary: '' })
  })

  test.each([301, 302, 307, 308])(
    'a redirect (%d) to another host gets no authorization, and no push',
    async status => {
      server.stage = ({ path }, response) => {
        response.writeHead(status, { location: `${other.url}${path}` }).end()
        return true
      }
      expectFailure(await commitCard(), 'git-unavailable', /redirect/)
      expect(other.requests).toEqual([])
    }
  )

  test('a redirect of the push alone gets nothing, either', async () => {
    stagePushes(response => {
      response.writeHead(307, { location: `${other.url}/Acme-Labs/anvil/git-receive-pack` }).end()
    })
    expectFailure(await commitCard(), 'git-unavailable', /redirect/)
    expect(other.requests).toEqual([])
  })

  test.each([408, 429, 500, 502, 503])('status %d passes: the push is made again', async status => {
    stagePushes(refuse(status, '::set-output name=changed::false'), 2)
    const result = await commitCard()
    expect(message(result)).toBe('')
    expect(result.outputs).toMatchObject({ changed: 'true' })
    expect(result.log.filter(line => line.includes(`(git): HTTP ${status}; again in `))).toHaveLength(2)
    expect(result.commands.map(({ command }) => command)).not.toContain('set-output')
  })

  test('a connection that is cut passes as well', async () => {
    stagePushes(response => response.destroy(), 1)
    const result = await commitCard()
    expect(message(result)).toBe('')
    expect(result.outputs).toMatchObject({ changed: 'true' })
  })

  test('a server that stays out of order is told after some attempts', async () => {
    stagePushes(refuse(503))
    const result = await commitCard()
    expectFailure(
      result,
      'git-unavailable',
      /localhost:\d+, could not be used with git \(HTTP 503\)\..* \(6 attempts\)/
    )
  }, 60_000)

  test.each([
    [403, 'Permission to Acme-Labs/anvil.git denied to github-actions[bot].', 'push-forbidden', 'contents: write'],
    [403, 'Write access to repository not granted.', 'push-forbidden', 'contents: write'],
    [403, 'This repository was archived so it is read-only.', 'push-forbidden', 'is archived'],
    [403, '', 'push-forbidden', 'contents: write'],
    [401, 'Invalid username or token.', 'push-forbidden', 'has not expired'],
    // It was read before.
    [404, 'Repository not found.', 'push-forbidden', 'does not accept the token'],
    [
      403,
      'Your account is suspended.',
      'push-forbidden',
      /refused the access to Acme-Labs\/anvil\..*\(GitHub: "Your account/
    ],
    [418, '', 'git-unavailable', 'HTTP 418']
  ])('status %d with the words "%s" is told once, by its own remedy', async (status, words, code, remedy) => {
    stagePushes(refuse(status, words))
    const result = await commitCard()
    expectFailure(result, code, remedy)
    expect(server.requests.filter(({ path }) => path.includes('git-receive-pack')).length).toBeLessThanOrEqual(2)
  })

  test.each([
    [
      'remote: error: GH006: Protected branch update failed for refs/heads/main.',
      'the branch is protected',
      'branch without this rule'
    ],
    [
      'remote: error: GH013: Repository rule violations found for refs/heads/main.\n\n- Commits must have verified signatures.',
      'signed commits',
      'branch without this rule'
    ],
    [
      'GH006: Protected branch update failed\nChanges must be made through a pull request.',
      'by pull request only',
      'github-token'
    ],
    [
      'GH013: Repository rule violations found\n- Commit message must match a given regex pattern',
      "commit's message",
      'branch without'
    ],
    [
      'GH013: Repository rule violations found\n- Cannot create ref due to creations being restricted.',
      'make the branch',
      'by hand'
    ],
    ['GH013: Repository rule violations found\n- Push cannot contain secrets', 'a secret', 'alert'],
    ['Some rule of our own.', 'a hook of the server', 'words of the server'],
    ['', 'a hook of the server', 'branch']
  ])('a rule (%s) is told by its own words', async (said, what, remedy) => {
    writeHook(remote, 'pre-receive', `cat <<'END' >&2\n${said}\nEND\nexit 1`)
    const result = await commitCard()
    expectFailure(result, 'push-refused', what)
    expect(message(result)).toContain(remedy)
    // GitHub's own app can be let through by no rule.
    expect(message(result)).not.toMatch(/except GitHub Actions/i)
    expect(server.requests.filter(({ path }) => path.endsWith('/git-receive-pack')).length).toBeLessThanOrEqual(2)
  })

  test('a number in the name of a repository or a branch is no status', async () => {
    const renamed = join(servers, 'Acme-Labs', 'demo-403')
    execFileSync('git', ['clone', '--quiet', '--bare', remote, renamed])
    stagePushes(refuse(503), 1)
    const result = await commitCard(
      { branch: 'fix-404-403', repository: 'anvil' },
      { GITHUB_REPOSITORY: 'Acme-Labs/demo-403' }
    )
    expect(message(result)).toBe('')
    expect(result.outputs).toMatchObject({ changed: 'true' })
  })

  test('a branch in the way is told as that', async () => {
    git('branch', 'cards')
    expectFailure(await commitCard({ branch: 'cards/vaunt' }), 'push-refused', 'another branch is in the way')
  })

  test('refs/heads/x is the branch x', async () => {
    expect((await commitCard({ branch: 'refs/heads/assets' })).outputs).toMatchObject({ changed: 'true' })
    expect(git('for-each-ref', '--format=%(refname)').trim().split('\n')).toEqual([
      'refs/heads/assets',
      'refs/heads/main'
    ])
  })

  test('fetches the folders and not the files', async () => {
    const clone = join(servers, 'clone')
    execFileSync('git', ['clone', '--quiet', remote, clone])
    mkdirSync(join(clone, 'large'))
    // It cannot be packed to less.
    writeFileSync(join(clone, 'large/file'), randomBytes(8_000_000))
    writeFileSync(join(clone, '.gitattributes'), '*.txt text\n')
    commitIn(clone, 'Something large')
    execFileSync('git', ['push', '--quiet', 'origin', 'main'], { cwd: clone })
    const result = await commitCard()
    expect(message(result)).toBe('')
    expect(git('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual(
      expect.arrayContaining(['large/file', PATH_IN_REPOSITORY])
    )
    expect(server.sentBytes()).toBeLessThan(50_000)
  })

  test.each([
    ['*.svg filter=lfs diff=lfs merge=lfs -text', 'card-path-unusable'],
    ['.vaunt/** filter=lfs', 'card-path-unusable'],
    ['*.svg working-tree-encoding=UTF-16', 'card-path-unusable'],
    ['*.svg filter=lfs\n.vaunt/cards/*.svg -filter', undefined],
    ['*.svg text eol=crlf', undefined],
    ['* text=auto', undefined]
  ])('with the attributes %j every clone is clean, or nothing is committed', async (attributes, code) => {
    const clone = join(servers, 'clone')
    execFileSync('git', ['clone', '--quiet', remote, clone])
    writeFileSync(join(clone, '.gitattributes'), `${attributes}\n`)
    execFileSync('git', ['add', '--all'], { cwd: clone })
    commitIn(clone, 'Attributes')
    execFileSync('git', ['push', '--quiet', 'origin', 'HEAD:refs/heads/with'], { cwd: clone })
    sandbox.vaunt.stage(
      'GET /v1/github/entities/:entity/repositories/:repository/contributors',
      (_, response) => void response.end('<svg xmlns="http://www.w3.org/2000/svg">\r\n<g/>\r\n</svg>\r\n')
    )
    const result = await commitCard({ branch: 'with' })
    if (code !== undefined) {
      expectFailure(result, code, '.gitattributes')
      return
    }
    expect(message(result)).toBe('')
    const fresh = join(servers, 'fresh')
    execFileSync('git', ['clone', '--quiet', '--branch', 'with', remote, fresh])
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: fresh, encoding: 'utf8' })).toBe('')
    expect(readFileSync(join(fresh, PATH_IN_REPOSITORY), 'utf8')).toContain('<g/>')
  })

  test('names git when there is none', async () => {
    expectFailure(
      await commitCard({}, { PATH: temp }),
      'git-missing',
      /git could not be started on this runner \(ENOENT\)/
    )
  })

  test('has no token to push with: nothing is asked of the server', async () => {
    expectFailure(await commitCard({ 'github-token': '' }), 'push-forbidden', "'github-token' is empty")
    expect(server.requests).toEqual([])
  })

  test('takes a certificate that git does not trust for what it is', async () => {
    expectFailure(
      await commitCard({}, { GIT_SSL_CAINFO: undefined }),
      'git-unavailable',
      'git does not trust its certificate'
    )
    expect(server.requests).toEqual([])
  })

  test.each([
    ['sslVerify', (url: string) => `[http "${url}/Acme-Labs/anvil"]\n sslVerify = false\n`],
    [
      'insteadOf',
      (url: string, elsewhere: string) =>
        `[url "${elsewhere.replace('://', '://x-access-token:OTHER@')}/"]\n insteadOf = ${url}/\n pushInsteadOf = ${url}/\n`
    ],
    ['extraheader', (url: string) => `[http "${url}/"]\n extraheader = AUTHORIZATION: basic b3RoZXI6dG9rZW4=\n`],
    [
      'remote',
      (_: string, elsewhere: string) =>
        `[remote "origin"]\n url = ${elsewhere}/x\n pushurl = ${elsewhere}/x\n mirror = true\n`
    ],
    ['protocol', () => '[protocol]\n allow = never\n[color]\n ui = always\n[core]\n attributesFile = ~/attributes\n'],
    ['broken', () => '[core\n']
  ])("the runner's own setting %s changes nothing", async (name, settings) => {
    const home = mkdtempSync(join(servers, 'home-'))
    writeFileSync(join(home, '.gitconfig'), settings(server.url, other.url))
    writeFileSync(join(home, 'attributes'), '*.svg filter=lfs\n')
    if (name === 'sslVerify') {
      expectFailure(
        await commitCard({}, { HOME: home, GIT_SSL_CAINFO: undefined }),
        'git-unavailable',
        'does not trust'
      )
    } else {
      const result = await commitCard({}, { HOME: home })
      expect(message(result)).toBe('')
      expect(result.outputs).toMatchObject({ changed: 'true' })
    }
    expect(other.requests).toEqual([])
    expect(new Set(server.requests.map(({ authorization }) => authorization ?? BASIC))).toEqual(
      new Set(name === 'sslVerify' ? [] : [BASIC])
    )
  })

  test("the runner's certificates for git are honoured", async () => {
    const home = mkdtempSync(join(servers, 'home-'))
    writeFileSync(join(home, '.gitconfig'), `[http "${server.url}"]\n sslCAInfo = ${sandbox.caFile}\n`)
    const result = await commitCard({}, { HOME: home, GIT_SSL_CAINFO: undefined })
    expect(message(result)).toBe('')
  })

  test.each(['', 'main'])('a login page is no repository without a branch (branch %j)', async branch => {
    server.stage = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login')
      return true
    }
    expectFailure(await commitCard({ branch }), 'git-unavailable', "the answer is not git's")
  })

  test("gives git's helpers neither the PAT nor any other input", async () => {
    const home = mkdtempSync(join(servers, 'home-'))
    writeFileSync(
      join(home, '.gitconfig'),
      `[credential]\n  helper = "!env >'${servers}/seen'; true"\n[core]\n  hooksPath = ${servers}\n`
    )
    const result = await commitCard(
      {},
      { HOME: home, VAUNT_PAT: 'ghp_LOUDFAKEotherPAT', GIT_TRACE_CURL: join(servers, 'trace') }
    )
    expect(result.exitCode).toBe(0)
    // Helpers of the runner are not asked at all, and nothing is traced.
    expect(readdirSync(servers)).not.toContain('seen')
    expect(readdirSync(servers)).not.toContain('trace')
  })

  test.each([
    [{ private: false }, true],
    [{ private: true }, false],
    [{}, false]
  ])('warns when another repository goes public with it (%j: %p)', async (repository, isWarned) => {
    const warned = await commitCard({ repository: 'catapult' }, {}, { repository })
    expect(warned.annotations.map(({ level }) => level)).toEqual(isWarned ? ['warning'] : [])
    const own = await commitCard({}, {}, { repository })
    expect(own.annotations).toEqual([])
  })

  describe('the ways to a token', () => {
    const KEY = Buffer.alloc(32, 7).toString('base64')

    test('a sealed token and its key', async () => {
      const { outputs } = await sandbox.runStep({
        with: { pat: PATS.monaForAcme.token, entity: 'acme-labs', 'seal-key': KEY },
        github: { repository: 'Acme-Labs/anvil' }
      })
      sandbox.github.reset()
      const result = await commitCard({ pat: '', 'sealed-token': outputs['sealed-token'] ?? '', 'seal-key': KEY })
      expect(message(result)).toBe('')
      expect(result.outputs).toMatchObject({ changed: 'true' })
      expect(sandbox.github.requests).toEqual([])
      expectNoLeak(result, [KEY, ...secrets()])
    })

    test('VAUNT_PAT, when no input names a way', async () => {
      expect((await commitCard({ pat: '' }, { VAUNT_PAT: PATS.monaForAcme.token })).outputs).toMatchObject({
        changed: 'true'
      })
    })

    test('a PAT beside a key that is not needed, as for whoever passes on all secrets', async () => {
      expect((await commitCard({ 'seal-key': KEY })).outputs).toMatchObject({ changed: 'true' })
    })

    test.each([
      [{ token: 'a.b.c' }, /Inputs 'pat' and 'token' are set together/],
      [{ 'sealed-token': 'x', 'seal-key': KEY }, /Inputs 'pat' and 'sealed-token' are set together/],
      [
        { token: 'a.b.c', 'sealed-token': 'x', 'seal-key': KEY },
        /Inputs 'pat', 'token', and 'sealed-token' are set together/
      ]
    ])('two of them (%j) are an error, and nothing is sent', async (inputs, words) => {
      const result = await commitCard(inputs)
      expectFailure(result, 'token-ambiguous', words)
      expect(result.masks).toContain(PATS.monaForAcme.token)
      expect([...sandbox.github.requests, ...sandbox.vaunt.requests, ...server.requests]).toEqual([])
    })

    test.each([
      [{ pat: '' }, 'pat-missing', /No credential was provided/],
      [{ pat: '', 'seal-key': KEY }, 'sealed-token-missing', /Skip output/],
      [{ pat: ' ', 'seal-key': KEY }, 'sealed-token-missing', /Skip output/],
      [{ pat: '', 'sealed-token': 'x' }, 'seal-key-invalid', /'seal-key' is empty/],
      [{ pat: '', token: PATS.monaForAcme.token }, 'token-malformed', /Pass the PAT as 'pat'/]
    ])('%j is an error by its own code', async (inputs, code, words) => {
      expectFailure(await commitCard(inputs), code, words)
      expect(server.requests).toEqual([])
    })

    test('every input that is wrong is told in one run', async () => {
      const result = await commitCard({
        pat: 'a b',
        entity: 'a/b',
        limit: '0',
        path: 'x.png',
        branch: 'a..b',
        repository: '..'
      })
      expect(message(result)).toMatch(
        /^6 inputs are invalid\. Nothing was sent\. \(1\) 'pat': .*\(2\) 'entity': .*\(3\) 'repository': .*\(4\) 'limit': .*\(5\) 'path': .*\(6\) 'branch': /
      )
      expect(result.outputs).toEqual({ 'error-code': 'pat-malformed' })
    })

    test('a PAT that is rejected ends as in the token step', async () => {
      expectFailure(await commitCard({ pat: 'ghp_LOUDFAKEunknown' }), 'pat-rejected', 'GitHub rejected the PAT')
      expect([...sandbox.vaunt.requests, ...server.requests]).toEqual([])
    })
  })
})
