// `npm run sandbox`: keeps a sandbox running for other processes, such as a workflow, act, or curl, and prints its addresses.

import { writeFileSync } from 'node:fs'
import { Misuse, runCommand } from './command-line.ts'
import type { Values } from './command-line.ts'
import { PATS } from './github/population.ts'
import { startSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

const COMMAND = {
  calls: ['npm run sandbox', 'npm run sandbox -- --env-file FILE'],
  flags: {
    'env-file': { value: 'FILE', what: 'Also write the addresses and PATs to FILE' },
    minutes: { usual: 30, from: 0.01, to: 120, isFraction: true, what: 'How many minutes to run' },
    'latency-ms': { usual: 0, from: 0, to: 60_000, what: 'How long each response takes' },
    'connect-latency-ms': { usual: 0, from: 0, to: 60_000, what: 'How long each new connection takes' }
  }
} as const

await runCommand(COMMAND, serve)

async function serve(values: Values<(typeof COMMAND)['flags']>): Promise<number> {
  const delays = { latencyMs: values['latency-ms'], connectLatencyMs: values['connect-latency-ms'] }
  const sandbox = await startSandbox({ github: delays, vaunt: delays })
  try {
    const text = variables(sandbox)
    // The file is written at once, when every server is listening, so its existence is enough to wait for.
    if (values['env-file'] !== undefined) write(values['env-file'], text)
    process.stdout.write(`${text}Running for ${values.minutes} minutes. Press Ctrl+C to stop.\n`)
    await endOf(values.minutes)
  } finally {
    await sandbox.stop()
  }
  return 0
}

/** A line `NAME=value` for each address and PAT. */
function variables(sandbox: Sandbox): string {
  const lines = {
    SANDBOX_GITHUB_API_URL: sandbox.github.url,
    SANDBOX_VAUNT_API_URL: sandbox.vaunt.url,
    SANDBOX_CA_FILE: sandbox.caFile,
    SANDBOX_PAT_USER: PATS.monaFineGrained.token,
    SANDBOX_PAT_ADMIN: PATS.monaForAcme.token,
    SANDBOX_PAT_MEMBER: PATS.hubotFineGrained.token
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Misuse(`Can't write the file: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Waits for the time, or for a signal to end. */
function endOf(minutes: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(end, minutes * 60_000)
    process.once('SIGINT', end).once('SIGTERM', end)
    function end(): void {
      clearTimeout(timer)
      resolve()
    }
  })
}
