// Proves how git is started and what its failures mean: a stand-in called git says what the real one was seen to say. The real one pushes in __tests__/program/contributors-card-push.test.ts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Git, GitError } from '../../src/card/git.ts'
import type { GitFault } from '../../src/card/git.ts'
import { failureOf } from '../support/failures.ts'

const TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'
/** Whether a process still runs; one that only waits to be collected does not. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The stand-in is a script of sh. */
const onPosix = process.platform === 'win32' ? describe.skip : describe

onPosix('git', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'git-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** Puts a git on the PATH that makes its repository, and then does what the script says. */
  async function gitThat(script: string, environment: Record<string, string> = {}, deadlineMs = 20_000): Promise<Git> {
    writeFileSync(
      join(folder, 'git'),
      `#!/bin/sh\nfor each in "$@"; do case $each in init | remote) exit 0 ;; esac; done\n${script}\n`,
      { mode: 0o755 }
    )
    return Git.create({
      environment: { PATH: [folder, process.env['PATH'] ?? ''].join(delimiter), ...environment },
      folder,
      server: 'https://github.com',
      repository: 'Acme-Labs/anvil',
      token: TOKEN,
      deadlineMs
    })
  }

  async function faultOf(args: readonly string[], stdout: string, stderr: string, code = 128): Promise<GitError> {
    writeFileSync(join(folder, 'out'), stdout)
    writeFileSync(join(folder, 'err'), stderr)
    const git = await gitThat(`cat '${folder}/out'; cat '${folder}/err' >&2; exit ${code}`)
    const error: unknown = await git.run(args).catch((thrown: unknown) => thrown)
    if (!(error instanceof GitError)) throw new Error('git did not fail')
    return error
  }

  test('gives back what the command prints, and hands it its input', async () => {
    const git = await gitThat('cat; exit 0')
    expect(await git.run(['hash-object', '--stdin'], 'a card\n')).toBe('a card\n')
  })

  test('keeps the token out of the command line, and the inputs and secrets of the step out of its environment', async () => {
    const git = await gitThat(`printf '%s\\n' "$@" >'${folder}/args'; env >'${folder}/env'`, {
      INPUT_PAT: 'ghp_LOUDFAKE',
      VAUNT_PAT: 'ghp_LOUDFAKE',
      ACTIONS_RUNTIME_TOKEN: 'LOUDFAKE',
      GIT_DIR: '/elsewhere',
      GIT_TRACE_CURL: '1',
      GIT_SSL_NO_VERIFY: '1',
      GIT_SSL_CAINFO: '/company.pem',
      HTTPS_PROXY: 'http://proxy.example:3128'
    })
    await git.run(['push', 'origin', 'main'])
    const [args, environment] = ['args', 'env'].map(name => readFileSync(join(folder, name), 'utf8'))
    expect(args).not.toContain('LOUDFAKE')
    expect(environment?.match(/.*LOUDFAKE.*/g)).toEqual([`VAUNT_PUSH_TOKEN=${TOKEN}`])
    expect(environment).not.toMatch(/GIT_TRACE_CURL|GIT_SSL_NO_VERIFY|elsewhere/)
    expect(environment).toMatch(/^GIT_SSL_CAINFO=\/company\.pem$/m)
    expect(environment).toMatch(/^HTTPS_PROXY=http:\/\/proxy\.example:3128$/m)
    expect(environment).toMatch(/^LC_ALL=C$/m)
    for (const setting of [
      'http.https://github.com.followRedirects=false',
      'http.https://github.com.sslVerify=true',
      'credential.helper=',
      'core.hooksPath=/dev/null'
    ]) {
      expect(args?.split('\n')).toContain(setting)
    }
  })

  test('is started with these settings, in this order, and with nothing of the runner that would change what it does', async () => {
    const git = await gitThat(`printf '%s\\n' "$@" >'${folder}/args'; env >'${folder}/env'`, {
      MY_INPUT_: 'kept',
      GIT_EXEC_PATH: '/git/libexec',
      GIT_EXEC_PATH_X: 'dropped'
    })
    await git.run(['status'])
    const [args = [], environment = []] = ['args', 'env'].map(name =>
      readFileSync(join(folder, name), 'utf8').split('\n')
    )
    const settings = args.filter((_, index) => args[index - 1] === '-c')
    expect(args.slice(0, 2 * settings.length).filter((_, index) => index % 2 === 0)).toEqual(settings.map(() => '-c'))
    expect(settings).toEqual([
      'credential.helper=',
      'credential.https://github.com.helper=',
      expect.stringMatching(
        /^credential\.https:\/\/github\.com\.helper=!f\(\) \{ test "\$1" = get \|\| exit 0; .*"\$VAUNT_PUSH_TOKEN"; \}; f$/
      ),
      'core.askPass=',
      'http.https://github.com.followRedirects=false',
      'http.followRedirects=false',
      'http.https://github.com.sslVerify=true',
      'http.sslVerify=true',
      'core.hooksPath=/dev/null',
      'commit.gpgSign=false',
      'push.gpgSign=false',
      'core.fsmonitor=false',
      'gc.auto=0',
      'maintenance.auto=false',
      'core.autocrlf=false',
      'protocol.ext.allow=never'
    ])
    expect(args.slice(2 * settings.length)).toEqual(['status', ''])
    expect(environment.filter(line => /^(?:GIT_|MY_|LC_ALL|LANGUAGE)/.test(line)).sort()).toEqual([
      'GIT_ATTR_NOSYSTEM=1',
      'GIT_AUTHOR_EMAIL=41898282+github-actions[bot]@users.noreply.github.com',
      'GIT_AUTHOR_NAME=github-actions[bot]',
      'GIT_COMMITTER_EMAIL=41898282+github-actions[bot]@users.noreply.github.com',
      'GIT_COMMITTER_NAME=github-actions[bot]',
      'GIT_CONFIG_NOSYSTEM=1',
      `GIT_DIR=${folder}/card.git`,
      'GIT_EXEC_PATH=/git/libexec',
      `GIT_INDEX_FILE=${folder}/index`,
      'GIT_TERMINAL_PROMPT=0',
      'LANGUAGE=C',
      'LC_ALL=C',
      'MY_INPUT_=kept'
    ])
  })

  test('takes over the proxy and the certificates of the runner, and no other setting', async () => {
    const settings = ['proxy\\nhttp://u:LOUDFAKE@p:1', 'sslcainfo\\n/company.pem', 'sslbackend\\nschannel']
    const unwanted = ['sslverify\\nfalse', 'extraheader\\nAuthorization: x', 'followredirects\\ntrue', 'cookiefile\\nx']
    const listed = [...settings, ...unwanted].map(each => `http.${each}\\0`).join('')
    const git = await gitThat(
      `case "$*" in *get-urlmatch*) printf '${listed}' ;; *) printf '%s\\n' "$@" >'${folder}/args'; env >'${folder}/env' ;; esac`,
      {
        HOME: '/home/runner',
        XDG_CONFIG_HOME: '/home/runner/.config',
        ALL_PROXY: 'http://elsewhere',
        all_proxy: 'http://elsewhere',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.sslVerify',
        GIT_CONFIG_VALUE_0: 'false',
        GIT_CONFIG_GLOBAL: '/elsewhere',
        GIT_CONFIG_PARAMETERS: "'a.b=c'",
        GIT_PROXY_SSL_CAINFO: '/proxy.pem'
      }
    )
    await git.run(['fetch'])
    const [args = '', environment = ''] = ['args', 'env'].map(name => readFileSync(join(folder, name), 'utf8'))
    expect(args).toContain('http.sslcainfo=/company.pem\n-c\nhttp.sslbackend=schannel\n')
    expect(args).not.toMatch(/LOUDFAKE|sslverify=|extraheader|followredirects=|cookiefile/)
    expect(environment).toMatch(/^HTTPS_PROXY=http:\/\/u:LOUDFAKE@p:1$/m)
    expect(environment).toMatch(/^https_proxy=http:\/\/u:LOUDFAKE@p:1$/m)
    expect(environment).toContain('GIT_PROXY_SSL_CAINFO=/proxy.pem\n')
    expect(environment).toContain(`\nHOME=${folder}\n`)
    expect(environment).toContain(`XDG_CONFIG_HOME=${folder}\n`)
    expect(environment).not.toMatch(/elsewhere|all_proxy|GIT_CONFIG_(?!NOSYSTEM)/i)
  })

  test('makes a bare repository of its own, with the repository of the job as its only remote', async () => {
    writeFileSync(join(folder, 'git'), `#!/bin/sh\nprintf '%s ' "$@" >>'${folder}/calls'; echo >>'${folder}/calls'\n`, {
      mode: 0o755
    })
    await Git.create({
      environment: { PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) },
      folder,
      server: 'https://github.com',
      repository: 'Acme-Labs/anvil',
      token: TOKEN,
      deadlineMs: 20_000
    })
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n')
    expect(calls.map(call => call.replace(/^.*never /, '').trim())).toEqual([
      'config -z --get-urlmatch http https://github.com/Acme-Labs/anvil',
      'config -z --get-regexp ^url\\..*\\.insteadof$',
      `init --quiet --bare ${folder}/card.git`,
      'remote add origin https://github.com/Acme-Labs/anvil'
    ])
  })

  test('answers a question by its exit code', async () => {
    const git = await gitThat('case "$*" in *yes) exit 0 ;; *) exit 1 ;; esac')
    expect([await git.asks(['rev-parse', 'yes']), await git.asks(['rev-parse', 'no'])]).toEqual([true, false])
  })

  test('gets an empty input where there is none', async () => {
    const git = await gitThat('cat; echo .; exit 0')
    expect([await git.run(['status']), await git.asks(['status'])]).toEqual(['.\n', true])
  })

  test('that cannot be started for another reason is named by it', async () => {
    writeFileSync(join(folder, 'git'), '#!/bin/sh\n', { mode: 0o644 })
    const options = { folder, server: 'https://github.com', repository: 'a/b', token: TOKEN, deadlineMs: 1_000 }
    const error = await failureOf(() => Git.create({ ...options, environment: { PATH: folder } }))
    expect(error.message).toContain('(EACCES)')
  })

  test('an error says what sort it is', async () => {
    const error = await faultOf(['fetch'], '', 'fatal: early EOF\n')
    expect([error.name, error.message]).toEqual(['GitError', 'git failed: passing'])
  })

  test('is named when it is missing', async () => {
    const error = await failureOf(() =>
      Git.create({
        environment: { PATH: join(folder, 'nothing') },
        folder,
        server: 'https://github.com',
        repository: 'Acme-Labs/anvil',
        token: TOKEN,
        deadlineMs: 1_000
      })
    )
    expect([error.code, error.message]).toEqual(['git-missing', expect.stringContaining('(ENOENT)')])
  })

  test('is broken off when it does not end', async () => {
    const git = await gitThat('exec sleep 20', {}, 200)
    const error: unknown = await git.run(['fetch']).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ fault: { kind: 'passing', detail: 'it did not answer in time' } })
  })

  test('ends with all that it started: a helper must not push later', async () => {
    const git = await gitThat(`sleep 30 & echo $! >'${folder}/helper'; wait`, {}, 300)
    await git.run(['push']).catch(() => undefined)
    await git.run(['push']).catch(() => undefined)
    const helper = Number(readFileSync(join(folder, 'helper'), 'utf8'))
    await new Promise(resolve => setTimeout(resolve, 200))
    // It may wait to be collected, but it runs no more.
    expect(isRunning(helper)).toBe(false)
  })

  test.each([
    ['kill -SEGV $$', { kind: 'local', detail: 'SIGSEGV' }, ''],
    [
      'echo "xcode-select: note: no tools" >&2; exit 1',
      { kind: 'local', detail: 'exit code 1' },
      'xcode-select: note: no tools'
    ],
    [
      'echo "fatal: write error: No space left on device" >&2; exit 128',
      { kind: 'local', detail: 'ENOSPC' },
      'fatal: write error: No space left on device'
    ],
    [
      'echo "fatal: cannot open: Permission denied" >&2; exit 128',
      { kind: 'local', detail: 'EACCES' },
      expect.any(String)
    ]
  ])('that does not work (%s) is a fault of this runner, in the words of git', async (script, fault, words) => {
    const git = await gitThat(script)
    await expect(git.run(['hash-object'])).rejects.toMatchObject({ fault, words })
  })

  test('killed from outside while it pushes has not been too slow', async () => {
    const git = await gitThat('kill -KILL $$')
    await expect(git.run(['push'])).rejects.toMatchObject({ fault: { kind: 'local', detail: 'SIGKILL' } })
  })

  test('of a version that cannot leave files out fetches with them', async () => {
    const git = await gitThat('case "$*" in *--filter*) exit 129 ;; *) echo fetched ;; esac')
    expect(await git.run(['fetch', '--filter=blob:none', 'origin'])).toBe('fetched\n')
    await expect((await gitThat('exit 129')).run(['fetch', 'origin'])).rejects.toThrow(GitError)
  })

  test('says no by its words, and fails by others', async () => {
    const git = await gitThat('echo "error: it appears as both" >&2; exit 128')
    expect(await git.asks(['update-index'], /appears as both/)).toBe(false)
    await expect(git.asks(['update-index'], /other/)).rejects.toThrow(GitError)
  })

  test('may print without end: only the last of it is kept', async () => {
    const git = await gitThat('yes 0123456789abcdef | head -n 100000; echo the end')
    const printed = await git.run(['ls-remote'])
    expect(printed.length).toBe(262_144)
    expect(printed.endsWith('\nthe end\n')).toBe(true)
  })

  const URL_ = 'https://github.com/Acme-Labs/anvil/'
  const status = (code: number): string =>
    `fatal: unable to access '${URL_}': The requested URL returned error: ${code}\n`
  const FETCH = ['fetch', 'origin']
  const PUSH = ['push', 'origin']
  const rejected = (reason: string): string => `To ${URL_}\n!\taaa:refs/heads/main\t${reason}\nDone\n`

  test.each<[string, readonly string[], string, string, GitFault]>([
    ['503', FETCH, '', status(503), { kind: 'passing', detail: 'HTTP 503' }],
    ['429', PUSH, '', status(429), { kind: 'passing', detail: 'HTTP 429' }],
    ['408', FETCH, '', status(408), { kind: 'passing', detail: 'HTTP 408' }],
    ['500', FETCH, '', status(500), { kind: 'passing', detail: 'HTTP 500' }],
    ['499', FETCH, '', status(499), { kind: 'unknown', detail: 'HTTP 499' }],
    ['300', FETCH, '', status(300), { kind: 'unknown', detail: 'redirect, HTTP 300' }],
    ['399', FETCH, '', status(399), { kind: 'unknown', detail: 'redirect, HTTP 399' }],
    ['400', FETCH, '', status(400), { kind: 'unknown', detail: 'HTTP 400' }],
    ['299', FETCH, '', status(299), { kind: 'unknown', detail: 'HTTP 299' }],
    ['401', FETCH, '', status(401), { kind: 'forbidden', fault: 'unreadable' }],
    [
      'words of its own in lines that are not its own',
      FETCH,
      '',
      'hint: fatal: early EOF\nwarning: error: reset\n',
      { kind: 'unknown' }
    ],
    [
      'an address in clear, with words in it',
      FETCH,
      '',
      'fatal: unable to access http://example.com/certificate/not-found: Connection reset by peer\n',
      { kind: 'passing', detail: 'the connection broke off' }
    ],
    [
      'a hook that says nothing',
      PUSH,
      rejected('[remote rejected] (pre-receive hook declined)'),
      '',
      { kind: 'refused', fault: 'hook' }
    ],
    [
      'words without a known reason',
      PUSH,
      rejected('[remote rejected] (no)'),
      'remote: Not on Fridays.\n',
      { kind: 'refused', fault: 'hook' }
    ],
    [
      'a rule without words',
      PUSH,
      rejected('[remote rejected] (push declined due to repository rule violations)'),
      '',
      { kind: 'refused', fault: 'hook' }
    ],
    ['one line of a report', PUSH, ' x!\ta\t[rejected] (fetch first)\n', '', { kind: 'unknown' }],
    [
      'one commit without a signature',
      PUSH,
      '',
      'remote: Commit must have valid signatures\n',
      { kind: 'refused', fault: 'signature' }
    ],
    [
      'commits without signatures',
      PUSH,
      '',
      'remote: Commits must have valid signatures\n',
      { kind: 'refused', fault: 'signature' }
    ],
    [
      'the address of an author',
      PUSH,
      '',
      'remote: - Email must match a given pattern\n',
      { kind: 'refused', fault: 'commit-message' }
    ],
    [
      'a private address',
      PUSH,
      '',
      'remote: error: GH007: Your push would publish a private email address.\n',
      { kind: 'refused', fault: 'commit-message' }
    ],
    [
      'a branch in the way, in the words of the server',
      PUSH,
      '',
      "remote: 'refs/heads/a' exists; cannot create\n",
      { kind: 'refused', fault: 'in-the-way' }
    ],
    [
      'a curl error',
      FETCH,
      '',
      'error: RPC failed; curl 92 HTTP/2 was not closed cleanly\n',
      { kind: 'passing', detail: 'the connection broke off' }
    ],
    [
      'a pack that is cut',
      FETCH,
      '',
      'fatal: protocol error: bad pack header\n',
      { kind: 'passing', detail: 'the connection broke off' }
    ],
    ['501', FETCH, '', status(501), { kind: 'unknown', detail: 'HTTP 501' }],
    [
      '500 while pushing',
      PUSH,
      '',
      'error: RPC failed; HTTP 500 curl 22 The requested URL returned error: 500\n',
      { kind: 'passing', detail: 'HTTP 500' }
    ],
    ['505', FETCH, '', status(505), { kind: 'unknown', detail: 'HTTP 505' }],
    ['511', PUSH, '', status(511), { kind: 'unknown', detail: 'HTTP 511' }],
    ['401 on a push', PUSH, '', status(401), { kind: 'forbidden', fault: 'token' }],
    ['404 on a push', PUSH, '', status(404), { kind: 'forbidden', fault: 'token' }],
    ...[
      'API rate limit exceeded for installation ID 1.',
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    ].map((words): [string, readonly string[], string, string, GitFault] => [
      words,
      PUSH,
      '',
      `remote: ${words}\n${status(403)}`,
      { kind: 'passing', detail: 'its words: rate limit' }
    ]),
    ...[
      'has an IP allow list enabled, and your IP address is not permitted to access this repository.',
      'has enabled or enforced SAML SSO.',
      'Your account is suspended.',
      'Access to this repository has been disabled by GitHub staff.',
      'Repository is locked for migration.',
      'Something new.'
    ].flatMap(words =>
      [FETCH, PUSH].map((args): [string, readonly string[], string, string, GitFault] => [
        words,
        args,
        '',
        `remote: ${words}\n${status(403)}`,
        { kind: 'forbidden', fault: 'refused' }
      ])
    ),
    ...['Internal Server Error', 'error: temporarily read-only, try again later'].map(
      (words): [string, readonly string[], string, string, GitFault] => [
        words,
        PUSH,
        rejected('[remote rejected] (pre-receive hook declined)'),
        `remote: ${words}\n`,
        { kind: 'passing', detail: `its words: ${/Internal.*|try.*/.exec(words)?.[0] ?? ''}` }
      ]
    ),
    ...[
      'merge queue is off today',
      'the commit message does not matter. Our hook: commit message hints: email must be told',
      'please fetch first'
    ].map((words): [string, readonly string[], string, string, GitFault] => [
      words,
      PUSH,
      rejected('[remote rejected] (pre-receive hook declined)'),
      `remote: ${words}\n`,
      { kind: 'refused', fault: 'hook' }
    ]),
    ...[
      'error: GH013: Repository rule violations found\nremote: - File path .vaunt/card.svg is restricted.',
      'error: GH013: Repository rule violations found\nremote: - File extension is restricted.',
      'error: GH001: Large files detected.',
      'error: GH013: Repository rule violations found\nremote: - Branch name must match a given regex pattern'
    ].map((words): [string, readonly string[], string, string, GitFault] => [
      words,
      PUSH,
      '',
      `remote: ${words}\n`,
      { kind: 'refused', fault: 'form' }
    ]),
    [
      'a branch that stays locked',
      PUSH,
      rejected('[remote rejected] (failed to update ref)'),
      "remote: error: cannot lock ref 'refs/heads/main': Unable to create 'main.lock': File exists.\n",
      { kind: 'moved', detail: 'the branch is locked' }
    ],
    [
      'a branch that moved, in the words of the server',
      PUSH,
      rejected('[remote rejected] (failed to update ref)'),
      "remote: error: cannot lock ref 'refs/heads/main': is at a but expected b\n",
      { kind: 'moved' }
    ],
    [
      'a page instead of git, while reading',
      FETCH,
      '',
      'fatal: dumb http transport does not support shallow capabilities\n',
      { kind: 'unknown', detail: "the answer is not git's, but of something in between" }
    ],
    [
      'a page instead of git, while pushing',
      PUSH,
      '',
      'error: no DAV locking support on https://github.com/\nfatal: git-http-push failed\n',
      { kind: 'unknown', detail: "the answer is not git's, but of something in between" }
    ],
    ...(
      [
        ['Received HTTP code 407 from proxy after CONNECT', 'refused', 'HTTP code 407', false],
        ['CONNECT tunnel failed, response 403', 'refused', 'tunnel failed, response 403', false],
        ['CONNECT tunnel failed, response 503', 'refused', 'tunnel failed, response 503', true],
        ['CONNECT tunnel failed, response 429', 'refused', 'tunnel failed, response 429', true],
        ['Proxy CONNECT aborted', 'no-tunnel', 'Proxy CONNECT aborted', true],
        ['Could not resolve proxy: proxy.example', 'unreachable', 'Could not resolve proxy', true]
      ] as const
    ).map(([words, fault, detail, passes]): [string, readonly string[], string, string, GitFault] => [
      words,
      FETCH,
      '',
      `fatal: unable to access '${URL_}': ${words}\n`,
      { kind: 'proxy', fault, detail, passes }
    ]),
    ['403 on a push', PUSH, '', status(403), { kind: 'forbidden', fault: 'permission' }],
    ['403 on a fetch', FETCH, '', status(403), { kind: 'forbidden', fault: 'unreadable' }],
    ['404', FETCH, '', `remote: Repository not found.\n${status(404)}`, { kind: 'forbidden', fault: 'unreadable' }],
    ['302', FETCH, '', status(302), { kind: 'unknown', detail: 'redirect, HTTP 302' }],
    ['418', FETCH, '', status(418), { kind: 'unknown', detail: 'HTTP 418' }],
    [
      'a repository called demo-403',
      FETCH,
      '',
      "fatal: unable to access 'https://github.com/acme/demo-403/': Could not resolve host: github.com\n",
      { kind: 'passing', detail: 'its name could not be looked up' }
    ],
    [
      'a branch called signature',
      PUSH,
      rejected('[remote rejected] (hook declined)'),
      "error: failed to push some refs to 'https://github.com/acme/must-be-signed'\n",
      { kind: 'refused', fault: 'hook' }
    ],
    [
      'a refusal to write',
      PUSH,
      '',
      `remote: Write access to repository not granted.\n${status(403)}`,
      { kind: 'forbidden', fault: 'permission' }
    ],
    [
      'a denied permission',
      PUSH,
      '',
      `remote: Permission to acme/x.git denied to github-actions[bot].\n${status(403)}`,
      { kind: 'forbidden', fault: 'permission' }
    ],
    [
      'an archived repository',
      PUSH,
      '',
      `remote: This repository was archived so it is read-only.\n${status(403)}`,
      { kind: 'forbidden', fault: 'archived' }
    ],
    [
      'no credentials',
      FETCH,
      '',
      "fatal: could not read Username for 'https://github.com': terminal prompts disabled\n",
      { kind: 'forbidden', fault: 'unreadable' }
    ],
    [
      'a redirect',
      FETCH,
      '',
      'fatal: unable to update url base from redirection:\n  asked for: x\n   redirect: y\n',
      { kind: 'unknown', detail: 'it answered with a redirect, and redirects are never followed' }
    ],
    [
      'an untrusted certificate',
      FETCH,
      '',
      `fatal: unable to access '${URL_}': SSL certificate problem: self-signed certificate\n`,
      { kind: 'unknown', detail: 'git does not trust its certificate' }
    ],
    [
      'a closed port',
      FETCH,
      '',
      `fatal: unable to access '${URL_}': Failed to connect to github.com port 443 after 0 ms: Couldn't connect to server\n`,
      { kind: 'passing', detail: 'no connection could be opened' }
    ],
    [
      'a slow server',
      FETCH,
      '',
      `fatal: unable to access '${URL_}': Operation timed out after 1 ms\n`,
      { kind: 'passing', detail: 'it did not answer in time' }
    ],
    [
      'a broken handshake',
      FETCH,
      '',
      `fatal: unable to access '${URL_}': GnuTLS, handshake failed\n`,
      { kind: 'passing', detail: 'TLS could not be started' }
    ],
    [
      'a broken connection',
      FETCH,
      '',
      'error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF\n',
      { kind: 'passing', detail: 'the connection broke off' }
    ],
    ['nothing that is known', FETCH, '', 'fatal: the moon is in the wrong house\n', { kind: 'unknown' }],
    ['another push that came first', PUSH, rejected('[rejected] (fetch first)'), '', { kind: 'moved' }],
    ['a branch that moved', PUSH, rejected('[rejected] (non-fast-forward)'), '', { kind: 'moved' }],
    [
      'a branch that is locked',
      PUSH,
      rejected('[remote rejected] (cannot lock ref ...: is at a but expected b)'),
      '',
      { kind: 'moved' }
    ],
    ['a lock file', PUSH, rejected('[remote rejected] (failed to update ref)'), '', { kind: 'moved' }],
    [
      'a branch in the way',
      PUSH,
      rejected("[remote rejected] ('refs/heads/a' exists; cannot create 'refs/heads/a/b')"),
      '',
      { kind: 'refused', fault: 'in-the-way' }
    ],
    [
      'a protected branch, in the report',
      PUSH,
      rejected('[remote rejected] (protected branch hook declined)'),
      '',
      { kind: 'refused', fault: 'protected' }
    ],
    [
      'a server in trouble',
      PUSH,
      rejected('[remote rejected] (Internal Server Error)'),
      '',
      { kind: 'passing', detail: 'it could not take the push for the moment' }
    ],
    ['no reason at all', PUSH, rejected('[remote rejected] (because)'), '', { kind: 'refused', fault: 'unsaid' }],
    [
      'a protected branch',
      PUSH,
      rejected('[remote rejected] (x)'),
      'remote: error: GH006: Protected branch update failed for refs/heads/main.\n',
      { kind: 'refused', fault: 'protected' }
    ],
    [
      'a pull request',
      PUSH,
      '',
      'remote: - Changes must be made through a pull request.\n',
      { kind: 'refused', fault: 'pull-request' }
    ],
    [
      'signatures',
      PUSH,
      '',
      'remote: - Commits must have verified signatures.\n',
      { kind: 'refused', fault: 'signature' }
    ],
    [
      'messages',
      PUSH,
      '',
      'remote: - Commit message must match a given pattern: x\n',
      { kind: 'refused', fault: 'commit-message' }
    ],
    [
      'a new branch',
      PUSH,
      '',
      'remote: - Cannot create ref due to creations being restricted.\n',
      { kind: 'refused', fault: 'creation' }
    ],
    [
      'a secret',
      PUSH,
      '',
      'remote: error: GH009: Secrets detected! This push failed.\n',
      { kind: 'refused', fault: 'secret' }
    ]
  ])('tells %s', async (_, args, stdout, stderr, fault) => {
    expect((await faultOf(args, stdout, stderr)).fault).toEqual(fault)
  })

  test('leaves out where all rules can be read: the words that matter would be clipped', async () => {
    const error = await faultOf(
      PUSH,
      '',
      'remote: error: GH013: Found.\nremote: Review all repository rules at https://github.com/x\nremote: - File path a.\n'
    )
    expect(error.words).toBe('error: GH013: Found. - File path a.')
  })

  test('hands on what the server said, in one line, and nothing else', async () => {
    const error = await faultOf(
      PUSH,
      '',
      `remote: error: One.\r\nremote:   Two.\nremote:\nhint: ${TOKEN}\n${status(403)}`
    )
    expect(error.words).toBe('error: One. Two.')
    expect(error.message).not.toContain(TOKEN)
  })
})
