// Owns `npm run sandbox`: keeps a sandbox running for other processes (a workflow, act, curl) and tells where it is. Runs no step itself.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PATS } from './github.ts'
import { startSandbox } from './sandbox.ts'

const { values } = parseArgs({
  options: {
    'env-file': { type: 'string' },
    minutes: { type: 'string', default: '30' },
    'latency-ms': { type: 'string', default: '0' },
    'connect-latency-ms': { type: 'string', default: '0' }
  }
})
const minutes = Number(values.minutes)
if (!(minutes > 0 && minutes <= 120)) throw new Error('--minutes takes a number up to 120')

const delays = { latencyMs: Number(values['latency-ms']), connectLatencyMs: Number(values['connect-latency-ms']) }
const sandbox = await startSandbox({ github: delays, vaunt: delays })
const variables = {
  SANDBOX_GITHUB_API_URL: sandbox.github.url,
  SANDBOX_VAUNT_API_URL: sandbox.vaunt.url,
  SANDBOX_CA_FILE: sandbox.caFile,
  SANDBOX_PAT_USER: PATS.monaFineGrained.token,
  SANDBOX_PAT_ADMIN: PATS.monaForAcme.token,
  SANDBOX_PAT_MEMBER: PATS.hubotFineGrained.token
}
const text = Object.entries(variables)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('')
// The lines appear at once and only when everything listens, so whoever waits for the file need not wait longer.
if (values['env-file'] !== undefined) writeFileSync(values['env-file'], text)
process.stdout.write(`${text}Serving for ${minutes} minutes; end with Ctrl+C.\n`)

const stop = (): void => {
  void sandbox.stop().then(() => process.exit())
}
setTimeout(stop, minutes * 60_000)
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
