// Proves tools/release.sh: run as it is, in a scratch repository with a real bare remote, and with a gh that only writes down what it is asked.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { inBash, ROOT, start } from './steps.ts'

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-23

### Added

- A new input, \`x\`.

### Fixed

- [A link](https://example.com) in it.

## [1.1.0] - 2026-10-01

- Older.

[Unreleased]: https://example.com/compare
[1.2.0]: https://example.com/tag
`

const NOTES = '### Added\n\n- A new input, `x`.\n\n### Fixed\n\n- [A link](https://example.com) in it.\n'

inBash('tools/release.sh', () => {
  let folder: string
  let remote: string
  let work: string
  let environment: NodeJS.ProcessEnv

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'))
    remote = join(folder, 'remote.git')
    work = join(folder, 'work')
    mkdirSync(join(folder, 'bin'))
    mkdirSync(join(folder, 'gh'))
    writeTool('gh', GH)
    environment = {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: folder,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_AUTHOR_NAME: 'Maintainer',
      GIT_AUTHOR_EMAIL: 'maintainer@sandbox.test',
      GIT_COMMITTER_NAME: 'Maintainer',
      GIT_COMMITTER_EMAIL: 'maintainer@sandbox.test',
      GH: join(folder, 'gh')
    }
    run('git', 'init', '--quiet', '--bare', '--initial-branch=main', remote)
    run('git', 'clone', '--quiet', remote, work)
    inWork('git', 'switch', '--quiet', '--orphan', 'main')
    mkdirSync(join(work, 'tools'))
    cpSync(join(ROOT, 'tools/release.sh'), join(work, 'tools/release.sh'))
    writeVersion('1.2.0')
    writeFileSync(join(work, 'CHANGELOG.md'), CHANGELOG)
    writeFileSync(join(work, 'sbom.cdx.json'), '{}')
    writeFileSync(join(work, '.gitignore'), 'sbom.cdx.json\n')
    commitAndPush('Prepare 1.2.0')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const inWork = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: work, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const release = (...args: string[]): Promise<{ code: number | null; log: string }> =>
    start('bash', ['tools/release.sh', ...args], work, environment)

  function writeTool(name: string, text: string): void {
    writeFileSync(join(folder, 'bin', name), text)
    chmodSync(join(folder, 'bin', name), 0o755)
  }

  function writeVersion(version: string, locked = version): void {
    writeFileSync(join(work, 'package.json'), JSON.stringify({ name: 'x', version }))
    writeFileSync(join(work, 'package-lock.json'), JSON.stringify({ version: locked, packages: { '': { version } } }))
  }

  function commitAndPush(message: string, branch = 'main'): void {
    inWork('git', 'add', '--all')
    inWork('git', 'commit', '--quiet', '--message', message)
    inWork('git', 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`)
    inWork('git', 'fetch', '--quiet', 'origin')
  }

  function pushTag(tag: string, ...options: string[]): void {
    inWork('git', 'tag', ...options, tag)
    inWork('git', 'push', '--quiet', 'origin', `refs/tags/${tag}`)
  }

  /** The remote's tags, each with the commit it leads to. */
  function tags(): Record<string, string> {
    const names = run('git', '--git-dir', remote, 'tag', '--list')
      .split('\n')
      .filter(name => name !== '')
    return Object.fromEntries(
      names.map(name => [name, run('git', '--git-dir', remote, 'rev-parse', `${name}^{commit}`).trim()])
    )
  }

  const head = (): string => inWork('git', 'rev-parse', 'HEAD').trim()
  /** What gh was asked, one line each. */
  const asked = (): string[] => {
    const log = join(folder, 'gh', 'log')
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
  }
  const published = (): string => readFileSync(join(folder, 'gh', 'notes'), 'utf8')

  test('releases: a draft with notes and files, then published, then the major tag', async () => {
    pushTag('v1.2.0', '--annotate', '--message', 'v1.2.0')
    expect(await release('check', 'v1.2.0')).toEqual({ code: 0, log: 'v1.2.0 can be released.\n' })
    expect(await release('notes', 'v1.2.0')).toEqual({ code: 0, log: NOTES })
    expect(asked()).toEqual([])

    const outcome = await release('publish', 'v1.2.0', 'sbom.cdx.json')
    expect(outcome).toEqual({ code: 0, log: 'Released v1.2.0. v1 now points to it.\n' })
    expect(asked()).toEqual([
      'release view v1.2.0 --json isDraft --jq if .isDraft then "draft" else "published" end',
      'release create v1.2.0 --draft --verify-tag --title v1.2.0 --notes-file - sbom.cdx.json',
      'release edit v1.2.0 --draft=false --latest=true'
    ])
    expect(published()).toBe(NOTES)
    expect(tags()).toEqual({ 'v1.2.0': head(), v1: head() })
  })

  test('refuses while a file holds the placeholder for the publisher, and names the file', async () => {
    // In two pieces, as in the script: tools/adopt.sh shall not find it here.
    writeFileSync(join(work, 'README.md'), `uses: ${['-OWNER', '-'].join('')}/vaunt-token-action@v1\n`)
    commitAndPush('A snippet that nobody can run')
    pushTag('v1.2.0')
    const { code, log } = await release('check', 'v1.2.0')
    expect(code).toBe(1)
    expect(log).toMatch(
      /^::error::The placeholder \S+ is still in README\.md\. Run bash tools\/adopt\.sh YOUR-ACCOUNT, /
    )
    expect(await release('publish', 'v1.2.0')).toMatchObject({ code: 1 })
    expect(asked()).toEqual([])
  })

  test('moves the major tag with one forced update', async () => {
    inWork('git', 'switch', '--quiet', '--orphan', 'elsewhere')
    inWork('git', 'commit', '--quiet', '--allow-empty', '--message', 'The old v1')
    pushTag('v1')
    inWork('git', 'switch', '--quiet', 'main')
    pushTag('v1.2.0')
    // The remote writes down each push.
    const hook = join(remote, 'hooks', 'pre-receive')
    writeFileSync(hook, `#!/bin/sh\ncat >>'${folder}/pushes'\n`)
    chmodSync(hook, 0o755)
    const old = tags()['v1']
    expect((await release('publish', 'v1.2.0')).code).toBe(0)
    expect(readFileSync(join(folder, 'pushes'), 'utf8')).toBe(`${String(old)} ${head()} refs/tags/v1\n`)
    expect(tags()).toEqual({ 'v1.2.0': head(), v1: head() })
  })

  test('leaves the major tag where it is when a higher version is out', async () => {
    for (const tag of ['v1.10.0', 'v1.9.9', 'v1']) pushTag(tag)
    inWork('git', 'commit', '--quiet', '--allow-empty', '--message', 'A fix of an old version')
    inWork('git', 'push', '--quiet', 'origin', 'main')
    pushTag('v1.2.0')
    const outcome = await release('publish', 'v1.2.0')
    expect(outcome).toEqual({ code: 0, log: 'Released v1.2.0. v1 stays at v1.10.0.\n' })
    expect(tags()['v1']).toBe(tags()['v1.10.0'])
    expect(asked().at(-1)).toBe('release edit v1.2.0 --draft=false --latest=false')
  })

  test('releases from the branch of an older major version', async () => {
    inWork('git', 'switch', '--quiet', '--create', 'fix')
    writeFileSync(join(work, 'fix'), '')
    commitAndPush('A fix', 'release/v1')
    pushTag('v1.2.0')
    expect((await release('check', 'v1.2.0')).code).toBe(0)
  })

  test('goes on where a run broke off', async () => {
    pushTag('v1.2.0')
    writeFileSync(join(folder, 'gh', 'state'), 'draft')
    expect((await release('publish', 'v1.2.0')).code).toBe(0)
    expect(asked().map(line => line.split(' ')[1])).toEqual(['view', 'delete', 'create', 'edit'])

    rmSync(join(folder, 'gh', 'log'))
    run('git', '--git-dir', remote, 'tag', '--delete', 'v1')
    expect((await release('publish', 'v1.2.0')).code).toBe(0)
    expect(asked().map(line => line.split(' ')[1])).toEqual(['view'])
    expect(tags()['v1']).toBe(head())
  })

  test('does not move the major tag when the release cannot be published', async () => {
    pushTag('v1.2.0')
    writeTool('gh', '#!/bin/sh\nif [ "$2" = view ]; then exit 1; fi\ncat >/dev/null\n[ "$2" != edit ]\n')
    expect((await release('publish', 'v1.2.0')).code).toBe(1)
    expect(Object.keys(tags())).toEqual(['v1.2.0'])
  })

  const changed = (file: string, from: string | RegExp, to: string): void => {
    const path = join(work, file)
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
    commitAndPush('Change')
  }

  test.each<[string, () => void, string]>([
    [
      'package.json has another version',
      () => {
        writeVersion('1.3.0')
        commitAndPush('Other')
      },
      'package.json has 1.3.0'
    ],
    [
      'package-lock.json has another version',
      () => {
        writeVersion('1.2.0', '1.1.0')
        commitAndPush('Other')
      },
      "package-lock.json doesn't have version 1.2.0"
    ],
    [
      'CHANGELOG.md has no such version',
      () => {
        changed('CHANGELOG.md', '## [1.2.0]', '## [1.3.0]')
      },
      'the newest version in CHANGELOG.md is: ## [1.3.0] - 2026-11-23'
    ],
    [
      'CHANGELOG.md has a newer version',
      () => {
        changed('CHANGELOG.md', '## [1.2.0]', '## [1.2.1] - 2026-11-24\n\n- x\n\n## [1.2.0]')
      },
      'the newest version in CHANGELOG.md is: ## [1.2.1]'
    ],
    [
      'the version only begins like it',
      () => {
        changed('CHANGELOG.md', '## [1.2.0]', '## [1.2.01]')
      },
      'the newest version in CHANGELOG.md is'
    ],
    [
      'the heading has no date',
      () => {
        changed('CHANGELOG.md', ' - 2026-11-23', '')
      },
      'must have a date: ## [1.2.0] - 2'
    ],
    [
      'there are no notes',
      () => {
        changed('CHANGELOG.md', /### Added[^]*?(?=## \[1\.1\.0\])/, '')
      },
      'has no notes for 1.2.0'
    ],
    [
      'there is no CHANGELOG.md',
      () => {
        inWork('git', 'rm', '--quiet', 'CHANGELOG.md')
        commitAndPush('Gone')
      },
      'the newest version in CHANGELOG.md is: none'
    ],
    [
      'there is nothing but Unreleased',
      () => {
        writeFileSync(join(work, 'CHANGELOG.md'), '## [Unreleased]\n\n- x\n')
        commitAndPush('Only')
      },
      'is: none'
    ]
  ])('refuses when %s', async (_, change, words) => {
    change()
    pushTag('v1.2.0')
    await expectRefusal(words)
  })

  test('refuses a tag that is on another commit', async () => {
    pushTag('v1.2.0')
    inWork('git', 'commit', '--quiet', '--allow-empty', '--message', 'Later')
    inWork('git', 'push', '--quiet', 'origin', 'main')
    await expectRefusal('not on the commit that is checked out')
  })

  test('refuses a tag that is elsewhere at the remote', async () => {
    pushTag('v1.2.0')
    inWork('git', 'commit', '--quiet', '--allow-empty', '--message', 'Later')
    inWork('git', 'push', '--quiet', 'origin', 'main')
    inWork('git', 'tag', '--force', 'v1.2.0')
    await expectRefusal('at origin is not on the commit', ['publish'])
  })

  test('refuses a tag that is not there, or not pushed', async () => {
    await expectRefusal('There is no tag v1.2.0')
    inWork('git', 'tag', 'v1.2.0')
    await expectRefusal('at origin is not on the commit', ['publish'])
  })

  test('refuses a commit that is on no branch for releases', async () => {
    inWork('git', 'commit', '--quiet', '--allow-empty', '--message', "On nobody's branch")
    pushTag('v1.2.0')
    await expectRefusal('neither on origin/main nor on origin/release/v1')
  })

  test('refuses when something is not committed', async () => {
    pushTag('v1.2.0')
    writeFileSync(join(work, 'CHANGELOG.md'), `${CHANGELOG}\n`)
    await expectRefusal('not committed')
  })

  test('refuses a file that is not there', async () => {
    pushTag('v1.2.0')
    const outcome = await release('publish', 'v1.2.0', 'none.json')
    expect(outcome).toEqual({ code: 1, log: '::error::The file none.json is missing or empty.\n' })
    expect(asked()).toEqual([])
    expect(Object.keys(tags())).toEqual(['v1.2.0'])
  })

  test.each(['', '1.2.0', 'v1.2', 'v1.2.0-rc.1', 'v01.2.0', 'v1.2.0\n', 'v1', '--force', 'v1.2.0;x'])(
    'refuses the tag %j',
    async tag => {
      const outcome = await release('publish', tag)
      expect(outcome).toEqual({ code: 1, log: '::error::The tag must look like v1.2.3.\n' })
      expect(tags()).toEqual({})
    }
  )

  test('tells how it is used', async () => {
    expect((await release('relaese', 'v1.2.0')).log).toContain('Usage: release.sh faults|check|notes|publish')
  })

  /** One clear line; nothing is released and nothing is pushed. */
  async function expectRefusal(words: string, commands = ['check', 'notes', 'publish']): Promise<void> {
    const before = tags()
    for (const command of commands) {
      const outcome = await release(command, 'v1.2.0')
      expect(outcome.log.trimEnd().split('\n')).toEqual([expect.stringMatching(/^::error::[^\n]+$/)])
      expect(outcome.log).toContain(words)
      expect(outcome.code).toBe(1)
    }
    expect(asked()).toEqual([])
    expect(tags()).toEqual(before)
  }
})

/** Writes down what it is asked; knows of one release, whose state is in a file. */
const GH = `#!/bin/sh
echo "$*" >>"$GH/log"
case $2 in
  view) cat "$GH/state" 2>/dev/null || exit 1 ;;
  delete) rm "$GH/state" ;;
  create) echo draft >"$GH/state"; cat >"$GH/notes" ;;
  edit) echo published >"$GH/state" ;;
  *) exit 1 ;;
esac
`
