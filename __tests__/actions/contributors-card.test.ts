// Proves the story of the card in this process: a real git and a real remote, with a git in front that fails as often as a test wants, and limits that let it give up soon. The whole program runs in __tests__/program/.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CARD_LIMITS, runCard } from '../../src/actions/contributors-card.ts'
import { steps } from '../../src/actions/steps.ts'
import { commitIn, createRemote } from '../support/git-repositories.ts'
import { forgeToken } from '../support/secrets.ts'
import { createWorld } from '../support/staged-world.ts'
import type { StagedWorld, WorldOptions } from '../support/staged-world.ts'

const PUSH_TOKEN = 'ghs_LOUDFAKEpushtokenFAR-FROM-REAL'
const TOKEN = forgeToken({ alg: 'ES256' }, { sub: 'x' })
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>A card</title></svg>\r\n'
const MOVED = "printf '!\\ta:b\\t[rejected] (fetch first)\\n'; exit 1"
const BROKEN = 'echo "fatal: early EOF" >&2; exit 128'

/** Skipped where there is no git; the one in front is a script of sh. */
const withGit = process.platform !== 'win32' && spawnSync('git', ['--version']).status === 0 ? describe : describe.skip

withGit('the card', () => {
  let folder: string
  let remote: string
  let environment: Record<string, string>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'card-'))
    remote = createRemote(folder, 'main')
    environment = {
      PATH: process.env['PATH'] ?? '',
      GITHUB_SERVER_URL: `file://${folder}`,
      GITHUB_REPOSITORY: 'Acme-Labs/anvil',
      GITHUB_WORKSPACE: folder
    }
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const tries = (): number =>
    existsSync(join(folder, 'tries')) ? readFileSync(join(folder, 'tries'), 'utf8').length : 0
  const git = (...args: string[]): string => execFileSync('git', ['--git-dir', remote, ...args], { encoding: 'utf8' })

  /** Puts a git in front that fails at this command, so often, and then lets the real one do it. */
  function failAt(command: string, times: number, how: string): void {
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    writeFileSync(
      join(folder, 'git'),
      `#!/bin/sh
for each in "$@"; do
  if [ "$each" = ${command} ]; then
    printf x >>'${folder}/tries'
    if [ "$(wc -c <'${folder}/tries')" -le ${times} ]; then ${how}; fi
  fi
done
exec '${real}' "$@"
`,
      { mode: 0o755 }
    )
    environment['PATH'] = [folder, process.env['PATH'] ?? ''].join(delimiter)
  }

  function createCardWorld(inputs: Record<string, string> = {}, options: WorldOptions = {}): StagedWorld {
    return createWorld({
      inputs: { pat: '', token: TOKEN, entity: 'Acme-Labs', 'github-token': PUSH_TOKEN, ...inputs },
      environment,
      stages: { vaunt: { body: SVG } },
      ...options,
      world: {
        uptime: () => performance.now(),
        disk: {
          makeFolder: prefix => mkdtempSync(join(folder, prefix)),
          write: writeFileSync,
          append: appendFileSync,
          remove: path => {
            rmSync(path, { recursive: true, force: true })
          }
        },
        ...options.world
      }
    })
  }

  /** Runs the step. Nothing of it is left in the folder for temporary files, and no secret is printed. */
  async function card(world: StagedWorld, limits: Partial<typeof CARD_LIMITS> = {}): Promise<StagedWorld> {
    await runCard(world, { ...CARD_LIMITS, firstPauseMs: 1, pauseMs: 10, ...limits })
    expect(readdirSync(folder).filter(name => name.startsWith('vaunt-card-'))).toEqual([])
    expect(world.printed().join('\n')).not.toMatch(/LOUDFAKE/)
    expect(world.printed().join('\n')).not.toContain(TOKEN)
    return world
  }

  const failure = (world: StagedWorld): string | undefined => world.effects.find(([name]) => name === 'setFailed')?.[1]

  test('is committed, and the outputs say so; a second time nothing changes', async () => {
    const first = await card(createCardWorld())
    const commit = git('rev-parse', 'main').trim()
    expect(first.outputs).toEqual({ changed: 'true', commit })
    expect(git('show', 'main:.vaunt/cards/contributors.svg')).toBe(SVG.replace('\r', ''))
    const second = await card(createCardWorld())
    expect(second.outputs).toEqual({ changed: 'false' })
    expect(second.printed()).toEqual(['The card at .vaunt/cards/contributors.svg on main is up to date.'])
    expect(git('rev-parse', 'main').trim()).toBe(commit)
  })

  test('masks every secret before it does anything else', async () => {
    const { effects } = await card(createCardWorld())
    const [first, second, third] = effects
    expect([first, second]).toEqual([
      ['setSecret', PUSH_TOKEN],
      ['setSecret', TOKEN]
    ])
    expect(third?.[0]).toBe('createClient')
  })

  test('is pushed again when somebody else came first, and each wait is told', async () => {
    failAt('push', 3, MOVED)
    const world = await card(createCardWorld())
    expect(world.outputs.changed).toBe('true')
    expect(tries()).toBe(4)
    const waits = world.printed().filter(line => line.includes('someone else pushed first'))
    expect(waits).toHaveLength(3)
    for (const wait of waits) expect(wait).toMatch(/ \(git\): someone else pushed first\. Retrying in \d\.\d s\.$/)
  })

  test.each(['', 'somebody else pushes on top of it'])(
    'that arrived although the answer was lost counts as committed; %s',
    async rival => {
      const path = process.env['PATH'] ?? ''
      const onTop = `t=$(git --git-dir '${remote}' -c user.name=a -c user.email=a@b commit-tree -p main -m x 'main^{tree}'); git --git-dir '${remote}' update-ref refs/heads/main "$t"`
      failAt('push', 1, `PATH='${path}' git "$@"; unset GIT_DIR; ${rival === '' ? ':' : onTop}; ${BROKEN}`)
      const world = await card(createCardWorld())
      const commit = git('rev-parse', rival === '' ? 'main' : 'main~1').trim()
      expect(world.outputs).toEqual({ changed: 'true', commit })
      expect(tries()).toBe(1)
    }
  )

  test.each(['SIGINT', 'SIGTERM'] as const)('is broken off by %s: no process and no file is left', async signal => {
    failAt('push', 1, `touch '${folder}/pushing'; sleep 30`)
    const ended = card(createCardWorld())
    while (!existsSync(join(folder, 'pushing'))) await new Promise(resolve => setTimeout(resolve, 20))
    process.emit(signal)
    const world = await ended
    expect(world.outputs).toEqual({ 'error-code': 'git-unavailable' })
    expect(failure(world)).toContain('(the job was cancelled)')
    expect([process.listenerCount(signal), git('rev-list', '--count', 'main')]).toEqual([0, '1\n'])
  })

  test('a git that does not work is told as that, and a full disk as a full disk', async () => {
    failAt('init', 9, 'echo "xcode-select: no tools" >&2; exit 1')
    const world = await card(createCardWorld())
    expect(world.outputs).toEqual({ 'error-code': 'git-missing' })
    expect(failure(world)).toContain('(exit code 1 xcode-select: no tools)')
    failAt('write-tree', 9, 'echo "fatal: write: No space left on device" >&2; exit 128')
    const full = await card(createCardWorld())
    expect(full.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
    expect(failure(full)).toContain('in the environment variable RUNNER_TEMP (ENOSPC)')
  })

  test('a branch that stays locked is not told as pushes of others', async () => {
    failAt('push', 10_000, "printf '!\\ta:b\\t[remote rejected] (unable to create lock)\\n'; exit 1")
    const world = await card(createCardWorld(), { pushesMs: 300, firstPauseMs: 20, pauseMs: 40 })
    expect(world.outputs).toEqual({ 'error-code': 'git-unavailable' })
    expect(world.printed().join()).not.toContain('someone else')
  })

  test.each([
    [
      'tunnel failed, response 407',
      'http://u:LOUDFAKE@proxy.example:1',
      /The proxy proxy\.example:1 rejected the username/,
      1
    ],
    ['tunnel failed, response 407', 'http://proxy.example:1', /The proxy proxy\.example:1 requires a username/, 1],
    ['tunnel failed, response 403', '', /The proxy in HTTPS_PROXY refused the connection/, 1],
    ['tunnel failed, response 503', 'http://proxy.example:1', /refused .* \(6 attempts\) \[/, 6]
  ])('a proxy says %s at %s', async (words, proxy, told, times) => {
    environment['HTTPS_PROXY'] = proxy
    environment['GITHUB_SERVER_URL'] = 'https://git.example'
    failAt('ls-remote', 10, `echo "fatal: unable to access: CONNECT ${words}" >&2; exit 128`)
    const world = await card(createCardWorld())
    expect([world.outputs, tries()]).toEqual([{ 'error-code': 'proxy-failed' }, times])
    expect(failure(world)).toMatch(told)
  })

  test('goes to its branch, also when another name ends like it', async () => {
    git('update-ref', 'refs/original/refs/heads/assets', 'main')
    expect((await card(createCardWorld({ branch: 'assets' }))).outputs.changed).toBe('true')
    expect(git('rev-list', '--count', 'assets')).toBe('1\n')
  })

  test.each([
    ['.gitattributes', '*.svg ident\n'],
    ['.vaunt/CARDS/Contributors.svg', 'x\n']
  ])('with %s the clones would differ', async (path, text) => {
    const clone = join(folder, 'clone')
    execFileSync('git', ['clone', '--quiet', remote, clone])
    mkdirSync(join(clone, path, '..'), { recursive: true })
    writeFileSync(join(clone, path), text)
    commitIn(clone, 'One more')
    execFileSync('git', ['push', '--quiet', 'origin', 'main'], { cwd: clone })
    expect((await card(createCardWorld())).outputs).toEqual({ 'error-code': 'card-path-unusable' })
  })

  test.each(['http://github.com', 'ssh://github.com', 'github.com', 'ext::sh'])(
    'nothing is sent to %s',
    async server => {
      const world = await card(createCardWorld({}, { environment: { ...environment, GITHUB_SERVER_URL: server } }))
      expect(world.outputs).toEqual({ 'error-code': 'git-unavailable' })
      expect(failure(world)).toContain('is not https://')
      expect(world.effects.filter(([name]) => name === 'get')).toEqual([])
    }
  )

  test.each(['ghs_x y', 'a\nb', '""', 'ghs_\u00e9'])('the token %j is no token, and is not sent', async bad => {
    const world = await card(createCardWorld({ 'github-token': bad }))
    expect(world.outputs).toEqual({ 'error-code': 'push-forbidden' })
    expect(world.effects.filter(([name]) => name === 'get')).toEqual([])
    // The runner would mask each line of it, wherever it stands.
    expect(world.effects.filter(([name, value]) => name === 'setSecret' && value !== TOKEN)).toEqual([])
  })

  test('gives up when the branch stays busy, and counts', async () => {
    failAt('push', 10_000, MOVED)
    const world = await card(createCardWorld(), { pushesMs: 4_000, firstPauseMs: 20, pauseMs: 40 })
    expect(world.outputs).toEqual({ 'error-code': 'branch-busy' })
    expect(tries()).toBeGreaterThan(1)
    expect(failure(world)).toContain(`the branch main each time while the card was being committed: ${tries()} times`)
    expect(git('rev-list', '--count', 'main')).toBe('1\n')
  })

  test.each([
    ['fetch', 5, 'true'],
    ['fetch', 6, undefined],
    ['ls-remote', 5, 'true'],
    ['push', 6, undefined]
  ])('a network that breaks at %s %i times: changed is %s', async (command, times, changed) => {
    failAt(command, times, BROKEN)
    const world = await card(createCardWorld())
    expect(world.outputs).toEqual(
      changed === undefined ? { 'error-code': 'git-unavailable' } : { changed, commit: git('rev-parse', 'main').trim() }
    )
    if (changed === undefined) expect(failure(world)).toContain('the connection broke off')
  })

  test.each([
    ['push-refused', "printf '!\\ta:b\\t[remote rejected] (hook declined)\\n'; echo 'remote: not here' >&2; exit 1"],
    ['push-forbidden', 'echo "remote: Write access to repository not granted." >&2; exit 128'],
    ['git-unavailable', 'echo "fatal: unable to access: SSL certificate problem" >&2; exit 128']
  ])('%s is final', async (code, how) => {
    failAt('push', 10, how)
    expect((await card(createCardWorld())).outputs).toEqual({ 'error-code': code })
    expect(tries()).toBe(1)
  })

  test('a missing git, an empty push token and no folder for temporary files are found before anything is sent', async () => {
    environment['PATH'] = join(folder, 'nothing')
    const disk = createCardWorld().disk
    const denied = Object.assign(new Error('LOUDFAKE'), { code: 'EACCES' })
    for (const [world, code] of [
      [createCardWorld(), 'git-missing'],
      [createCardWorld({ 'github-token': ' ' }), 'push-forbidden'],
      [
        createCardWorld(
          {},
          {
            world: {
              disk: {
                ...disk,
                makeFolder() {
                  throw denied
                }
              }
            }
          }
        ),
        'runner-files-unusable'
      ]
    ] as const) {
      expect((await card(world)).outputs).toEqual({ 'error-code': code })
      expect(world.effects.filter(([name]) => name === 'get')).toEqual([])
    }
  })

  test.each(['GITHUB_REPOSITORY', 'GITHUB_SERVER_URL'])('without %s nothing is sent', async variable => {
    const world = await card(createCardWorld({}, { environment: { ...environment, [variable]: '' } }))
    expect(world.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
    expect(failure(world)).toContain(`the environment variable ${variable}`)
  })

  test.each([
    [{ repository: 'a/b' }, 'repository'],
    [{ repository: '..' }, 'repository'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: '1e1' }, 'limit'],
    [{ path: 'card.png' }, 'path'],
    [{ path: '/card.svg' }, 'path'],
    [{ path: 'a/../card.svg' }, 'path'],
    [{ path: '.git/card.svg' }, 'path'],
    [{ path: 'a//card.svg' }, 'path'],
    [{ path: 'a\\card.svg' }, 'path'],
    [{ branch: 'a..b' }, 'branch'],
    [{ branch: '-a' }, 'branch'],
    [{ branch: 'refs/heads/' + 'a'.repeat(201) }, 'branch'],
    [{ branch: 'a.lock' }, 'branch'],
    [{ branch: 'HEAD' }, 'branch'],
    [{ branch: 'refs/heads/' }, 'branch'],
    [{ branch: 'refs/tags/v1' }, 'branch'],
    [{ branch: 'refs/pull/12/merge' }, 'branch'],
    [{ branch: 'refs/remotes/origin/main' }, 'branch'],
    [{ path: 'con.svg' }, 'path'],
    [{ path: 'AUX/card.svg' }, 'path'],
    [{ path: 'a/com1.x.svg' }, 'path'],
    [{ path: 'GIT~1/card.svg' }, 'path']
  ])('refuses %j', async (inputs, name) => {
    const world = await card(createCardWorld(inputs))
    expect(world.outputs).toEqual({ 'error-code': 'step-input-invalid' })
    expect(failure(world)).toContain(`Input '${name}' is `)
    expect(world.effects.filter(([effect]) => effect === 'get')).toEqual([])
  })

  test.each(['refs/heads/assets', 'assets'])('goes to the branch %s, which is made', async branch => {
    expect((await card(createCardWorld({ branch }))).outputs.changed).toBe('true')
    expect(git('ls-tree', '-r', '--name-only', 'assets')).toBe('.vaunt/cards/contributors.svg\n')
  })

  test('a path through a file, or with a filter, is refused', async () => {
    expect((await card(createCardWorld({ path: 'README.md/card.svg' }))).outputs).toEqual({
      'error-code': 'card-path-unusable'
    })
  })

  test('an unsafe card is not committed', async () => {
    const world = await card(createCardWorld({}, { stages: { vaunt: { body: '<svg onload="x"/>' } } }))
    expect(world.outputs).toEqual({ 'error-code': 'card-unsafe' })
    expect(git('rev-list', '--count', 'main')).toBe('1\n')
  })

  test('what Vaunt refuses ends in the codes of the token step', async () => {
    const refused = { status: 404, body: { error: { code: 404, message: 'no such repository' } } }
    const world = await card(createCardWorld({ repository: 'other' }, { stages: { vaunt: refused } }))
    expect(world.outputs).toEqual({ 'error-code': 'vaunt-entity-unknown' })
    expect(failure(world)).toContain('no repository named Acme-Labs/other')
  })

  test('is asked for as an SVG, of this repository and ten people unless told otherwise', async () => {
    const world = await card(createCardWorld())
    const path =
      'https://api.vaunt.dev/v1/github/entities/Acme-Labs/repositories/anvil/contributors?format=svg&limit=10'
    expect(world.effects).toContainEqual(['get', path])
    expect(world.clientOptions().limits).toMatchObject({ bodyBytes: 5_242_880 })
    expect(world.effects.filter(([name]) => name === 'close')).toHaveLength(1)
    const other = await card(createCardWorld({ repository: 'other', limit: '7' }))
    expect(other.effects).toContainEqual(['get', path.replace('anvil', 'other').replace('=10', '=7')])
  })

  test('is committed by the job, with a message that leads to the run, and a line in the log', async () => {
    const world = await card(createCardWorld())
    expect(git('log', '-1', '--format=%an <%ae>%n%B', 'main').trimEnd()).toBe(
      'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>\n' +
        'Update the contributors card of Acme-Labs/anvil\n\n' +
        `Made by Vaunt; committed by file://${folder}/Acme-Labs/anvil/actions/runs/4711`
    )
    const commit = git('rev-parse', '--short=12', 'main').trim()
    expect(world.printed()).toEqual([`Committed the card to .vaunt/cards/contributors.svg on main (${commit}).`])
  })

  test.each([
    ['other', false, 1],
    ['other', true, 0],
    ['ANVIL', false, 0],
    ['', false, 0]
  ])('of the repository %j, in one that is private: %s: %i warnings', async (repository, isPrivate, count) => {
    const event = JSON.stringify({ repository: { private: isPrivate } })
    const world = await card(
      createCardWorld(
        { repository },
        {
          environment: { ...environment, GITHUB_EVENT_PATH: 'event.json' },
          world: { readFile: path => (path === 'event.json' ? event : '') }
        }
      )
    )
    const warnings = world.effects.filter(([name]) => name === 'warning')
    expect(warnings).toHaveLength(count)
    if (count > 0) expect(warnings[0]?.[1]).toMatch(/anyone can see who contributes to Acme-Labs\/other\. .*private/)
  })

  test.each(['card.svg', 'a/b.c/card.svg', `${'p'.repeat(251)}.svg`])('may be put at %.20s', async path => {
    expect((await card(createCardWorld({ path: ` ${path} ` }))).outputs.changed).toBe('true')
  })

  test.each(['a/ card.svg', ' /card.svg', 'a /card.svg', 'a./card.svg', `${'p'.repeat(252)}.svg`, '.GIT/card.svg'])(
    'may not be put at %.20s',
    async path => {
      expect((await card(createCardWorld({ path: `x/${path}` }))).outputs).toEqual({
        'error-code': 'step-input-invalid'
      })
    }
  )

  test.each(['a-b', 'a@b', '@a', 'HEADS', 'my-HEAD', 'a.b', 'x/refs/heads/y', 'b'.repeat(200)])(
    'may go to the branch %.20s',
    async branch => {
      expect((await card(createCardWorld({ branch }))).outputs.changed).toBe('true')
      expect(git('rev-list', '--count', branch).trim()).toBe('1')
    }
  )

  test.each(['@', 'a/', '/a', 'a//b', '.a', 'a/.b', 'a.', 'a b', 'a~b'])(
    'may not go to the branch %j',
    async branch => {
      expect((await card(createCardWorld({ branch }))).outputs).toEqual({ 'error-code': 'step-input-invalid' })
    }
  )

  test.each(['.', '..', 'n'.repeat(101)])('is of no repository called %.5s', async repository => {
    expect((await card(createCardWorld({ repository }))).outputs).toEqual({ 'error-code': 'step-input-invalid' })
  })

  test('a server with slashes at its end is the same server', async () => {
    const world = createCardWorld({}, { environment: { ...environment, GITHUB_SERVER_URL: `file://${folder}//` } })
    expect((await card(world)).outputs.changed).toBe('true')
  })

  test('is a further step by its name', () => {
    expect(Object.keys(steps)).toEqual(['contributors-card', 'repositories-report'])
  })
})
