// Runs an action: what it works with, what it masks, and how it ends. Failures are caught and reported only here.

import { ActionError, codeOf, describe, InputErrors, PUBLIC_SERVER } from '../errors/action-error.ts'
import { kindOf, placeOf } from '../errors/unforeseen.ts'
import type { Github, ReaderOptions } from '../github/octokit.ts'
import type { Client, ClientOptions } from '../network/client.ts'
import { serverOf } from '../runner/api-urls.ts'
import { findMissingPatReason } from '../runner/event.ts'
import type { InputName, RawInputs, StepInputName } from '../runner/inputs.ts'
import type { MissingPatReason } from '../errors/messages/inputs.ts'
import type { Code } from '../errors/catalogue.ts'
import { proxyPasswords } from '../network/proxy.ts'
import { Quoted, redact } from '../untrusted/quoted.ts'
import { findFiles } from '../runner/files.ts'
import type { Disk, FileSystem, FileVariable, RunnerFiles } from '../runner/files.ts'
import type * as Seal from '../vaunt/seal.ts'

/** The outputs of action.yml. */
export type TokenOutput =
  'token' | 'expires-at' | 'entity' | 'entity-type' | 'attested-by' | 'pat-expires-at' | 'sealed-token' | 'error-code'

/** The outputs that only contributors-card/action.yml and repositories-report/action.yml have. */
export type StepOutput = 'changed' | 'commit' | 'pull-request' | 'count' | 'private-count' | 'file'

export type OutputName = TokenOutput | StepOutput

/** Everything outside the program: start.ts provides the real one, and tests provide their own. */
export interface World {
  readonly core: {
    readonly getInput: (name: InputName | StepInputName) => string
    readonly setSecret: (secret: string) => void
    /** Prints the text as it is, so it must have been checked or quoted. */
    readonly info: (message: string) => void
    readonly warning: (message: string) => void
    readonly setFailed: (message: string) => void
    readonly setOutput: (name: OutputName, value: string) => void
    readonly exportVariable: (name: string, value: string) => void
  }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Node's version, such as 24.19.0. */
  readonly nodeVersion: string
  /** The time of day in milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds since some moment, unaffected when the time of day is set. */
  readonly uptime: () => number
  readonly readFile: (path: string) => string
  readonly files: FileSystem
  readonly disk: Disk
  readonly createClient: (options: ClientOptions) => Client
  /** Octokit over the client. */
  readonly createReader: (options: ReaderOptions) => Github
  readonly sealing: Pick<typeof Seal, 'seal' | 'open'>
}

/** One run: its world, what must not be printed, and what to clean up if it fails. */
export interface Session {
  readonly world: World
  readonly quote: (raw: string) => Quoted
  /** Removes the secrets from a text for a file. The result isn't safe to print. */
  readonly redact: (text: string) => string
  readonly mask: (secret: string) => void
  /** Whether a text contains a value that the runner masks. */
  readonly holdsMasked: (text: string) => boolean
  /** Why there may be no PAT, as far as the event shows. */
  readonly missingPatReason: () => MissingPatReason
  /** Acts only the first time it gets this name in a run. */
  readonly once: (name: string, act: () => void) => void
  files?: RunnerFiles
  /** The GitHub that links lead to. */
  server: string
}

/** Runs an action. Whatever goes wrong ends in one annotation, the output `error-code` and exit code 1. */
export async function runAction(world: World, action: (session: Session) => Promise<void>): Promise<void> {
  const session = startSession(world)
  try {
    await action(session)
  } catch (error) {
    fail(error, session)
  }
}

function startSession(world: World): Session {
  const { environment } = world
  const secrets: string[] = []
  const done = new Set<string>()
  return {
    world,
    quote: raw => new Quoted(raw, secrets),
    redact: text => redact(text, secrets),
    mask(secret) {
      // The runner warns about an empty mask.
      if (secret === '') return
      secrets.push(secret)
      world.core.setSecret(secret)
    },
    holdsMasked: text => secrets.some(secret => text.includes(secret)),
    missingPatReason: () =>
      findMissingPatReason(environment['GITHUB_EVENT_NAME'], environment['GITHUB_ACTOR'], () =>
        world.readFile(environment['GITHUB_EVENT_PATH'] ?? '')
      ),
    once(name, act) {
      if (!done.has(name)) act()
      done.add(name)
    },
    server: PUBLIC_SERVER
  }
}

/**
 * Opens the runner's files. If the action fails, everything it wrote to them is removed.
 *
 * @throws ActionError `runner-files-unusable`
 */
export function openFiles(session: Session, variables: readonly FileVariable[]): RunnerFiles {
  const files = findFiles(variables, session.world.environment, session.world.files)
  session.files = files
  return files
}

/** Sets the outputs that have a value. */
export function setOutputs(
  { world: { core } }: Session,
  files: RunnerFiles,
  outputs: readonly (readonly [OutputName, string | undefined])[]
): void {
  files.write('GITHUB_OUTPUT', () => {
    for (const [name, value] of outputs) if (value !== undefined) core.setOutput(name, value)
  })
}

/** Masks the secrets in the inputs, before anything else can be printed. */
export function maskInputs(session: Session, raw: RawInputs): void {
  const { world, mask } = session
  // Masked first, even if it's malformed: the runner may print inputs in more places than this action knows of.
  mask(raw.pat)
  // Anyone with the key can open every token that was sealed with it.
  mask(raw['seal-key'])
  // Node.js or the proxy may repeat the password in an error.
  for (const password of proxyPasswords(world.environment)) mask(password)
  session.server = serverOf(raw['github-api-url'])
}

/** Fails the step because of an error that nothing caught, like any other bug of this action. */
export function reportCrash(world: World, thrown: unknown): void {
  fail(thrown, startSession(world))
}

/** Reports a failure, whatever was thrown: one annotation, one output. */
function fail(thrown: unknown, failing: Failing): void {
  const { core, environment } = failing.world
  const failure = failureOf(thrown, failing)
  failing.files?.cutBack()
  core.setFailed(describe(failure, guide(environment), failing.server))
  outputCode(codeOf(failure), failing)
}

/** The one output of a failure, where it can be written: whole, or not at all. */
function outputCode(code: Code, { world: { core, environment, files } }: Failing): void {
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

type Failing = Pick<Session, 'world' | 'quote' | 'files' | 'server'>

function failureOf(thrown: unknown, { quote }: Failing): ActionError | InputErrors {
  try {
    if (thrown instanceof ActionError || thrown instanceof InputErrors) return thrown
    return ActionError.of('internal', { kind: quote(kindOf(thrown)), place: quote(placeOf(thrown)) }, thrown)
  } catch {
    // Even looking at it throws.
    return ActionError.of('internal', { kind: quote('something unreadable'), place: quote('') })
  }
}

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
