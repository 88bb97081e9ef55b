// Owns running the action as GitHub's runner does: inputs, environment, files and process, and what comes of a step. How output is read is in commands.ts, masks.ts and files.ts.

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { createInterpreter } from './commands.ts'
import type { Annotation, Interpreter, RecordedCommand } from './commands.ts'
import { parseKeyValueFile, parsePathFile } from './files.ts'
import { createMasker } from './masks.ts'

/** The `github` context, as far as anybody here asks for it. */
export interface GithubContext {
  readonly repository: string
  readonly repository_owner: string
  readonly api_url: string
  readonly server_url: string
  readonly graphql_url: string
  readonly event_name: string
  /** An object is written to the event file as JSON; text and bytes as they are. */
  readonly event: Readonly<Record<string, unknown>> | string | Uint8Array
  readonly run_id: string
  readonly run_number: string
  readonly run_attempt: string
  readonly actor: string
  readonly triggering_actor: string
  readonly workflow: string
  readonly job: string
  readonly ref: string
  readonly sha: string
}

export interface StepOptions {
  /** The step's `with:`; may hold `${{ github.… }}` and `${{ env.… }}`. */
  readonly with?: Readonly<Record<string, string>>
  /** The step's `env:` together with the job's. */
  readonly env?: Readonly<Record<string, string>>
  readonly github?: Partial<GithubContext>
  /** Step debugging: `RUNNER_DEBUG=1`. */
  readonly debug?: boolean
  /** The file to run instead of `runs.main` of action.yml. */
  readonly main?: string
  /** The action's metadata instead of the repository's action.yml. */
  readonly actionFile?: string
  /** Secrets the runner masks before the step begins, as it does with all secrets of a workflow. */
  readonly masks?: readonly string[]
  /** After this the process is killed; 90 s when absent. */
  readonly timeoutMs?: number
  /** Each line of the log as it comes, masked. */
  readonly onLine?: (line: string) => void
  /** The last word on the process's environment, which no workflow has; undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export interface StepResult {
  /** null when the process was killed. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  /** As the job sees it: a broken command or file fails the step, too. */
  readonly conclusion: 'success' | 'failure'
  /** From starting the process to its end. */
  readonly durationMs: number
  /** Raw, as printed. */
  readonly stdout: string
  /** Raw, as printed. */
  readonly stderr: string
  /** As Actions shows it: commands carried out, masked, annotations beginning with `##[error]` and the like. */
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly outputs: Readonly<Record<string, string>>
  /** What later steps find in their environment. */
  readonly env: Readonly<Record<string, string>>
  /** What later steps find on their PATH. */
  readonly path: readonly string[]
  readonly state: Readonly<Record<string, string>>
  /** Every value masked, `StepOptions.masks` included. */
  readonly masks: readonly string[]
  /** Raw, as written. */
  readonly summary: string
  /** Every workflow command that was recognised, in order. */
  readonly commands: readonly RecordedCommand[]
  /** The files the runner reads, raw. */
  readonly files: Readonly<Record<FileName, string>>
}

type FileName = 'output' | 'env' | 'state' | 'path' | 'summary'

const ROOT = resolve(import.meta.dirname, '..')
const DEFAULT_TIMEOUT_MS = 90_000
const LARGEST_SUMMARY = 1024 * 1024

const FILE_VARIABLES: readonly (readonly [FileName, string])[] = [
  ['output', 'GITHUB_OUTPUT'],
  ['env', 'GITHUB_ENV'],
  ['state', 'GITHUB_STATE'],
  ['path', 'GITHUB_PATH'],
  ['summary', 'GITHUB_STEP_SUMMARY']
]

const DEFAULT_CONTEXT: GithubContext = {
  repository: 'octo/demo',
  repository_owner: 'octo',
  api_url: 'https://api.github.com',
  server_url: 'https://github.com',
  graphql_url: 'https://api.github.com/graphql',
  event_name: 'push',
  event: { repository: { full_name: 'octo/demo', owner: { login: 'octo' } } },
  run_id: '4711',
  run_number: '1',
  run_attempt: '1',
  actor: 'octo',
  triggering_actor: 'octo',
  workflow: 'Demo',
  job: 'demo',
  ref: 'refs/heads/main',
  sha: '0123456789abcdef0123456789abcdef01234567'
}

/**
 * Runs one step that uses the action.
 *
 * @throws Error when the runner itself cannot: no Node 24, a broken action.yml, an expression it cannot evaluate
 */
export async function runStep(options: StepOptions = {}): Promise<StepResult> {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Error('The sandbox needs Node 24 or later.')
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-step-'))
  try {
    return await runIn(directory, options)
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function runIn(directory: string, options: StepOptions): Promise<StepResult> {
  const actionFile = options.actionFile ?? join(ROOT, 'action.yml')
  const action = await readAction(actionFile)
  const context: GithubContext = { ...DEFAULT_CONTEXT, ...options.github }
  const masker = createMasker(options.masks)
  const interpreter = createInterpreter({
    debug: options.debug ?? false,
    masker,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine })
  })

  const inputs = fillInputs(action.inputs, options, context)
  const unexpected = Object.keys(options.with ?? {}).filter(name => !action.inputs.has(name.toLowerCase()))
  if (unexpected.length > 0) {
    const [got, known] = [unexpected, [...action.inputs.keys()]].map(names => names.map(n => `'${n}'`).join(', '))
    interpreter.annotate('warning', `Unexpected input(s) ${got ?? ''}, valid inputs are [${known ?? ''}]`)
  }

  const places = await createPlaces(directory, context.event)
  const environment = {
    ...inheritedVariables(),
    ...Object.fromEntries(Object.entries(options.env ?? {}).map(([k, v]) => [k, evaluate(v, context, options.env)])),
    ...runnerVariables(places, options.debug ?? false),
    ...githubVariables(context, places),
    ...Object.fromEntries(inputs),
    ...options.environment
  }
  const main = options.main ?? resolve(dirname(actionFile), action.main)
  const ended = await runProcess(resolve(main), environment, places.workspace, options, interpreter)

  const files = await readFiles(places)
  const { failed, outputs, env, state } = processFiles(files, interpreter)
  const reading = interpreter.read()
  const isFailure = ended.exitCode !== 0 || failed || reading.failed
  return {
    ...ended,
    conclusion: isFailure ? 'failure' : 'success',
    log: reading.log,
    annotations: reading.annotations,
    outputs: { ...reading.outputs, ...outputs },
    env,
    path: parsePathFile(files.path),
    state: { ...reading.state, ...state },
    masks: reading.masks,
    summary: files.summary,
    commands: reading.commands,
    files
  }
}

/**
 * What leaves a job: the runner drops an output that holds anything masked, and one that is empty.
 *
 * @param outputs the job's outputs, already evaluated
 * @param masks `StepResult.masks` of all its steps
 */
export function jobOutputs(
  outputs: Readonly<Record<string, string>>,
  masks: readonly string[]
): { readonly passed: Readonly<Record<string, string>>; readonly warnings: readonly string[] } {
  const masker = createMasker(masks)
  const given = Object.entries(outputs).filter(([, value]) => value !== '')
  const isSecret = (value: string): boolean => masker.mask(value) !== value
  return {
    passed: Object.fromEntries(given.filter(([, value]) => !isSecret(value))),
    warnings: given
      .filter(([, value]) => isSecret(value))
      .map(([name]) => `Skip output '${name}' since it may contain secret.`)
  }
}

// The action's metadata and inputs.

interface Action {
  readonly main: string
  /** Default by name, in lower case; empty when there is none. */
  readonly inputs: ReadonlyMap<string, string>
}

async function readAction(path: string): Promise<Action> {
  const text = await readFile(path, 'utf8')
  const metadata = asRecord(parse(text))
  const { using, main } = asRecord(metadata['runs'])
  if (using !== 'node24' || typeof main !== 'string') throw new Error(`${path}: runs.using is not node24 with a main`)
  const inputs = Object.entries(asRecord(metadata['inputs'])).map(([name, input]): [string, string] => {
    const value = asRecord(input)['default']
    return [name.toLowerCase(), value === undefined || value === null ? '' : scalar(value)]
  })
  return { main, inputs: new Map(inputs) }
}

/** The `INPUT_*` variables: white space becomes `_`, hyphens stay, and an input without a value is empty. */
function fillInputs(
  defaults: ReadonlyMap<string, string>,
  options: StepOptions,
  context: GithubContext
): [string, string][] {
  const given = Object.entries(options.with ?? {}).map(([name, value]): [string, string] => [name.toLowerCase(), value])
  return [...new Map([...defaults, ...given])].map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    evaluate(value, context, options.env)
  ])
}

/** Evaluates `${{ github.… }}` and `${{ env.… }}`; what does not exist is empty, as on GitHub. */
function evaluate(text: string, context: GithubContext, env: Readonly<Record<string, string>> = {}): string {
  return text.replace(/\$\{\{([^]*?)\}\}/g, (_, expression: string) => {
    const path = expression.trim().split('.')
    if (!/^(?:github|env)(?:\.[\w-]+)+$/.test(expression.trim())) {
      throw new Error(`The sandbox cannot evaluate \${{${expression}}}`)
    }
    let value: unknown = path[0] === 'github' ? context : env
    for (const key of path.slice(1)) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    return value === undefined || value === null ? '' : isRecord(value) ? 'Object' : scalar(value)
  })
}

// The process and its surroundings.

interface Places {
  readonly files: Readonly<Record<FileName, string>>
  readonly event: string
  readonly workspace: string
  readonly temp: string
}

async function createPlaces(directory: string, event: GithubContext['event']): Promise<Places> {
  const places: Places = {
    files: {
      output: join(directory, 'set_output'),
      env: join(directory, 'set_env'),
      state: join(directory, 'save_state'),
      path: join(directory, 'add_path'),
      summary: join(directory, 'step_summary')
    },
    event: join(directory, 'event.json'),
    workspace: join(directory, 'workspace'),
    temp: join(directory, 'temp')
  }
  await Promise.all([
    ...Object.values(places.files).map(path => writeFile(path, '')),
    writeFile(places.event, typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event)),
    mkdir(places.workspace),
    mkdir(places.temp)
  ])
  return places
}

/** What Node and the system need; nothing else of this process's environment reaches the action. */
function inheritedVariables(): Record<string, string> {
  const needed = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']
  return Object.fromEntries(
    needed.flatMap(name => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
}

function runnerVariables(places: Places, isDebug: boolean): Record<string, string> {
  const systems: Readonly<Record<string, string>> = { win32: 'Windows', darwin: 'macOS' }
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    RUNNER_OS: systems[process.platform] ?? 'Linux',
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_NAME: 'sandbox',
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_TEMP: places.temp,
    RUNNER_TOOL_CACHE: places.temp,
    RUNNER_WORKSPACE: places.workspace,
    ...(isDebug ? { RUNNER_DEBUG: '1' } : {})
  }
}

function githubVariables(context: GithubContext, places: Places): Record<string, string> {
  const plain = Object.entries(context).filter(([name]) => name !== 'event')
  return {
    ...Object.fromEntries(plain.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, scalar(value)])),
    ...Object.fromEntries(FILE_VARIABLES.map(([file, variable]) => [variable, places.files[file]])),
    GITHUB_ACTION: 'vaunt',
    GITHUB_EVENT_PATH: places.event,
    GITHUB_REF_NAME: context.ref.replace(/^refs\/[^/]+\//, ''),
    GITHUB_REF_TYPE: context.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_WORKSPACE: places.workspace
  }
}

type Ended = Pick<StepResult, 'exitCode' | 'timedOut' | 'durationMs' | 'stdout' | 'stderr'>

function runProcess(
  main: string,
  environment: Readonly<Record<string, string | undefined>>,
  workspace: string,
  options: StepOptions,
  interpreter: Interpreter
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, [main], {
      cwd: workspace,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true
    })
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    const chunks = { stdout: new Array<Buffer>(), stderr: new Array<Buffer>() }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        chunks[name].push(chunk)
        interpreter.write(name, chunk)
      })
    }
    child.on('error', reject)
    let durationMs = 0
    child.on('exit', () => {
      durationMs = performance.now() - startedAt
      clearTimeout(timer)
    })
    // The streams may say more after the exit; 'close' comes when they are done.
    child.on('close', exitCode => {
      interpreter.end()
      resolve({
        exitCode,
        timedOut,
        durationMs,
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString()
      })
    })
  })
}

// What the step left in the files.

async function readFiles(places: Places): Promise<Record<FileName, string>> {
  const read = (name: FileName): Promise<string> => readFile(places.files[name], 'utf8').catch(() => '')
  const [output, env, state, path, summary] = await Promise.all(
    (['output', 'env', 'state', 'path', 'summary'] as const).map(read)
  )
  return { output: output ?? '', env: env ?? '', state: state ?? '', path: path ?? '', summary: summary ?? '' }
}

interface FileReading {
  readonly failed: boolean
  readonly outputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
}

/** In the runner's order: environment, summary, state, outputs. */
function processFiles(files: Readonly<Record<FileName, string>>, interpreter: Interpreter): FileReading {
  let failed = false

  function readPairs(
    name: 'env' | 'state' | 'output',
    show: (name: string, value: string) => string
  ): [string, string][] {
    const { pairs, error } = parseKeyValueFile(files[name])
    for (const pair of pairs) interpreter.debug(show(pair.name, pair.value))
    if (error !== undefined) {
      failed = true
      interpreter.annotate('error', `Unable to process file command '${name}' successfully.`)
      interpreter.annotate('error', error)
    }
    return pairs.map(pair => [pair.name, pair.value])
  }

  const env = readPairs('env', (name, value) => `${name}='${value}'`).filter(([name]) => {
    const isBlocked = name.toUpperCase() === 'NODE_OPTIONS'
    if (isBlocked) {
      interpreter.annotate('error', "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
    }
    return !isBlocked
  })
  const size = Buffer.byteLength(files.summary)
  if (size > LARGEST_SUMMARY) {
    interpreter.annotate(
      'error',
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${LARGEST_SUMMARY / 1024}k, got ${Math.floor(size / 1024)}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`
    )
  }
  const state = readPairs('state', (name, value) => `Save intra-action state ${name} = ${value}`)
  const outputs = readPairs('output', (name, value) => `Set output ${name} = ${value}`)
  return {
    failed,
    outputs: Object.fromEntries(outputs),
    env: Object.fromEntries(env),
    state: Object.fromEntries(state)
  }
}

// Values from outside.

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error(`Not text, a number or a truth value: ${JSON.stringify(value)}`)
}
