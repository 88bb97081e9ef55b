// `npm run simulate`: simulates a thousand jobs that share one PAT, under GitHub's limits and an assumed limit of Vaunt. Prints a table and writes nothing.
//
// Real: the action's own client with its attempts and pauses, TLS on loopback, the sandbox's answers. Not real: time (see
// simulation/clock.ts), the limits (services.ts has them as published, or as assumed), and the rest of the action.

import { setDefaultCACertificates } from 'node:tls'
import { runCommand } from '../sandbox/command-line.ts'
import type { Values } from '../sandbox/command-line.ts'
import { installVirtualTime, passTimeUntil, uptime } from './simulation/clock.ts'
import type { Ended, Workload } from './simulation/jobs.ts'
import type { GithubLimits, Service, VauntLimit } from './simulation/services.ts'

/** After this time, the simulation ends unfinished. */
const DEADLINE_MS = 8 * 60_000

const COMMAND = {
  calls: ['npm run simulate -- [--FLAG=NUMBER …]'],
  flags: {
    jobs: { usual: 1_000, from: 1, to: 5_000, what: 'Number of jobs in a run' },
    'work-seconds': { usual: 30, from: 0, to: 3_600, what: 'How long a job continues after the step' },
    'answer-ms': { usual: 100, from: 0, to: 5_000, what: 'How long each service takes to respond' },
    'retry-after': {
      usual: 60,
      from: 0,
      to: 3_600,
      what: "retry-after of GitHub's secondary limits, in seconds (0: not sent)"
    },
    'vaunt-per-second': { usual: 20, from: 1, to: 10_000, what: 'Number of requests per second that Vaunt accepts' },
    'vaunt-retry-after': { usual: 5, from: 1, to: 3_600, what: "retry-after of Vaunt's refusals, in seconds" },
    seed: { usual: 1, from: 0, to: 1_000_000, what: 'Seed of the random delays' }
  }
} as const

type Settings = Values<(typeof COMMAND)['flags']>

interface Scenario extends Partial<Workload> {
  readonly name: string
  readonly github?: Partial<GithubLimits> | 'none'
  readonly vaunt?: 'none'
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'all start within 10 s' },
  { name: 'the same, no `retry-after` from GitHub', github: { retryAfterSeconds: undefined } },
  { name: 'the same, GitHub without limits', github: 'none' },
  { name: 'all start within a minute', startMs: 60_000 },
  { name: '`max-parallel: 200`', maxParallel: 200 },
  { name: '`max-parallel: 100`', maxParallel: 100 },
  { name: '`max-parallel: 20`', maxParallel: 20 },
  { name: 'one sealed token, all start within 10 s', isSealed: true }
]

async function simulate(settings: Settings): Promise<void> {
  setTimeout(() => {
    process.stderr.write(`Not finished after ${DEADLINE_MS / 60_000} minutes.\n`)
    process.exit(1)
  }, DEADLINE_MS).unref()
  // Everything imported from here on runs in virtual time.
  installVirtualTime()
  const { createCertificates } = await import('../sandbox/network/certificates.ts')
  const certificates = await createCertificates()
  try {
    setDefaultCACertificates([certificates.ca])
    process.stdout.write(
      `${settings.jobs} jobs with one PAT; each works ${settings['work-seconds']} s after the step. Answers take ${settings['answer-ms']} ms. ` +
        `GitHub: its published limits, \`retry-after: ${settings['retry-after'] || 'none'}\`. ` +
        `Vaunt: ${settings['vaunt-per-second']} requests a second, then 429 with \`retry-after: ${settings['vaunt-retry-after']}\`.\n\n` +
        `${row(...COLUMNS)}\n${row(...COLUMNS.map((_, index) => (index === 0 ? '---' : '---:')))}\n`
    )
    for (const scenario of SCENARIOS) {
      const beganAt = uptime()
      const { ended, services } = await runScenario(scenario, settings, certificates.server)
      process.stdout.write(`${rowOf(scenario, ended, services, uptime() - beganAt)}\n`)
    }
  } finally {
    await certificates.stop()
  }
}

interface Outcome {
  readonly ended: readonly Ended[]
  readonly services: { readonly github: Service; readonly vaunt: Service }
}

async function runScenario(
  scenario: Scenario,
  settings: Settings,
  certificate: { readonly key: string; readonly cert: string }
): Promise<Outcome> {
  const [{ startServices }, { runJobs }] = await Promise.all([
    import('./simulation/services.ts'),
    import('./simulation/jobs.ts')
  ])
  const services = await startServices({
    certificate,
    answerMs: settings['answer-ms'],
    github: githubLimits(scenario, settings),
    vaunt: vauntLimit(scenario, settings)
  })
  const workload: Workload = {
    jobs: settings.jobs,
    startMs: 10_000,
    maxParallel: settings.jobs,
    workMs: settings['work-seconds'] * 1000,
    isSealed: false,
    ...scenario
  }
  try {
    return { ended: await passTimeUntil(runJobs(workload, services, chance(settings.seed))), services }
  } finally {
    await services.stop()
  }
}

function githubLimits({ github }: Scenario, settings: Settings): GithubLimits | undefined {
  if (github === 'none') return undefined
  return {
    requestsPerHour: 5_000,
    atOnce: 100,
    requestsPerMinute: 900,
    answeringMsPerMinute: 90_000,
    retryAfterSeconds: settings['retry-after'] || undefined,
    ...github
  }
}

function vauntLimit({ vaunt }: Scenario, settings: Settings): VauntLimit | undefined {
  if (vaunt === 'none') return undefined
  return { requestsPerSecond: settings['vaunt-per-second'], retryAfterSeconds: settings['vaunt-retry-after'] }
}

const COLUMNS = [
  'Run',
  'succeed',
  'fail',
  'whole run',
  'longest step',
  'requests to GitHub (refused)',
  'to Vaunt (refused)',
  'second attempts, most in one second'
]

function rowOf(
  { name }: Scenario,
  ended: readonly Ended[],
  { github, vaunt }: Outcome['services'],
  tookMs: number
): string {
  const outcomes = Map.groupBy(ended, ({ outcome }) => outcome)
  const failures = [...outcomes].filter(([outcome]) => outcome !== 'success')
  const longestMs = ended.reduce((longest, { stepMs }) => Math.max(longest, stepMs), 0)
  const seconds = [...github.secondAttempts, ...vaunt.secondAttempts]
  return row(
    name,
    `${outcomes.get('success')?.length ?? 0}`,
    failures.map(([outcome, { length }]) => `${length} \`${outcome}\``).join(', ') || '0',
    tookMs < 120_000 ? `${(tookMs / 1000).toFixed(0)} s` : `${(tookMs / 60_000).toFixed(0)} min`,
    `${(longestMs / 1000).toFixed(1)} s`,
    `${github.requests} (${github.refused})`,
    `${vaunt.requests} (${vaunt.refused})`,
    `${mostInOneSecond(seconds)} of ${seconds.length}`
  )
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function mostInOneSecond(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other)
  let most = 0
  let first = 0
  for (const [last, time] of sorted.entries()) {
    while ((sorted[first] ?? time) <= time - 1000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** Numbers from 0 to 1 that look random, and are the same for the same seed (xorshift). */
function chance(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

await runCommand(COMMAND, async settings => {
  await simulate(settings)
  return 0
})
