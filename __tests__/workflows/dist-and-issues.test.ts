// Proves the scripts and steps that keep this repository and its users' PATs in order: the dist check, the rebuilt dist, the questions that are asked every day, and the one issue that is opened.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { catalogue } from '../../src/errors/catalogue.ts'
import type { Outcome, Workspace } from './steps.ts'
import { createWorkspace, findStep, inBash, onLinux, readWorkflow, ROOT, start } from './steps.ts'

let folder: string
let workspace: Workspace
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dist-and-issues-'))
  workspace = createWorkspace()
  writeTool('gh', GH)
})
afterEach(() => {
  workspace.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes down what it is asked, and has the open issues that a test gives it. */
const GH = `#!/bin/sh
for argument in "$@"; do printf '%s\\t' "$argument" >>"$FOLDER/asked"; done
echo >>"$FOLDER/asked"
case "$1 $2" in
  'api --paginate') cat "$FOLDER/titles" ;;
  'issue create') echo https://github.com/octo/demo/issues/1; printf '%s\\n' "$4" >>"$FOLDER/titles" ;;
  'auth setup-git' | 'workflow run') ;;
  *) exit 1 ;;
esac
`

function writeTool(name: string, text: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', name), text)
  chmodSync(join(folder, 'bin', name), 0o755)
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
  FOLDER: folder,
  HOME: folder,
  GIT_CONFIG_GLOBAL: join(folder, 'gitconfig')
})

/** What gh was asked, by arguments. */
const asked = (): string[][] =>
  existsSync(join(folder, 'asked'))
    ? readFileSync(join(folder, 'asked'), 'utf8')
        .split('\t\n')
        .filter(line => line !== '')
        .map(line => line.split('\t'))
    : []

const setTitles = (...titles: string[]): void => {
  writeFileSync(join(folder, 'titles'), titles.map(title => `${title}\n`).join(''))
}

inBash('the dist check', () => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: devNull, ...IDENTITY }
    })
  const IDENTITY = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@sandbox.test',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@sandbox.test'
  }

  beforeEach(() => {
    mkdirSync(join(folder, 'tools'))
    mkdirSync(join(folder, 'dist'))
    cpSync(join(ROOT, 'tools/check-dist.sh'), join(folder, 'tools/check-dist.sh'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build: 'node build.js' } }))
    writeFileSync(
      join(folder, 'build.js'),
      "const fs = require('node:fs'); fs.mkdirSync('dist'); fs.writeFileSync('dist/index.js', 'built\\n')"
    )
    writeFileSync(join(folder, 'dist', 'index.js'), 'built\n')
  })

  async function check(): Promise<{ code: number | null; log: string }> {
    git('init', '--quiet')
    git('add', 'dist', 'tools', 'package.json', 'build.js')
    git('commit', '--quiet', '--message', 'All')
    return start('bash', ['tools/check-dist.sh'], folder, { ...process.env, GIT_CONFIG_GLOBAL: devNull })
  }

  test('passes when dist is what is built', async () => {
    expect(await check()).toEqual({ code: 0, log: 'dist/ is what src/ makes.\n' })
  })

  test.each<[string, () => void, string]>([
    [
      'differs',
      () => {
        writeFileSync(join(folder, 'dist', 'index.js'), 'built \n')
      },
      'index.js'
    ],
    [
      'differs in its line ends',
      () => {
        writeFileSync(join(folder, 'dist', 'index.js'), 'built\r\n')
      },
      'index.js'
    ],
    [
      'has a file that is not built',
      () => {
        writeFileSync(join(folder, 'dist', 'more.js'), '')
      },
      'more.js'
    ],
    [
      'misses a file',
      () => {
        rmSync(join(folder, 'dist', 'index.js'))
        writeFileSync(join(folder, 'dist', 'x'), '')
      },
      'index.js'
    ]
  ])('fails when it %s', async (_, change, name) => {
    change()
    const { code, log } = await check()
    expect(code).toBe(1)
    expect(log).toContain(name)
    expect(log).toMatch(/^::error::dist\/ is not what src\/ makes\. /m)
    // What it should be lies there, to be looked at.
    expect(readFileSync(join(folder, 'dist', 'index.js'), 'utf8')).toBe('built\n')
  })

  test('fails when it cannot be built', async () => {
    writeFileSync(join(folder, 'build.js'), 'process.exit(3)')
    expect((await check()).code).not.toBe(0)
  })
})

inBash('the step that pushes a rebuilt dist', () => {
  const step = findStep(readWorkflow('.github/workflows/rebuild-dist.yml').jobs['push'] ?? {}, 'Push')

  test('pushes dist and nothing else to the branch, and starts the checks', async () => {
    const git = (cwd: string, ...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@sandbox.test', ...args], { cwd, encoding: 'utf8' })
    const remote = join(folder, 'octo', 'demo')
    mkdirSync(remote, { recursive: true })
    git(remote, 'init', '--quiet', '--bare')
    git(workspace.path, 'init', '--quiet')
    rmSync(join(workspace.path, '.vaunt-token-action'))
    mkdirSync(join(workspace.path, 'dist'))
    writeFileSync(join(workspace.path, 'dist', 'old.js'), '')
    writeFileSync(join(workspace.path, 'other'), 'as it was')
    git(workspace.path, 'add', '--all')
    git(workspace.path, 'commit', '--quiet', '--message', 'Bump')
    git(workspace.path, 'push', '--quiet', remote, 'HEAD:refs/heads/dependabot/npm/x')

    rmSync(join(workspace.path, 'dist', 'old.js'))
    writeFileSync(join(workspace.path, 'dist', 'index.js'), 'built')
    writeFileSync(join(workspace.path, 'other'), 'tampered with')
    const values = {
      'github.event.pull_request.head.ref': 'dependabot/npm/x',
      'github.token': 'ghs_LOUDFAKE',
      'github.repository': 'octo/demo'
    }
    const outcome = await workspace.run(step, values, { ...environment(), GITHUB_SERVER_URL: `file://${folder}` })
    expect(outcome).toMatchObject({ code: 0 })
    expect(git(remote, 'show', '--format=%s', '--name-status', 'dependabot/npm/x')).toBe(
      'Rebuild dist\n\nA\tdist/index.js\nD\tdist/old.js\n'
    )
    expect(asked()).toEqual([
      ['auth', 'setup-git'],
      ...['ci', 'check-dist', 'codeql', 'self-test'].map(name => [
        ...['workflow', 'run', `${name}.yml`, '--ref', 'dependabot/npm/x']
      ])
    ])

    // Somebody else has pushed meanwhile: theirs stays.
    git(workspace.path, 'reset', '--quiet', '--hard', 'HEAD~1')
    writeFileSync(join(workspace.path, 'dist', 'index.js'), 'built otherwise')
    expect(
      (await workspace.run(step, values, { ...environment(), GITHUB_SERVER_URL: `file://${folder}` })).code
    ).not.toBe(0)
    expect(git(remote, 'show', 'dependabot/npm/x:dist/index.js')).toBe('built')
  })
})

test('every workflow that checks pull requests can be started on a rebuilt dist, and is', () => {
  const { run = '' } = findStep(readWorkflow('.github/workflows/rebuild-dist.yml').jobs['push'] ?? {}, 'Push')
  const started = /for checks in ([\w\- ]+); do/.exec(run)?.[1]?.split(' ')
  const checking = readdirSync(join(ROOT, '.github/workflows'))
    .filter(name => name !== 'rebuild-dist.yml')
    .filter(name => Object.hasOwn(readWorkflow(`.github/workflows/${name}`).on as object, 'pull_request'))
  expect(started?.map(name => `${name}.yml`).sort()).toEqual(checking.sort())
  for (const name of checking) expect(readWorkflow(`.github/workflows/${name}`).on).toHaveProperty('workflow_dispatch')
})

inBash('tools/open-issue.sh', () => {
  const open = (title: string): Promise<{ code: number | null; log: string }> =>
    start('bash', [join(ROOT, 'tools/open-issue.sh'), title, 'Body'], folder, {
      ...environment(),
      GH_REPO: 'octo/demo'
    })

  test('opens an issue, once', async () => {
    setTitles('Another', 'The prober fails sometimes', 'Re: The prober fails')
    expect(await open('The prober fails')).toMatchObject({ code: 0 })
    expect(asked()).toEqual([
      ['api', '--paginate', 'repos/octo/demo/issues?state=open&per_page=100', '--jq', '.[].title'],
      ['issue', 'create', '--title', 'The prober fails', '--body', 'Body']
    ])
    expect(await open('The prober fails')).toEqual({ code: 0, log: 'The issue "The prober fails" is open already.\n' })
    expect(asked()).toHaveLength(3)
  })

  test.each(['.*', '-v', '[x]'])('takes the title %s literally', async title => {
    setTitles('Another')
    expect((await open(title)).code).toBe(0)
    expect(asked().at(-1)?.slice(0, 4)).toEqual(['issue', 'create', '--title', title])
  })

  test('opens none when the open ones cannot be listed', async () => {
    writeTool('gh', GH.replace('cat "$FOLDER/titles"', 'exit 1'))
    expect((await open('The prober fails')).code).not.toBe(0)
    expect(asked()).toHaveLength(1)
  })
})

inBash('prober.yml', () => {
  const { jobs } = readWorkflow('.github/workflows/prober.yml')
  const ask = findStep(jobs['probe'] ?? {}, 'probe')
  const tell = findStep(jobs['tell'] ?? {}, 'Open an issue')

  test.each([0, 1])('asks with --check, and hands the table on whatever the exit code is: %i', async code => {
    const table = 'Which?  different\\n    seen: table<<x\\n'
    writeTool('npm', `#!/bin/sh\nprintf '%s\\t' "$@" >"$FOLDER/asked"; printf '${table}'; exit ${code}\n`)
    const values = { 'vars.VAUNT_ENTITY || github.repository_owner': 'acme', 'secrets.VAUNT_PAT': 'ghp_LOUDFAKE' }
    const outcome = await workspace.run(ask, values, environment())
    expect(outcome.code).toBe(code)
    expect(readFileSync(join(folder, 'asked'), 'utf8').split('\t').slice(0, 8)).toEqual([
      'run',
      '--silent',
      'probe',
      '--',
      '--live',
      '--entity',
      'acme',
      '--check'
    ])
    expect(outcome.log).toContain('Which?  different')
    // The end of the output is by chance, so that no line of the table can be it.
    const [begin = '', ...lines] = Object.keys(outcome.outputs)
    expect(begin).toMatch(/^table<<end-[\da-f]{32}$/)
    expect(lines).toEqual(['Which?  different', '    seen: table<<x', begin.slice('table<<'.length)])
  })

  test('opens one issue with the table, and closes none', async () => {
    setTitles('Another')
    mkdirSync(join(workspace.path, 'tools'))
    cpSync(join(ROOT, 'tools/open-issue.sh'), join(workspace.path, 'tools/open-issue.sh'))
    const values = {
      'needs.probe.outputs.error-code': 'vaunt-refused',
      'needs.probe.outputs.table': 'Which?  different\n    seen:    `$(touch x)`',
      'github.server_url': 'https://github.com',
      'github.repository': 'octo/demo',
      'github.run_id': '7',
      'github.token': 'ghs_LOUDFAKE'
    }
    expect(await workspace.run(tell, values, environment())).toMatchObject({ code: 0 })
    expect(await workspace.run(tell, values, environment())).toMatchObject({ code: 0 })
    const created = asked().filter(([noun]) => noun === 'issue')
    expect(created).toHaveLength(1)
    expect(created[0]?.slice(0, 5)).toEqual(['issue', 'create', '--title', 'The prober fails', '--body'])
    const [body = ''] = created[0]?.slice(5) ?? []
    expect(body).toContain('```text\nWhich?  different\n    seen:    `$(touch x)`\n```\n')
    expect(body).toContain('vaunt-refused')
    expect(body).not.toContain('LOUDFAKE')
    expect(existsSync(join(workspace.path, 'x'))).toBe(false)
  })
})

onLinux('the step of pat-expiry.yml that opens an issue', () => {
  const step = findStep(readWorkflow('examples/pat-expiry.yml'), 'Open an issue')
  const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

  async function run(expiresAt: string, errorCode = ''): Promise<Outcome> {
    return workspace.run(
      step,
      {
        'steps.vaunt.outputs.pat-expires-at': expiresAt,
        'steps.vaunt.outputs.error-code': errorCode,
        'github.token': 'ghs_LOUDFAKE',
        'github.server_url': 'https://github.com',
        'github.repository': 'octo/demo',
        'github.run_id': '7'
      },
      environment()
    )
  }
  const created = (): string[][] => asked().filter(([noun]) => noun === 'issue')

  test.each([
    ['expires in 13 days', inDays(13), '', 1, 'The PAT expires at 2'],
    ['expires today', inDays(0.1), '', 1, 'The PAT expires at 2'],
    ['has expired a moment ago', inDays(-0.1), '', 1, 'The PAT expires at 2'],
    [
      'is refused by GitHub',
      '',
      'pat-rejected',
      1,
      'The run https://github.com/octo/demo/actions/runs/7 failed with pat-rejected.'
    ],
    ['is refused, and expires soon', inDays(3), 'not-an-admin', 1, 'failed with not-an-admin'],
    ['expires in 15 days', inDays(15), '', 0, ''],
    ['does not say when it expires', '', '', 0, ''],
    ['could not be tried', '', 'github-unavailable', 0, '']
  ])('when the PAT %s', async (_, expiresAt, errorCode, count, reason) => {
    setTitles('Another')
    expect(await run(expiresAt, errorCode)).toMatchObject({ code: 0 })
    expect(created()).toHaveLength(count)
    if (count === 1) {
      expect(created()[0]).toEqual([
        ...['issue', 'create', '--title', 'Renew the PAT behind VAUNT_PAT', '--body'],
        expect.stringContaining(reason)
      ])
    }
  })

  test('opens one for each failure that a person must mend, and for no other', async () => {
    const mended: string[] = []
    for (const code of Object.keys(catalogue)) {
      setTitles()
      const before = created().length
      expect(await run('', code)).toMatchObject({ code: 0 })
      if (created().length > before) mended.push(code)
    }
    expect(mended).toEqual([
      ...['pat-missing', 'pat-malformed', 'pat-unsupported', 'entity-invalid', 'pat-rejected', 'entity-not-found'],
      ...['entity-unsupported', 'entity-mismatch', 'members-permission-missing', 'not-a-member', 'membership-pending'],
      ...['not-an-admin', 'sso-required', 'policy-forbidden', 'vaunt-refused', 'vaunt-entity-unknown']
    ])
  })

  test('opens no second issue while the first is open', async () => {
    setTitles()
    await run(inDays(3))
    expect(await run(inDays(2))).toMatchObject({ code: 0 })
    expect(created()).toHaveLength(1)
  })

  test('fails rather than open a second issue when the open ones cannot be listed', async () => {
    writeTool('gh', GH.replace('cat "$FOLDER/titles"', 'exit 1'))
    expect((await run(inDays(3))).code).not.toBe(0)
    expect(created()).toEqual([])
  })
})

inBash('matrix.yml', () => {
  const { jobs } = readWorkflow('examples/matrix.yml')
  const write = findStep(jobs['query'] ?? {}, 'Record the result')
  const report = findStep(jobs['report'] ?? {}, 'Report')

  /** Lets each job of the matrix write, collects what they handed over as download-artifact does, and reports. */
  async function reported(
    results: Readonly<Record<string, string>>,
    entities: number,
    result = 'success'
  ): Promise<Outcome> {
    const collected = join(workspace.path, 'results')
    for (const [entity, outcome] of Object.entries(results)) {
      const values = {
        'matrix.entity': entity,
        'steps.report.outputs.error-code || steps.report.outcome': outcome,
        'steps.report.outputs.count': outcome === 'success' ? '7' : '',
        'strategy.job-total': String(entities)
      }
      expect(await workspace.run(write, values, {})).toMatchObject({ code: 0 })
      cpSync(join(workspace.path, 'result'), collected, { recursive: true })
      rmSync(join(workspace.path, 'result'), { recursive: true })
    }
    return workspace.run(report, { 'needs.query.result': result }, {})
  }
  const HEAD = '| Entity | Result | Repositories |\n| --- | --- | ---: |\n'

  test.each([
    [{ mona: 'success' }, '| mona | success | 7 |\n'],
    [{ 'acme-labs': 'success', mona: 'success' }, '| acme-labs | success | 7 |\n| mona | success | 7 |\n']
  ])('reports %j in one table', async (results, rows) => {
    const { code, summary, log } = await reported(results, Object.keys(results).length)
    expect([code, summary, log]).toEqual([0, HEAD + rows, HEAD + rows])
  })

  test('fails when an entity failed, with its code in the table', async () => {
    const { code, summary } = await reported({ mona: 'success', other: 'not-a-member' }, 2, 'failure')
    expect([code, summary]).toEqual([1, `${HEAD}| mona | success | 7 |\n| other | not-a-member |  |\n`])
  })

  test('fails when there are fewer rows than entities, and says so', async () => {
    const { code, log, summary } = await reported({ mona: 'success' }, 2)
    expect([code, summary]).toEqual([1, `${HEAD}| mona | success | 7 |\n`])
    expect(log).toContain('::error::Only 1 of 2 accounts have a result.')
  })

  test('fails when there are none', async () => {
    const { code, summary } = await reported({}, 2)
    expect([code, summary]).toEqual([1, ''])
  })
})

inBash('the first step of the reusable workflows', () => {
  const known = { 'job.workflow_repository': 'octo/action', 'job.workflow_sha': 'a'.repeat(40) }
  const secrets = { "secrets.VAUNT_SEAL_KEY != ''": 'true', "secrets.VAUNT_PAT != ''": 'true' }
  const names = ['vaunt-token', 'contributors-card', 'repositories-report']
  const run = (name: string, values: Readonly<Record<string, string>>): Promise<Outcome> =>
    workspace.run(findStep(readWorkflow(`.github/workflows/${name}.yml`), 'origin'), values, {})

  test.each(names)('%s goes on where the server says where it comes from', async name => {
    expect(await run(name, { ...known, ...secrets })).toMatchObject({
      code: 0,
      log: '',
      outputs: {}
    })
  })

  test.each(names.flatMap(name => Object.keys(known).map(missing => [name, missing])))(
    '%s stops without %s: nothing is checked out, and no secret is used',
    async (name, missing) => {
      const { code, log, outputs } = await run(name, {
        ...known,
        [missing]: '',
        ...secrets
      })
      expect([code, outputs]).toEqual([1, { 'error-code': 'runner-files-unusable' }])
      expect(log).toMatch(
        /^::error::This server does not provide job\.workflow_repository .* \[runner-files-unusable\] https:\S+#runner-files-unusable\n$/
      )
    }
  )

  test('vaunt-token stops without a key to seal with, and names it', async () => {
    const { code, log, outputs } = await run('vaunt-token', {
      ...known,
      ...secrets,
      "secrets.VAUNT_SEAL_KEY != ''": 'false'
    })
    expect([code, outputs]).toEqual([1, { 'error-code': 'seal-key-invalid' }])
    expect(log).toMatch(
      /^::error::The secret VAUNT_SEAL_KEY is missing, .* \[seal-key-invalid\] https:\S+#seal-key-invalid\n$/
    )
  })

  test('vaunt-token stops without a PAT, and names it', async () => {
    const { code, log, outputs } = await run('vaunt-token', {
      ...known,
      ...secrets,
      "secrets.VAUNT_PAT != ''": 'false'
    })
    expect([code, outputs]).toEqual([1, { 'error-code': 'pat-missing' }])
    expect(log).toMatch(/^::error::The secret VAUNT_PAT is missing\. .* \[pat-missing\] https:\S+#pat-missing\n$/)
  })

  test('across-jobs.yml stops without a key as well', async () => {
    const step = findStep(readWorkflow('examples/across-jobs.yml'), 'Check for the key')
    expect(await workspace.run(step, { "secrets.VAUNT_SEAL_KEY != ''": 'true' }, {})).toMatchObject({
      code: 0,
      log: ''
    })
    const { code, log } = await workspace.run(step, { "secrets.VAUNT_SEAL_KEY != ''": 'false' }, {})
    expect(code).toBe(1)
    expect(log).toContain('::error::The secret VAUNT_SEAL_KEY is missing.')
  })
})
