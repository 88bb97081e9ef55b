// Proves that a release works, from `git tag` to the moved major tag: the commands of docs/releasing.md and the steps of release.yml, word for word, on a bare remote that enforces the rulesets of .github/rulesets. What release.sh refuses by itself: release.test.ts.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findStep, inBash, readWorkflow, ROOT, start } from './steps.ts'

type Pusher = 'maintainer' | 'writer' | 'workflow' | 'merge'

const RULES = join(ROOT, '__tests__/support/github-rules.js')
const RELEASE = readWorkflow('.github/workflows/release.yml')
const WORKFLOW_FILE = '.github/workflows/ci.yml'

/** The shell commands of docs/releasing.md, in order. */
const COMMANDS = [
  ...readFileSync(join(ROOT, 'docs/releasing.md'), 'utf8').matchAll(/^ {3}```bash\n([^]*?)^ {3}```$/gm)
].map(([, text = '']) => text.trim())

/** Knows which releases there are, and which is the latest; writes down what it is asked. */
const GH = `#!/bin/sh
echo "$*" >>"$GH/log"
release="$GH/release-$3"
case "$1 $2" in
  'auth setup-git') ;;
  'release view') cat "$release" 2>/dev/null || exit 1 ;;
  'release delete') rm "$release" ;;
  'release create') cat >/dev/null; echo draft >"$release" ;;
  'release edit')
    echo published >"$release"
    case $* in *--latest=true*) echo "$3" >"$GH/latest" ;; esac
    ;;
  *) exit 1 ;;
esac
`

/** Signs nothing; git only wants to see that something was made. */
const GPG = `#!/bin/sh
cat >/dev/null
echo '[GNUPG:] SIG_CREATED ' >&2
printf '%s\\n' '-----BEGIN PGP SIGNATURE-----' LOUDFAKE '-----END PGP SIGNATURE-----'
`

inBash('a release, on a remote with the rules of this repository', () => {
  let folder: string
  let remote: string
  let desk: string
  let rulesets: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rehearsal-'))
    remote = join(folder, 'remote.git')
    desk = join(folder, 'desk')
    rulesets = join(folder, 'rulesets')
    for (const name of ['bin', 'gh']) mkdirSync(join(folder, name))
    writeProgram(join(folder, 'bin', 'gh'), GH)
    writeProgram(join(folder, 'bin', 'gpg'), GPG)
    writeFileSync(join(folder, 'gitconfig'), `[gpg]\n\tprogram = ${join(folder, 'bin', 'gpg')}\n`)
    cpSync(join(ROOT, '.github/rulesets'), rulesets, { recursive: true })

    git('merge', folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote)
    git('merge', folder, 'clone', '--quiet', remote, desk)
    git('merge', desk, 'switch', '--quiet', '--orphan', 'main')
    for (const name of ['tools', 'dist', '.github/workflows']) mkdirSync(join(desk, name), { recursive: true })
    cpSync(join(ROOT, 'tools/release.sh'), join(desk, 'tools/release.sh'))
    writeFileSync(join(desk, 'dist', 'sbom.cdx.json'), '{}')
    writeFileSync(join(desk, WORKFLOW_FILE), 'name: CI\n')
    prepare('1.0.0')
    const hook = `#!/bin/sh\nexec '${process.execPath}' '${RULES}' '${rulesets}' "$@"\n`
    writeProgram(join(remote, 'hooks', 'update'), hook)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = (pusher: Pusher, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: folder,
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Maintainer',
    GIT_AUTHOR_EMAIL: 'maintainer@sandbox.test',
    GIT_COMMITTER_NAME: 'Maintainer',
    GIT_COMMITTER_EMAIL: 'maintainer@sandbox.test',
    GH: join(folder, 'gh'),
    PUSHER: pusher,
    ...more
  })

  function git(pusher: Pusher, cwd: string, ...args: string[]): string {
    return execFileSync('git', args, { cwd, env: environment(pusher), encoding: 'utf8', stdio: 'pipe' }).trim()
  }

  /** What a push came to, in git's and the rules' words. */
  function push(pusher: Pusher, ...args: string[]): { accepted: boolean; words: string } {
    const { status, stderr } = spawnSync('git', ['push', 'origin', ...args], {
      cwd: desk,
      env: environment(pusher),
      encoding: 'utf8'
    })
    return { accepted: status === 0, words: stderr }
  }

  /** Step 1 and 2 of docs/releasing.md: a merged commit with the version, and what else is to change in it. */
  function prepare(version: string, changes: Readonly<Record<string, string>> = {}, branch = 'main'): void {
    const files = {
      'package.json': JSON.stringify({ name: 'x', version }),
      'package-lock.json': JSON.stringify({ version, packages: { '': { version } } }),
      'CHANGELOG.md': `# Changelog\n\n## [Unreleased]\n\n## [${version}] - 2026-11-23\n\n- Something.\n`,
      ...changes
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(desk, name), text)
    git('merge', desk, 'add', '--all')
    git('merge', desk, 'commit', '--quiet', '--message', `Prepare ${version}`)
    git('merge', desk, 'push', '--quiet', '--set-upstream', 'origin', `HEAD:refs/heads/${branch}`)
  }

  /** Steps 3 and 4: what a maintainer types. */
  async function tagAndPush(version: string, branch = 'main'): Promise<string> {
    const [tag = '', pushTag = ''] = COMMANDS.map(command =>
      command.replaceAll('1.2.3', version).replace('git switch main', `git switch ${branch}`)
    )
    const tagged = await bash(tag, desk, 'maintainer')
    expect(tagged).toMatchObject({ code: 0 })
    expect(await bash(pushTag, desk, 'maintainer')).toMatchObject({ code: 0 })
    return tagged.log
  }

  /** What release.yml does with a tag, without build, test and attestation; each job in a checkout of its own. */
  async function runWorkflow(tag: string): Promise<{ code: number | null; log: string }> {
    const more = { GITHUB_REF_NAME: tag, GH_TOKEN: 'ghs_LOUDFAKE', GH_REPO: 'octo/demo' }
    const check = findStep(
      RELEASE.jobs['build'] ?? { steps: [] },
      'Check that tag, package.json and CHANGELOG.md agree'
    )
    const checked = await bash(check.run ?? '', checkout(tag), 'workflow', more)
    if (checked.code !== 0) return checked
    const publish = findStep(RELEASE.jobs['publish'] ?? { steps: [] }, 'Publish')
    return bash(publish.run ?? '', checkout(tag), 'workflow', more)
  }

  function checkout(tag: string): string {
    const path = mkdtempSync(join(folder, 'job-'))
    git('workflow', folder, 'clone', '--quiet', remote, path)
    git('workflow', path, 'checkout', '--quiet', '--detach', tag)
    return path
  }

  const bash = (command: string, cwd: string, pusher: Pusher, more?: NodeJS.ProcessEnv): ReturnType<typeof start> =>
    start('bash', ['-e', '-c', command], cwd, environment(pusher, more))

  async function release(version: string, branch?: string): Promise<{ code: number | null; log: string }> {
    await tagAndPush(version, branch)
    return runWorkflow(`v${version}`)
  }

  /** The commit that a tag of the remote leads to. */
  const at = (tag: string): string => git('merge', remote, 'rev-parse', `${tag}^{commit}`)
  const latest = (): string => readFileSync(join(folder, 'gh', 'latest'), 'utf8').trim()
  const asked = (): string[] =>
    readFileSync(join(folder, 'gh', 'log'), 'utf8')
      .trimEnd()
      .split('\n')
  const isReleased = (tag: string): boolean => existsSync(join(folder, 'gh', `release-${tag}`))
  /** The last line of a log, without the runner's mark. */
  const lastError = (log: string): string => /^::error::(.*)$/m.exec(log)?.[1] ?? ''

  test('the first one: v1 comes into being, although only maintainers may create tags of releases', async () => {
    expect(await release('1.0.0')).toEqual({ code: 0, log: 'Released v1.0.0. v1 now points to it.\n' })
    expect(at('v1')).toBe(at('v1.0.0'))
    expect(git('merge', remote, 'cat-file', '-p', 'v1.0.0')).toContain('PGP SIGNATURE')
    expect(latest()).toBe('v1.0.0')
    expect(asked().some(line => line.includes('--notes-file - dist/sbom.cdx.json'))).toBe(true)
  })

  test('a patch of an older major version: its major tag moves, and the newer version stays the latest', async () => {
    await release('1.0.0')
    prepare('2.0.0')
    expect((await release('2.0.0')).log).toContain('Released v2.0.0. v2 now points to it.')
    expect(at('v1')).toBe(at('v1.0.0'))

    git('maintainer', desk, 'switch', '--quiet', '--create', 'release/v1', 'v1.0.0')
    git('maintainer', desk, 'push', '--quiet', '--set-upstream', 'origin', 'release/v1')
    prepare('1.0.1', {}, 'release/v1')
    expect((await release('1.0.1', 'release/v1')).log).toContain('Released v1.0.1. v1 now points to it.')
    expect(at('v1')).toBe(at('v1.0.1'))
    expect(at('v2')).toBe(at('v2.0.0'))
    expect(latest()).toBe('v2.0.0')
  })

  test('a patch of an older minor version is neither the latest nor the major one', async () => {
    prepare('1.1.0')
    await release('1.1.0')
    git('maintainer', desk, 'switch', '--quiet', '--create', 'release/v1', 'v1.1.0~1')
    git('maintainer', desk, 'push', '--quiet', '--set-upstream', 'origin', 'release/v1')
    prepare('1.0.1', {}, 'release/v1')
    expect((await release('1.0.1', 'release/v1')).log).toContain('Released v1.0.1. v1 stays at v1.1.0.')
    expect(latest()).toBe('v1.1.0')
  })

  test('workflow files changed since: it is known before the release is out, and the way by hand works', async () => {
    await release('1.0.0')
    prepare('1.1.0', { [WORKFLOW_FILE]: 'name: Changed\n' })
    expect(await tagAndPush('1.1.0')).toContain("Workflow files have changed since v1, so the release won't move it.")
    const { code, log } = await runWorkflow('v1.1.0')
    expect(code).toBe(1)
    expect(lastError(log)).toMatch(/^v1\.1\.0 is released, but v1 didn't move: workflow files have changed/)
    expect(log).not.toMatch(/refusing to allow|rejected|Run this job again/)
    expect([isReleased('v1.1.0'), latest(), at('v1')]).toEqual([true, 'v1.1.0', at('v1.0.0')])

    // Another run does not help, does no harm, and says the same.
    const again = await runWorkflow('v1.1.0')
    expect([again.code, lastError(again.log)]).toEqual([1, lastError(log)])

    const command = /git fetch .*$/.exec(lastError(log))?.[0] ?? ''
    expect(command).toBe(COMMANDS[2]?.replaceAll('1.2.3', '1.1.0'))
    expect(await bash(command, desk, 'maintainer')).toMatchObject({ code: 0 })
    expect(at('v1')).toBe(at('v1.1.0'))
    expect(await runWorkflow('v1.1.0')).toMatchObject({ code: 0 })
    expect(asked().filter(line => line.startsWith('release create v1.1.0'))).toHaveLength(1)
  })

  test('workflow files changed on main before the first major tag is made: it is left to a maintainer as well', async () => {
    await tagAndPush('1.0.0')
    prepare('1.0.1', { [WORKFLOW_FILE]: 'name: Changed\n' })
    const { code, log } = await runWorkflow('v1.0.0')
    expect(code).toBe(1)
    expect(lastError(log)).toContain("git push --force origin 'v1.0.0^{commit}:refs/tags/v1'")
    expect(log).not.toContain('refusing to allow')
    expect(isReleased('v1.0.0')).toBe(true)
  })

  test('GitHub refuses because of workflow files where nobody saw it coming: the same words', async () => {
    await release('1.0.0')
    prepare('1.1.0')
    await tagAndPush('1.1.0')
    writeProgram(
      join(remote, 'hooks', 'update'),
      "#!/bin/sh\necho 'refusing to allow a GitHub App to create or update workflow' >&2\nexit 1\n"
    )
    const { code, log } = await runWorkflow('v1.1.0')
    expect(code).toBe(1)
    expect(lastError(log)).toMatch(/^v1\.1\.0 is released, but v1 didn't move: workflow files have changed/)
    expect(log).not.toContain('refusing to allow')
  })

  test('a rule that lets nobody but maintainers create v1: the way by hand, and no advice to run it again', async () => {
    const rule = JSON.parse(readFileSync(join(rulesets, 'release-tags-are-made.json'), 'utf8')) as {
      conditions: { ref_name: { include: string[] } }
    }
    rule.conditions.ref_name.include = ['refs/tags/v*']
    writeFileSync(join(rulesets, 'too-wide.json'), JSON.stringify(rule))
    const { code, log } = await release('1.0.0')
    expect(code).toBe(1)
    expect(lastError(log)).toMatch(
      /a rule of the repository doesn't let a workflow move v1\. Running this job again doesn't help\./
    )
    const command = /git fetch .*$/.exec(lastError(log))?.[0] ?? ''
    expect(await bash(command, desk, 'maintainer')).toMatchObject({ code: 0 })
    expect(at('v1')).toBe(at('v1.0.0'))
  })

  test('the remote cannot be reached for the major tag: another run goes on from there', async () => {
    await tagAndPush('1.0.0')
    writeProgram(
      join(folder, 'bin', 'gh'),
      `${GH}case "$1 $2" in 'release edit') mv "${remote}" "${remote}.away" ;; esac\n`
    )
    const { code, log } = await runWorkflow('v1.0.0')
    expect(code).toBe(1)
    expect(lastError(log)).toBe(
      "v1.0.0 is released, but v1 couldn't be moved. Run this job again. It continues from here."
    )
    execFileSync('mv', [`${remote}.away`, remote])
    expect((await runWorkflow('v1.0.0')).log).toContain('Released v1.0.0. v1 now points to it.')
    expect(asked().filter(line => line.startsWith('release create'))).toHaveLength(1)
  })

  test('a tag that was pushed and cannot be released stays; the next version takes its place', async () => {
    git('maintainer', desk, 'tag', '--annotate', '--message', 'x', 'v1.0.0')
    expect(push('maintainer', 'v1.0.0')).toMatchObject({ accepted: true })
    // Nothing of it was published when it turned out to be wrong.
    expect(push('maintainer', '--delete', 'v1.0.0')).toEqual({
      accepted: false,
      words: expect.stringContaining('deletion')
    })
    prepare('1.0.1')
    expect((await release('1.0.1')).log).toContain('Released v1.0.1. v1 now points to it.')
    expect([isReleased('v1.0.0'), latest()]).toEqual([false, 'v1.0.1'])
  })

  describe('the rules', () => {
    beforeEach(async () => {
      await release('1.0.0')
      prepare('1.1.0')
      git('maintainer', desk, 'commit', '--quiet', '--allow-empty', '--message', 'Unreviewed')
    })

    test.each<[string, Pusher, string[], string]>([
      ['a writer makes the tag of a release', 'writer', ['HEAD:refs/tags/v3.0.0'], 'creation'],
      ['a workflow makes the tag of a release', 'workflow', ['HEAD:refs/tags/v3.0.0'], 'creation'],
      ['a maintainer moves the tag of a release', 'maintainer', ['--force', 'HEAD:refs/tags/v1.0.0'], 'update'],
      ['a maintainer deletes the tag of a release', 'maintainer', [':refs/tags/v1.0.0'], 'deletion'],
      ['a workflow deletes the tag of a release', 'workflow', [':refs/tags/v1.0.0'], 'deletion'],
      ['a maintainer deletes a major tag', 'maintainer', [':refs/tags/v1'], 'deletion'],
      ['a maintainer pushes to main', 'maintainer', ['HEAD:refs/heads/main'], 'pull_request'],
      ['a workflow pushes to main', 'workflow', ['HEAD:refs/heads/main'], 'pull_request'],
      ['a merge takes back what is on main', 'merge', ['--force', 'HEAD~2:refs/heads/main'], 'non_fast_forward'],
      ['a maintainer deletes main', 'maintainer', [':refs/heads/main'], 'deletion']
    ])('refuse it when %s', (_, pusher, args, rule) => {
      git('merge', remote, 'config', 'receive.denyDeleteCurrent', 'ignore')
      const before = git('merge', remote, 'for-each-ref')
      expect(push(pusher, ...args)).toEqual({
        accepted: false,
        words: expect.stringMatching(`violations found .*: ${rule} `)
      })
      expect(git('merge', remote, 'for-each-ref')).toBe(before)
    })
  })
})

describe('what docs/releasing.md tells to set up', () => {
  const files = ['branches.json', 'major-tags.json', 'release-tags-are-made.json', 'release-tags-stay.json']

  test('begins with the list for the first day, in the order in which the steps depend on each other', () => {
    const text = readFileSync(join(ROOT, 'docs/releasing.md'), 'utf8')
    const [list = ''] = text.split(/^## /m).slice(1)
    expect(list.match(/^- \[ \] \*\*\w[\w ]*\.\*\*/gm)?.map(step => step.slice(8, -3))).toEqual(
      ['Account', 'Repository', 'Name', 'Rules and settings', 'Environments', 'Release', 'Marketplace'].concat([
        'First contact',
        'Starter workflow',
        'First user'
      ])
    )
    expect(list).toContain('bash tools/first-day.sh')
  })

  test.each(files)('names the ruleset %s', file => {
    expect(readFileSync(join(ROOT, 'docs/releasing.md'), 'utf8')).toContain(`\`${file}\``)
    expect(JSON.parse(readFileSync(join(ROOT, '.github/rulesets', file), 'utf8'))).toMatchObject({
      enforcement: 'active'
    })
  })

  test('requires every check of a pull request', () => {
    const { rules } = JSON.parse(readFileSync(join(ROOT, '.github/rulesets/branches.json'), 'utf8')) as {
      rules: { type: string; parameters?: { required_status_checks?: { context: string }[] } }[]
    }
    const required = rules
      .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
      .map(({ context }) => context)
    const checks = ['ci', 'check-dist', 'codeql', 'self-test'].flatMap(name =>
      Object.values(readWorkflow(`.github/workflows/${name}.yml`).jobs).flatMap(namesOf)
    )
    expect(required.sort()).toEqual(checks.sort())
  })

  test('has owners for every file', () => {
    expect(readFileSync(join(ROOT, '.github/CODEOWNERS'), 'utf8')).toMatch(/^\* @[\w/-]+$/m)
  })
})

/** The names under which a job reports, one for each value of its matrix. */
function namesOf(job: { readonly name?: string; readonly strategy?: { readonly matrix?: object } }): string[] {
  const [entry] = Object.entries(job.strategy?.matrix ?? {}) as [string, string[]][]
  if (entry === undefined) return [job.name ?? '']
  return entry[1].map(value => (job.name ?? '').replace(`\${{ matrix.${entry[0]} }}`, value))
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}
