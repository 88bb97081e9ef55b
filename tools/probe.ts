// `npm run probe`: checks our assumptions about GitHub and Vaunt against the live services or the sandbox, and reports the answers. The questions are in probe/questions.ts.

import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { Ajv } from 'ajv'
import { InputErrors } from '../src/errors/action-error.ts'
import { createClient } from '../src/network/client.ts'
import { checkInputs } from '../src/runner/check-inputs.ts'
import type { ExchangeInputs } from '../src/runner/check-inputs.ts'
import { extraCaIn } from '../src/runner/extra-certificates.ts'
import { readInputs } from '../src/runner/inputs.ts'
import type { InputName } from '../src/runner/inputs.ts'
import { parseJson, property } from '../src/untrusted/json.ts'
import { proxyFor, proxyPasswords } from '../src/network/proxy.ts'
import { Quoted } from '../src/untrusted/quoted.ts'
import { LIMITS } from '../src/network/retry.ts'
import type { Received } from '../src/network/answer.ts'
import { Misuse, runCommand } from '../sandbox/command-line.ts'
import type { Values } from '../sandbox/command-line.ts'
import { accepted, createReport, judgementOf, readReport, table } from './probe/report.ts'
import type { Finding, Observed, Report } from './probe/report.ts'
import { askAll, partsOf, QUESTIONS } from './probe/questions.ts'

const SANDBOX = join(import.meta.dirname, '..', 'sandbox')
const OBSERVED = join(SANDBOX, 'observed.json')

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** All questions together. */
const LONGEST_MS = 120_000

const COMMAND = {
  calls: ['npm run probe', 'npm run probe -- --live --entity NAME', 'npm run probe -- --accept FILE'],
  flags: {
    live: { what: 'Query GitHub and Vaunt, with the PAT in VAUNT_PAT (without this flag, query the sandbox)' },
    entity: { value: 'NAME', what: 'User or organization to query' },
    renamed: { value: 'NAME', what: 'Also query GitHub for an account that used to have this name' },
    json: { value: 'FILE', what: 'Write the report to FILE' },
    check: { what: 'Exit with 1 if an answer differs from sandbox/observed.json, and with 3 if no service responded' },
    accept: { value: 'FILE', what: 'Accept the answers in a report: write them to sandbox/observed.json' }
  },
  note: `The probe only reads, sends at most 20 requests, and reports statuses, names, and types, but no values.
To query other servers, such as a mock server, set PROBE_GITHUB_API_URL and PROBE_VAUNT_API_URL.`
} as const

type Options = Values<(typeof COMMAND)['flags']>

// A reader such as `head` may close the pipe early.
process.stdout.on('error', () => process.exit(0))

/** A problem that isn't about the flags. It is printed in one line, and the exit code is 2. */
class Obstacle extends Error {}

await runCommand(COMMAND, async options => {
  try {
    return await run(options)
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
})

/** @returns the exit code */
async function run(options: Options): Promise<number> {
  const { live, entity, renamed, accept, json, check } = options
  if (!live && (entity ?? renamed) !== undefined) throw new Misuse('--entity and --renamed require --live.')
  if (accept !== undefined) {
    if (live || check || json !== undefined) throw new Misuse("--accept can't be combined with other flags.")
    write(OBSERVED, acceptedIn(accept), 'the accepted answers')
    return 0
  }
  // Read before anything is sent, so that an unreadable file doesn't lose the answers.
  const observed = check ? readObserved() : undefined
  const report = await probe(options, observed)
  show(report, options, observed)
  if (!observed) return 0
  const judgements = report.findings.map(finding => judgementOf(finding, observed.answers[finding.id]))
  return judgements.includes('different') ? 1 : judgements.includes('same') ? 0 : 3
}

interface Services {
  readonly githubApiUrl: string
  readonly vauntApiUrl: string
  readonly pat: string
  readonly entity: string
  readonly renamed: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stop: () => Promise<void>
}

async function servicesFor(options: Options): Promise<Services> {
  return options.live ? liveServices(options) : sandboxServices()
}

async function sandboxServices(): Promise<Services> {
  const { startSandbox } = await import('../sandbox/sandbox.ts')
  const { PATS } = await import('../sandbox/github/population.ts')
  const sandbox = await startSandbox()
  setDefaultCACertificates([sandbox.certificates.ca])
  return {
    githubApiUrl: sandbox.github.url,
    vauntApiUrl: sandbox.vaunt.url,
    pat: PATS.monaForAcme.token,
    entity: 'Acme-Labs',
    renamed: 'acme-before',
    environment: {},
    stop: () => sandbox.stop()
  }
}

/** @throws ActionError or Obstacle, in one line */
function liveServices({ entity = '', renamed }: Options): Services {
  const pat = process.env['VAUNT_PAT']?.trim() ?? ''
  if (pat === '') throw new Obstacle('There is no PAT. Set the environment variable VAUNT_PAT to it.')
  const isName = (text: string): boolean => /^[A-Za-z\d][A-Za-z\d_-]{0,38}$/.test(text)
  if (!isName(entity)) throw new Obstacle('Add the user or organization: --entity NAME.')
  if (renamed !== undefined && !isName(renamed))
    throw new Obstacle('Add the old name of the renamed account: --renamed NAME.')
  const { githubApiUrl, vauntApiUrl } = checked({
    ...{ pat, entity },
    'github-api-url': process.env['PROBE_GITHUB_API_URL'],
    'vaunt-api-url': process.env['PROBE_VAUNT_API_URL']
  })
  return {
    ...{ githubApiUrl, vauntApiUrl, pat, entity, renamed },
    environment: process.env,
    stop: () => Promise.resolve()
  }
}

/** The PAT and the addresses are checked as the action checks them, before anything is sent. */
function checked(given: Readonly<Partial<Record<InputName, string | undefined>>>): ExchangeInputs {
  try {
    const raw = readInputs(name => given[name] ?? '', {})
    const inputs = checkInputs(
      raw,
      text => new Quoted(text, [raw.pat]),
      () => 'unknown'
    )
    if (inputs.mode === 'exchange') return inputs
  } catch (error) {
    if (error instanceof InputErrors) throw new Obstacle(error.problems[0].error.message)
    throw error
  }
  throw new TypeError('a sealed token was opened')
}

/** Asks every question. An interruption doesn't lose the answers so far: they are still shown. */
async function probe(options: Options, observed: Observed | undefined): Promise<Report> {
  const services = await servicesFor(options)
  const { environment, pat, entity, renamed, githubApiUrl, vauntApiUrl } = services
  const secrets = [...partsOf(pat), ...proxyPasswords(environment)]
  const received: Received[] = []
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
    extraCa: () => extraCaIn(environment, path => readFileSync(path, 'utf8')),
    onAnswer: answer => received.push(answer),
    // One attempt each, so that temporary failures show, and the number of requests is known.
    limits: { ...LIMITS, attempts: 1, actionMs: LONGEST_MS }
  })
  const tellFailures = (): void => {
    for (const failure of new Set(failures)) process.stderr.write(`${failure}\n`)
  }
  const interrupt = (signal: (typeof INTERRUPTIONS)[number]): void => {
    tellFailures()
    try {
      show(createReport(options.live, seen, false), options, observed)
    } catch (error) {
      process.stderr.write(`${error instanceof Obstacle ? error.message : 'The report cannot be shown.'}\n`)
    }
    void services.stop().finally(() => process.exit(128 + constants.signals[signal]))
  }
  for (const signal of INTERRUPTIONS) process.once(signal, interrupt)
  try {
    const findings = await askAll({
      ...{ client, githubApiUrl, vauntApiUrl, pat, entity, renamed, quote, secrets, received },
      isDescribed: await described(),
      addSecret: secret => secrets.push(secret),
      isProxied: proxyFor(new URL(vauntApiUrl), environment, process.versions.node) !== undefined,
      onFailure: text => failures.push(text),
      onFinding: finding => seen.push(finding)
    })
    tellFailures()
    return createReport(options.live, findings)
  } finally {
    for (const signal of INTERRUPTIONS) process.removeListener(signal, interrupt)
    client.close()
    await services.stop()
  }
}

/** GitHub's own description of its responses. */
function described(): Promise<(route: string, body: unknown) => boolean> {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema(JSON.parse(readFileSync(join(SANDBOX, 'github', 'github-openapi.json'), 'utf8')) as object, 'github')
  return Promise.resolve((route, body) => {
    const path = (route.split(' ')[1] ?? '').replaceAll('/', '~1')
    const pointer = `/paths/${path}/get/responses/200/content/application~1json/schema`
    return ajv.compile({ $ref: `github#${encodeURI(pointer)}` })(body)
  })
}

function readObserved(): Observed {
  try {
    const json = parseJson(readFileSync(OBSERVED, 'utf8'))
    const [answers, seen] = [property(json, 'answers'), property(json, 'seen')]
    if (typeof answers === 'object' && answers !== null && typeof seen === 'string') return json as Observed
  } catch {
    // The error below covers this, too.
  }
  throw new Obstacle("Can'")
}

/** The table comes first, so that the answers aren't lost if the file can't be written. */
function show(report: Report, { json }: Options, observed: Observed | undefined): void {
  const { NO_COLOR: plain = '', FORCE_COLOR: forced = '', TERM: terminal = '' } = process.env
  const isColored =
    plain === '' && (forced !== '' && forced !== '0' ? true : process.stdout.isTTY && terminal !== 'dumb')
  process.stdout.write(table(report, isColored, observed))
  if (json !== undefined) write(json, report, 'the report')
}

function write(file: string, content: unknown, what: string): void {
  try {
    writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`)
  } catch (error) {
    throw new Obstacle(`Can't write ${what} (${String(property(error, 'code'))}).`)
  }
}

function acceptedIn(file: string): Observed {
  try {
    const ids = QUESTIONS.map(({ id }) => id)
    return accepted(readReport(readFileSync(file, 'utf8'), ids))
  } catch (error) {
    const code = property(error, 'code')
    throw new Obstacle(
      typeof code === 'string' ? `Can't read the report (${code}).` : String(property(error, 'message'))
    )
  }
}
