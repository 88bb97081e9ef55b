// Owns the story of one run, in order, and the only place where failures are caught and told. Everything it touches comes in as the World.

import { attest } from './attestation.ts'
import { decodeClaims, requireFresh } from './claims.ts'
import type { Claims } from './claims.ts'
import { ActionError, codeOf, describe, InputErrors, PUBLIC_SERVER } from './errors.ts'
import { exchange } from './exchange.ts'
import type { Reader, ReaderOptions } from './github.ts'
import type { Client, ClientOptions, Retry } from './http.ts'
import { absenceReason, checkInputs, extraCaIn, readInputs, serverOf } from './inputs.ts'
import type { InputName, MintInputs, OpenInputs } from './inputs.ts'
import { retryLine, tellAttestation, warnOfExpiry } from './log.ts'
import type { Code, ExtraCa } from './messages.ts'
import { proxyPasswords } from './proxy.ts'
import { Quoted } from './quoted.ts'
import { findFiles } from './runner-files.ts'
import type { FileSystem, RunnerFiles } from './runner-files.ts'
import type * as Seal from './seal.ts'

/** The outputs of action.yml. */
export type OutputName =
  'token' | 'expires-at' | 'entity' | 'entity-type' | 'attested-by' | 'pat-expires-at' | 'sealed-token' | 'error-code'

/** Everything outside the program: index.ts gives the real one, tests give their own. */
export interface World {
  readonly core: {
    readonly getInput: (name: InputName) => string
    readonly setSecret: (secret: string) => void
    /** Printed as it is: give it nothing that was not checked or quoted. */
    readonly info: (message: string) => void
    readonly warning: (message: string) => void
    readonly setFailed: (message: string) => void
    readonly setOutput: (name: OutputName, value: string) => void
    readonly exportVariable: (name: string, value: string) => void
  }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Node's version, such as 24.19.0. */
  readonly nodeVersion: string
  /** The time of day, in milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds since some moment, which never jump when the time of day is set. */
  readonly uptime: () => number
  readonly readFile: (path: string) => string
  readonly files: FileSystem
  readonly createClient: (options: ClientOptions) => Client
  /** Octokit over the client: loaded only when there is something to attest. */
  readonly createReader: (options: ReaderOptions) => Promise<Reader>
  /** Loaded only when sealing is asked for. */
  readonly loadSeal: () => Promise<typeof Seal>
}

/** One run as it goes: what must not be printed, and what is being done, should it fail. */
interface Session {
  readonly world: World
  readonly quote: (raw: string) => Quoted
  readonly mask: (secret: string) => void
  /** Whether a text holds a value that the runner masks. */
  readonly holdsMasked: (text: string) => boolean
  during: string
  files?: RunnerFiles
  /** The GitHub that links lead to. */
  server: string
}

/** A token with all that is known of it: what the outputs are made of. */
interface Handover extends Seal.Sealable, Claims {
  readonly sealedToken: string | undefined
}

/** Runs the action. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function run(world: World): Promise<void> {
  const session = startSession(world)
  try {
    const inputs = takeInputs(session)
    const files = findRunnerFiles(session, inputs)
    session.files = files
    const handover = inputs.mode === 'open' ? await openToken(session, inputs) : await mintToken(session, inputs)
    handOver(session, handover, files, inputs.exportEnv)
  } catch (error) {
    fail(error, session)
  }
}

function startSession(world: World): Session {
  const secrets: string[] = []
  return {
    world,
    quote: raw => new Quoted(raw, secrets),
    mask(secret) {
      // The runner warns about an empty mask.
      if (secret === '') return
      secrets.push(secret)
      world.core.setSecret(secret)
    },
    holdsMasked: text => secrets.some(secret => text.includes(secret)),
    during: 'reading the inputs',
    server: PUBLIC_SERVER
  }
}

/** Reads the inputs, masks what is secret in them before anything else can be printed, then checks them all. */
function takeInputs(session: Session): MintInputs | OpenInputs {
  const { world, quote, mask } = session
  const { core, environment } = world
  const raw = readInputs(core.getInput, environment)
  // Masked first of all and even when it is malformed: the runner prints inputs in more places than we know of.
  mask(raw.pat)
  // Whoever has the key can open every token that it sealed.
  mask(raw['seal-key'])
  // Not ours, but Node or the proxy may put it into an error.
  for (const password of proxyPasswords(environment)) mask(password)
  session.server = serverOf(raw['github-api-url'])
  return checkInputs(raw, quote, () =>
    absenceReason(environment['GITHUB_EVENT_NAME'], environment['GITHUB_ACTOR'], () =>
      world.readFile(environment['GITHUB_EVENT_PATH'] ?? '')
    )
  )
}

/** What the runner has to give is looked for before anything is sent. */
function findRunnerFiles(session: Session, inputs: MintInputs | OpenInputs): RunnerFiles {
  session.during = "looking for the runner's files"
  const { environment, files } = session.world
  // The toolkit would print outputs, the token among them, when the runner gave it no file to write them to.
  const found = findFiles(
    ['GITHUB_OUTPUT', ...(inputs.exportEnv === '' ? [] : (['GITHUB_ENV'] as const))],
    environment,
    files
  )
  for (const variable of inputs.sealKey ? SEAL_VARIABLES : []) {
    if (!environment[variable]) throw ActionError.of('runner-files-unusable', { variable, detail: undefined })
  }
  return found
}

/** What a seal is bound to. */
const SEAL_VARIABLES = ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID'] as const

/** Attests, and only then exchanges. */
async function mintToken(session: Session, inputs: MintInputs): Promise<Handover> {
  const { world, quote, mask } = session
  const { pat, githubApiUrl, vauntApiUrl, sealKey } = inputs
  session.during = 'preparing the requests'
  const client = createClient(session)
  try {
    const reader = await world.createReader({ pat, githubApiUrl, client })
    session.during = 'attesting at GitHub'
    const attesting = attest(reader, inputs.entity, quote, session.server)
    // Only a connection, while GitHub is still answering: no request, and so no PAT.
    client.openEarly(vauntApiUrl)
    const attestation = await attesting
    tellAttestation({ ...session, core: world.core }, attestation)
    const { entity, attestedBy, patExpiresAt } = attestation

    session.during = 'exchanging the PAT at Vaunt'
    const exchanged = await exchange({ client, vauntApiUrl, entity: entity.login, pat, quote })
    const { token, vauntTime, trail } = exchanged
    // At once: from here on it exists, and nothing may be printed before it is masked.
    mask(token)
    const claims = decodeClaims(token, trail)
    requireFresh(claims, vauntTime ?? world.now(), trail)
    const login = attestedBy.login
    const contents = { token, entity: entity.login, entityType: entity.type, attestedBy: login, patExpiresAt }
    if (!sealKey) return { ...contents, ...claims, sealedToken: undefined }

    session.during = 'sealing the token'
    // Vaunt's clock where it is known: the token's own end is by that clock as well.
    const options = { key: sealKey, run: thisRun(world), now: vauntTime ?? world.now(), expiresAt: claims.expiresAt }
    return { ...contents, ...claims, sealedToken: await sealUnmasked(session, contents, options) }
  } finally {
    client.close()
  }
}

/** The runner drops an output that holds a masked value, and a short secret can stand in a seal by chance: then it is sealed anew. */
async function sealUnmasked(session: Session, contents: Seal.Sealable, options: Seal.SealOptions): Promise<string> {
  const { seal } = await session.world.loadSeal()
  let sealed = await seal(contents, options)
  for (let turn = 0; turn < SEALING_TURNS && session.holdsMasked(sealed); turn++) sealed = await seal(contents, options)
  return sealed
}

/** A secret of two characters is in two seals of three; a hundred seals without it are not too few. */
const SEALING_TURNS = 100

function createClient({ world, quote }: Session): Client {
  const { environment, nodeVersion, now, uptime } = world
  const onRetry = (retry: Retry): void => {
    world.core.info(retryLine(retry))
  }
  const extraCa = (): ExtraCa => extraCaIn(environment, world.readFile)
  return world.createClient({ environment, nodeVersion, quote, now, uptime, onRetry, extraCa })
}

/** Opens a token that an earlier job sealed: no PAT, no network. */
async function openToken(session: Session, { sealedToken, sealKey }: OpenInputs): Promise<Handover> {
  const { world, quote, mask } = session
  session.during = 'opening the sealed token'
  const { open } = await world.loadSeal()
  const contents = await open(sealedToken, { key: sealKey, run: thisRun(world), now: world.now() })
  // The runner forgets masks between jobs, so the token is masked anew, before anything else.
  mask(contents.token)
  const claims = decodeClaims(contents.token, { attempts: 0 })
  const [entity, attestedBy] = [quote(contents.entity), quote(contents.attestedBy)]
  world.core.info(`Opened a sealed token for ${contents.entityType} ${entity}, attested by ${attestedBy}.`)
  return { ...contents, ...claims, sealedToken }
}

/** Writes the outputs and the environment variable. */
function handOver(session: Session, handover: Handover, files: RunnerFiles, exportEnv: string): void {
  session.during = 'writing the outputs'
  const { core } = session.world
  const outputs: readonly (readonly [OutputName, string | undefined])[] = [
    ['token', handover.token],
    ['expires-at', handover.expiresAt?.toISOString()],
    ['entity', handover.entity],
    ['entity-type', handover.entityType],
    ['attested-by', handover.attestedBy],
    ['pat-expires-at', handover.patExpiresAt?.toISOString()],
    ['sealed-token', handover.sealedToken]
  ]
  files.write('GITHUB_OUTPUT', () => {
    for (const [name, value] of outputs) if (value !== undefined) core.setOutput(name, value)
  })
  // Last of all: a step that fails must not leave the token in the environment of the next ones.
  if (exportEnv !== '') {
    files.write('GITHUB_ENV', () => {
      core.exportVariable(exportEnv, handover.token)
    })
  }
  core.info(
    handover.expiresAt
      ? `The Vaunt token is good until ${handover.expiresAt.toISOString()}.`
      : 'The Vaunt token does not say when it expires.'
  )
  warnOfExpiry({ ...session, core }, handover.patExpiresAt, session.world.now())
}

/** What a seal is bound to. `run_attempt` is left out: a re-run of failed jobs gets the outputs of the earlier attempt. */
function thisRun({ environment }: World): string {
  // Both are there: requireRunner looked.
  const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = environment
  return `${repository}/${id}`
}

/** The last resort, for what is thrown where nobody waits for it: fails the step like any other bug of ours. */
export function crash(world: World, thrown: unknown): void {
  fail(thrown, {
    world,
    quote: raw => new Quoted(raw, []),
    during: 'waiting for something else',
    server: PUBLIC_SERVER
  })
}

/** Tells a failure, whatever was thrown: one annotation, one output. */
function fail(thrown: unknown, telling: Telling): void {
  const { core, environment } = telling.world
  const failure = failureOf(thrown, telling)
  telling.files?.cutBack()
  core.setFailed(describe(failure, guide(environment), telling.server))
  outputCode(codeOf(failure), telling)
}

/** The one output of a failure, where it can be written: whole, or not at all. */
function outputCode(code: Code, { world: { core, environment, files } }: Telling): void {
  const output = (): void => {
    core.setOutput('error-code', code)
  }
  try {
    // Without a file the toolkit says it in the old way.
    if (!environment['GITHUB_OUTPUT']) output()
    else findFiles(['GITHUB_OUTPUT'], environment, files).write('GITHUB_OUTPUT', output)
  } catch {
    // The step has failed and said why; there is no file to write the code to.
  }
}

type Telling = Pick<Session, 'world' | 'quote' | 'during' | 'files' | 'server'>

function failureOf(thrown: unknown, { during, quote }: Telling): ActionError | InputErrors {
  try {
    if (thrown instanceof ActionError || thrown instanceof InputErrors) return thrown
    return ActionError.of('internal', { during, kind: quote(kindOf(thrown)) }, thrown)
  } catch {
    // Even looking at it throws.
    return ActionError.of('internal', { during, kind: quote('something unreadable') })
  }
}

/** What sort of thing was thrown. Never its message or stack: those may carry anything. */
function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a thrown ${typeof thrown}`
  const type = FORESEEABLE_TYPES.find(known => thrown instanceof known)?.name ?? 'Error'
  const code = 'code' in thrown && typeof thrown.code === 'string' && SYSTEM_CODE.test(thrown.code) ? thrown.code : ''
  return code === '' ? type : `${type} ${code}`
}

const FORESEEABLE_TYPES = [TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError, AggregateError]

/** Such as ENOSPC. */
const SYSTEM_CODE = /^E[A-Z]{2,20}$/

/** Where the troubleshooting guide of this very version stands; a path when the action runs from a checkout. */
function guide(environment: World['environment']): string {
  const {
    GITHUB_ACTION_REPOSITORY: repository = '',
    GITHUB_ACTION_REF: ref = '',
    GITHUB_SERVER_URL: server = ''
  } = environment
  const path = 'docs/troubleshooting.md'
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[\w.-][\w./-]*$/.test(ref)) return path
  return `${/^https:\/\/[\w.-]+$/.test(server) ? server : 'https://github.com'}/${repository}/blob/${ref}/${path}`
}
