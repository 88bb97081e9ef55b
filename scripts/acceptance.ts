// Owns `npm run acceptance`: a real workflow engine (nektos/act, in host mode) runs the examples word for word, offline. GitHub's and
// Vaunt's own addresses lead to the sandbox, through its proxy. What act cannot fetch offline is played by a few lines of shell.

import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { PATS } from '../sandbox/github.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

const ROOT = resolve(import.meta.dirname, '..')
const ACT = process.env['ACT'] ?? 'act'
const TIMEOUT_MS = 120_000

/** One example, and what act must come to. */
interface Scene {
  readonly example: string
  readonly pat: string
  readonly exitCode: number
  /** What must stand in act's log, in this order. */
  readonly log: readonly RegExp[]
  /** What Vaunt is asked, in any order. */
  readonly vaunt: readonly string[]
}

const SCENES: readonly Scene[] = [
  {
    example: 'user.yml',
    pat: PATS.monaFineGrained.token,
    exitCode: 0,
    log: [/Attested as Mona/, /set-output:: token=\*\*\*/, /Success - Main Ask Vaunt/],
    vaunt: ['/v1/github/entities/Mona/repositories?limit=100', '/v1/github/entities/Mona/token']
  },
  {
    example: 'across-jobs.yml',
    pat: PATS.monaFineGrained.token,
    exitCode: 0,
    log: [/Job succeeded/, /Opened a sealed token for user Mona/, /Success - Main Ask Vaunt/, /Job succeeded/],
    vaunt: ['/v1/github/entities/Mona/repositories?limit=100', '/v1/github/entities/Mona/token']
  },
  {
    example: 'reusable-token.yml',
    pat: PATS.monaFineGrained.token,
    exitCode: 0,
    log: [/Token\/.*Attested as Mona/, /Opened a sealed token for user Mona/, /Success - Main Ask Vaunt/],
    vaunt: ['/v1/github/entities/Mona/repositories?limit=100', '/v1/github/entities/Mona/token']
  },
  {
    // One of the three is not administered by the PAT's user: the others go on, and the report says which and why.
    example: 'matrix.yml',
    pat: PATS.monaForAcme.token,
    exitCode: 1,
    log: [/acme-labs \| success/, /mona \| success/, /other-org \| not-a-member/],
    vaunt: [
      '/v1/github/entities/Acme-Labs/repositories?limit=100',
      '/v1/github/entities/Acme-Labs/token',
      '/v1/github/entities/Mona/repositories?limit=100',
      '/v1/github/entities/Mona/token'
    ]
  }
]

/** Actions of GitHub's that cannot be fetched offline, as far as the examples need them. */
const PLAYED: Readonly<Record<string, string>> = {
  'actions/checkout': 'mkdir -p "$TO" && cp -r "$ACTION_ROOT/." "$TO/"',
  'actions/upload-artifact': 'mkdir -p "$ARTIFACTS/$NAME" && cp -r "$TO" "$ARTIFACTS/$NAME/"',
  'actions/download-artifact': 'mkdir -p "$TO" && cp -r "$ARTIFACTS"/$PATTERN "$TO/"'
}

function playedAction(script: string): string {
  const inputs = ['repository', 'ref', 'path', 'persist-credentials', 'name', 'pattern', 'retention-days']
  return JSON.stringify({
    name: 'played',
    description: 'Stands in for an action that cannot be fetched offline.',
    inputs: Object.fromEntries(inputs.map(name => [name, { description: name }])),
    runs: {
      using: 'composite',
      steps: [
        {
          shell: 'bash',
          env: { TO: '${{ inputs.path }}', NAME: '${{ inputs.name }}', PATTERN: '${{ inputs.pattern }}' },
          run: script
        }
      ]
    }
  })
}

/** Runs one example in a fresh repository. @returns what went wrong; empty when nothing did */
async function play(scene: Scene, sandbox: Sandbox): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'acceptance-'))
  try {
    const action = join(directory, 'action')
    for (const part of ['dist', 'action.yml', '.github/workflows']) {
      cpSync(join(ROOT, part), join(action, part), { recursive: true })
    }
    const repository = join(directory, 'repository')
    const workflow = join(repository, '.github', 'workflows', scene.example)
    mkdirSync(dirname(workflow), { recursive: true })
    cpSync(join(ROOT, 'examples', scene.example), workflow)
    prepareRepository(repository)

    const { exitCode, log } = await runAct(scene, sandbox, { directory, action, repository })
    const vaunt = sandbox.vaunt.requests.map(({ path }) => path).sort()
    const problems = [
      ...(exitCode === scene.exitCode ? [] : [`act ended with ${String(exitCode)}, not ${scene.exitCode}`]),
      ...missing(log, scene.log),
      ...(vaunt.join() === scene.vaunt.join() ? [] : [`Vaunt was asked ${vaunt.join(', ')}`]),
      ...[scene.pat, ...sandbox.vaunt.model.tokens]
        .filter(secret => log.includes(secret))
        .map(() => 'a secret was shown')
    ]
    return problems.length === 0 ? [] : [...problems, log]
  } finally {
    sandbox.reset()
    rmSync(directory, { recursive: true, force: true })
  }
}

function prepareRepository(folder: string): void {
  const git = (...words: string[]): void => {
    const { status, stderr } = spawnSync('git', ['-C', folder, ...words], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
  }
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', 'https://github.com/Mona/acceptance')
  git('add', '.')
  git('-c', 'user.name=acceptance', '-c', 'user.email=acceptance@localhost', 'commit', '--quiet', '--message=Example')
}

interface Places {
  readonly directory: string
  readonly action: string
  readonly repository: string
}

function runAct(scene: Scene, sandbox: Sandbox, places: Places): Promise<{ exitCode: number | null; log: string }> {
  const { directory, action, repository } = places
  const artifacts = join(directory, 'artifacts')
  mkdirSync(artifacts)
  const example = readFileSync(join(repository, '.github', 'workflows', scene.example), 'utf8')
  const reusable = readFileSync(join(action, '.github', 'workflows', 'vaunt-token.yml'), 'utf8')
  const repositories = [['OWNER/vaunt-token-action@v1', action]]
  for (const [, name = '', commit = ''] of `${example}${reusable}`.matchAll(
    /uses: (actions\/[\w-]+)@([0-9a-f]{40})/g
  )) {
    const script = PLAYED[name]
    if (script === undefined) throw new Error(`${scene.example} uses ${name}, which nobody plays`)
    const folder = join(directory, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'action.yml'), playedAction(script))
    repositories.push([`${name}@${commit}`, folder])
  }
  const environment = {
    HTTPS_PROXY: sandbox.proxy?.url ?? '',
    NODE_EXTRA_CA_CERTS: sandbox.caFile,
    CURL_CA_BUNDLE: sandbox.caFile,
    ACTION_ROOT: action,
    ARTIFACTS: artifacts
  }
  const words = [
    'workflow_dispatch',
    ...['--workflows', join('.github', 'workflows', scene.example)],
    ...['--platform', 'ubuntu-latest=-self-hosted', '--action-offline-mode', '--no-cache-server'],
    ...['--action-cache-path', join(directory, 'cache')],
    ...repositories.flatMap(pair => ['--local-repository', pair.join('=')]),
    ...['--secret', 'VAUNT_PAT', '--secret', 'VAUNT_SEAL_KEY'],
    ...Object.entries(environment).flatMap(pair => ['--env', pair.join('=')])
  ]
  // In act's own environment rather than on its command line, and this Node before any other.
  const secrets = { VAUNT_PAT: scene.pat, VAUNT_SEAL_KEY: Buffer.alloc(32, 7).toString('base64') }
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return new Promise((resolve, reject) => {
    const child = spawn(ACT, words, {
      cwd: repository,
      env: { ...process.env, ...secrets, PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', chunk => (log += String(chunk)))
    child.on('error', reject)
    child.on('close', exitCode => {
      resolve({ exitCode, log })
    })
  })
}

function missing(log: string, expected: readonly RegExp[]): string[] {
  let rest = log
  for (const pattern of expected) {
    const at = rest.search(pattern)
    if (at < 0) return [`nothing matches ${String(pattern)}, or not in order`]
    rest = rest.slice(at + 1)
  }
  return []
}

const found = spawnSync(ACT, ['--version'], { encoding: 'utf8' })
if (found.status !== 0) {
  process.stderr.write(
    'act is not installed. With Go: go install github.com/nektos/act@v0.2.89, then put it on the PATH or in ACT.\n'
  )
  process.exit(1)
}
process.stdout.write(`${found.stdout.trim()}, in host mode, offline\n`)
const sandbox = await startSandbox({ proxy: {} })
try {
  for (const scene of SCENES) {
    const problems = await play(scene, sandbox)
    process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'} examples/${scene.example}\n`)
    for (const problem of problems) process.stdout.write(`${problem}\n`)
    if (problems.length > 0) process.exitCode = 1
  }
} finally {
  await sandbox.stop()
}
