// `npm run bench`: measures how long whole runs take compared with a baseline, how large the bundle is, and how much memory a run needs. It prints a table and changes nothing in the repository.
//
// The servers run in a separate process, as in reality, so that they don't compete with the measured program for one thread.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { once } from 'node:events'
import { runCommand } from '../sandbox/command-line.ts'

const ROOT = resolve(import.meta.dirname, '..')
const ACTION = join(ROOT, 'dist', 'index.js')
const BUNDLE = join(ROOT, 'dist', 'start.js')
const FLOOR = join(import.meta.dirname, 'floor.js')
const SEAL_KEY = Buffer.alloc(32, 7).toString('base64')

const COMMAND = {
  calls: ['npm run bench', 'npm run bench -- --runs 50'],
  flags: { runs: { usual: 15, from: 3, to: 200, what: 'How many times each program runs in each setting' } }
} as const

const SETTINGS = [
  { title: 'no latency', latencyMs: 0, connectLatencyMs: 0 },
  { title: '50 ms per response', latencyMs: 50, connectLatencyMs: 0 },
  { title: '100 ms per new connection', latencyMs: 0, connectLatencyMs: 100 }
] as const

interface Place {
  readonly github: string
  readonly vaunt: string
  readonly ca: string
  readonly pat: string
}

interface Program {
  readonly name: string
  readonly file: string
  readonly environment: (place: Place) => Readonly<Record<string, string>>
}

const directory = mkdtempSync(join(tmpdir(), 'bench-'))
const outputs = join(directory, 'outputs')
let sealedToken = ''

const action = (more: (place: Place) => Readonly<Record<string, string>>): Program['environment'] => {
  return place => ({
    GITHUB_OUTPUT: outputs,
    GITHUB_REPOSITORY: 'octo/bench',
    GITHUB_RUN_ID: '1',
    'INPUT_GITHUB-API-URL': place.github,
    'INPUT_VAUNT-API-URL': place.vaunt,
    INPUT_ENTITY: 'Acme-Labs',
    ...more(place)
  })
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'baseline',
    file: FLOOR,
    environment: ({ github, vaunt, pat }) => ({ FLOOR_GITHUB: github, FLOOR_VAUNT: vaunt, FLOOR_PAT: pat })
  },
  { name: 'action', file: ACTION, environment: action(({ pat }) => ({ INPUT_PAT: pat })) },
  {
    name: 'action, sealing',
    file: ACTION,
    environment: action(({ pat }) => ({ INPUT_PAT: pat, 'INPUT_SEAL-KEY': SEAL_KEY }))
  },
  {
    name: 'action, opening',
    file: ACTION,
    environment: action(() => ({ 'INPUT_SEAL-KEY': SEAL_KEY, 'INPUT_SEALED-TOKEN': sealedToken }))
  }
]

/** Runs a program once. @returns wall time of the whole process in milliseconds */
function run(program: Program, place: Place): number {
  writeFileSync(outputs, '')
  const environment = { ...inherited(), NODE_EXTRA_CA_CERTS: place.ca, ...program.environment(place) }
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [program.file], { env: environment, encoding: 'utf8' })
  const duration = performance.now() - startedAt
  if (status !== 0) throw new Error(`${program.name} failed:\n${stdout}${stderr}`)
  return duration
}

/** The variables that Node.js and the system need, without proxies and options of Node.js. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'USERPROFILE', 'SystemRoot', 'TEMP', 'TMP'].flatMap(name => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
}

/** Peak memory of one run in MiB, as reported by the process at its end. */
function peakMemory(program: Program, place: Place): number {
  const report = join(directory, 'report.mjs')
  const result = join(directory, 'peak')
  writeFileSync(
    report,
    `import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)))`
  )
  writeFileSync(outputs, '')
  const environment = { ...inherited(), NODE_EXTRA_CA_CERTS: place.ca, ...program.environment(place) }
  spawnSync(process.execPath, ['--import', `file://${report}`, program.file], { env: environment })
  return Number(readFileSync(result, 'utf8')) / 1024
}

function median(times: readonly number[]): number {
  return quantile(times, 0.5)
}

function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] ?? NaN
}

/** Starts the servers in a separate process and waits until they listen. */
async function startServers(setting: (typeof SETTINGS)[number]): Promise<{ place: Place; stop: () => Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'sandbox', 'serve.ts'),
      '--minutes=10',
      `--latency-ms=${setting.latencyMs}`,
      `--connect-latency-ms=${setting.connectLatencyMs}`
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  let text = ''
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('Running for')) break
  }
  const variable = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? ''
  return {
    place: {
      github: variable('SANDBOX_GITHUB_API_URL'),
      vaunt: variable('SANDBOX_VAUNT_API_URL'),
      ca: variable('SANDBOX_CA_FILE'),
      pat: variable('SANDBOX_PAT_ADMIN')
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  }
}

const row = (...cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(11))).join('')

/** Measures every program in one setting, and prints its table. */
async function measure(setting: (typeof SETTINGS)[number], runs: number): Promise<void> {
  const { place, stop } = await startServers(setting)
  try {
    const times = new Map<Program, number[]>(PROGRAMS.map(program => [program, []]))
    // The first round fills the disk cache, and provides the sealed token to open.
    for (let round = 0; round <= runs; round++) {
      for (const [program, taken] of times) {
        const duration = run(program, place)
        if (round > 0) taken.push(duration)
        sealedToken = /^sealed-token<<(\S+)\r?\n(\S+)/m.exec(readFileSync(outputs, 'utf8'))?.[2] ?? sealedToken
      }
    }
    process.stdout.write(`\n${setting.title}\n${row('program', 'median ms', 'ratio', 'q1–q3 ms', 'peak MiB')}\n`)
    const floor = median([...times.values()][0] ?? [])
    for (const [program, taken] of times) {
      const spread = `${quantile(taken, 0.25).toFixed(0)}–${quantile(taken, 0.75).toFixed(0)}`
      const ratio = median(taken) / floor
      const peak = peakMemory(program, place).toFixed(0)
      process.stdout.write(`${row(program.name, median(taken).toFixed(1), ratio.toFixed(2), spread, peak)}\n`)
    }
  } finally {
    await stop()
  }
}

try {
  await runCommand(COMMAND, async ({ runs }) => {
    process.stdout.write(`Node ${process.versions.node}, medians of ${runs} alternating runs of whole processes.\n`)
    for (const setting of SETTINGS) await measure(setting, runs)
    process.stdout.write(`\ndist/start.js: ${(statSync(BUNDLE).size / 1000).toFixed(0)} kB\n`)
    return 0
  })
} finally {
  rmSync(directory, { recursive: true, force: true })
}
