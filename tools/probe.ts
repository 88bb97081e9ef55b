// Owns `npm run probe`: asks the real GitHub and the real Vaunt, or the sandbox, what we assume of them, and tells what was seen. The questions are in probe/questions.ts.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { Ajv } from 'ajv'
import { ActionError } from '../src/errors.ts'
import { createClient } from '../src/http.ts'
import { property } from '../src/json.ts'
import { proxyFor, proxyPasswords } from '../src/proxy.ts'
import { Quoted } from '../src/quoted.ts'
import { LIMITS } from '../src/retry.ts'
import { accepted, createReport, judgementOf, readReport, table } from './probe/report.ts'
import type { Finding, Observed, Report } from './probe/report.ts'
import { askAll } from './probe/questions.ts'

const SANDBOX = join(import.meta.dirname, '..', 'sandbox')
const OBSERVED = join(SANDBOX, 'observed.json')

/** All questions together. */
const LONGEST_MS = 120_000

const USAGE = `Usage: npm run probe                                   asks the sandbox, to show what is asked
       npm run probe -- --live --entity NAME         asks GitHub and Vaunt, with the PAT in VAUNT_PAT
       npm run probe -- --accept FILE                takes what a report saw as what is known (sandbox/observed.json)

  --json FILE       writes the report
  --check           exits with 1 when an answer is not the one in sandbox/observed.json
  --help            prints this

It reads only, makes at most 20 requests, and tells no value of anybody's: statuses, names and types. PROBE_GITHUB_API_URL and
PROBE_VAUNT_API_URL name other addresses, for instance of a mock server.`

/** A mistake of whoever calls: one line, and exit code 2. */
class Misuse extends Error {}

interface Options {
  readonly live: boolean
  readonly entity: string | undefined
  readonly json: string | undefined
  readonly accept: string | undefined
  readonly check: boolean
  readonly help: boolean
}

function readOptions(): Options {
  if (process.env['npm_config_live'] === 'true') {
    throw new Misuse(
      'npm took the flag --live for its own. Write two dashes before it: npm run probe -- --live --entity NAME'
    )
  }
  try {
    const { values } = parseArgs({
      options: {
        live: { type: 'boolean', default: false },
        entity: { type: 'string' },
        json: { type: 'string' },
        accept: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false }
      }
    })
    const { live, entity, json, accept, check, help } = values
    return { live, entity, json, accept, check, help }
  } catch (error) {
    throw new Misuse(String(property(error, 'message')).split('.')[0] ?? 'unknown flag')
  }
}

interface Services {
  readonly githubApiUrl: string
  readonly vauntApiUrl: string
  readonly pat: string
  readonly entity: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stop: () => Promise<void>
}

async function servicesFor({ live, entity = '' }: Options): Promise<Services> {
  if (!live) {
    const { startSandbox } = await import('../sandbox/sandbox.ts')
    const { PATS } = await import('../sandbox/github.ts')
    const sandbox = await startSandbox()
    setDefaultCACertificates([sandbox.certificates.ca])
    const { url: githubApiUrl } = sandbox.github
    const { url: vauntApiUrl } = sandbox.vaunt
    const pat = PATS.monaForAcme.token
    return { githubApiUrl, vauntApiUrl, pat, entity: 'Acme-Labs', environment: {}, stop: () => sandbox.stop() }
  }
  const pat = process.env['VAUNT_PAT']?.trim() ?? ''
  if (pat === '') throw new Misuse('There is no PAT: put it into the environment variable VAUNT_PAT.')
  if (!/^[A-Za-z\d][A-Za-z\d_-]{0,38}$/.test(entity)) throw new Misuse('Name the user or organization: --entity NAME.')
  return {
    githubApiUrl: process.env['PROBE_GITHUB_API_URL'] ?? 'https://api.github.com',
    vauntApiUrl: process.env['PROBE_VAUNT_API_URL'] ?? 'https://api.vaunt.dev',
    pat,
    entity,
    environment: process.env,
    stop: () => Promise.resolve()
  }
}

/** Asks everything. What was seen is kept and shown also when it is interrupted. */
async function probe(options: Options): Promise<Report> {
  const services = await servicesFor(options)
  const { environment, pat, entity, githubApiUrl, vauntApiUrl } = services
  const secrets = [pat, ...proxyPasswords(environment)]
  const quote = (raw: string): Quoted => new Quoted(raw, secrets)
  const seen: Finding[] = []
  const failures: string[] = []
  const client = createClient({
    environment,
    nodeVersion: process.versions.node,
    quote,
    onRetry: () => undefined,
    now: Date.now,
    uptime: () => performance.now(),
    // One attempt each: what passes is to be seen, and the number of requests is to be known.
    limits: { ...LIMITS, attempts: 1, actionMs: LONGEST_MS }
  })
  const interrupt = (): void => {
    show(createReport(options.live, seen), options)
    process.exit(130)
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const findings = await askAll({
      ...{ client, githubApiUrl, vauntApiUrl, pat, entity, quote, secrets, isDescribed: await described() },
      addSecret: secret => secrets.push(secret),
      isProxied: proxyFor(new URL(vauntApiUrl), environment, process.versions.node) !== undefined,
      onFailure: text => failures.push(text),
      onFinding: finding => seen.push(finding)
    })
    if (failures.length > 0) process.stderr.write(`${[...new Set(failures)].join('\n')}\n`)
    return createReport(options.live, findings)
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt)
    client.close()
    await services.stop()
  }
}

/** GitHub's own description of its answers. */
function described(): Promise<(route: string, body: unknown) => boolean> {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema(JSON.parse(readFileSync(join(SANDBOX, 'github-openapi.json'), 'utf8')) as object, 'github')
  return Promise.resolve((route, body) => {
    const path = (route.split(' ')[1] ?? '').replaceAll('/', '~1')
    const pointer = `/paths/${path}/get/responses/200/content/application~1json/schema`
    return ajv.compile({ $ref: `github#${encodeURI(pointer)}` })(body)
  })
}

function readObserved(): Observed {
  return JSON.parse(readFileSync(OBSERVED, 'utf8')) as Observed
}

function show(report: Report, { json, check }: Options): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  const isColoured = process.stdout.isTTY && !process.env['NO_COLOR']
  process.stdout.write(table(report, isColoured, check ? readObserved() : undefined))
}

async function main(): Promise<number> {
  const options = readOptions()
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (options.accept !== undefined) {
    writeFileSync(OBSERVED, `${JSON.stringify(accepted(reportIn(options.accept)), undefined, 2)}\n`)
    return 0
  }
  const report = await probe(options)
  show(report, options)
  if (!options.check) return 0
  const { answers } = readObserved()
  return report.findings.some(finding => judgementOf(finding, answers[finding.id]) === 'different') ? 1 : 0
}

function reportIn(file: string): Report {
  try {
    return readReport(readFileSync(file, 'utf8'))
  } catch (error) {
    const code = property(error, 'code')
    throw new Misuse(
      typeof code === 'string' ? `The report cannot be read (${code}).` : String(property(error, 'message'))
    )
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Misuse || error instanceof ActionError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
