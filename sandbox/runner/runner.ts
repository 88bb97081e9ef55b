// Runs the action like GitHub's runner does: prepares the environment, starts the process, and collects the results of the step.

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { evaluate, inputVariables, readAction, unexpectedInputs } from './action.ts'
import type { Contexts } from './action.ts'
import { DEFAULT_CONTEXT } from './context.ts'
import type { GithubContext } from './context.ts'
import { parsePathFile } from './files.ts'
import { createInterpreter } from './interpreter.ts'
import type { Annotation, Interpreter, RecordedCommand } from './interpreter.ts'
import { createMasker } from './masks.ts'
import { createFiles, fileVariables, processFiles, readFiles } from './step-files.ts'
import type { StepFiles } from './step-files.ts'

export interface StepOptions {
  /** The step's `with:`, which can contain `${{ github.… }}` and `${{ env.… }}`. */
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
  /** Secrets that the runner masks before the step starts, like all secrets of a workflow. */
  readonly masks?: readonly string[]
  /** After this time, the process is killed; 90 s by default. */
  readonly timeoutMs?: number
  /** Receives each masked line of the log. */
  readonly onLine?: (line: string) => void
  /** Overrides the environment of the process, which no workflow can do. Undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export interface StepResult {
  /** null if the process was killed. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  /** The conclusion that the job sees. An invalid command or file fails the step, too. */
  readonly conclusion: 'success' | 'failure'
  /** From the start of the process to its end. */
  readonly durationMs: number
  /** As printed, not masked. */
  readonly stdout: string
  /** As printed, not masked. */
  readonly stderr: string
  /** The log as Actions shows it: masked, without commands, and with annotations that start with `##[error]` and so on. */
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly outputs: Readonly<Record<string, string>>
  /** The additions to the environment of later steps. */
  readonly env: Readonly<Record<string, string>>
  /** The additions to the PATH of later steps. */
  readonly path: readonly string[]
  readonly state: Readonly<Record<string, string>>
  /** All masked values, including `StepOptions.masks`. */
  readonly masks: readonly string[]
  /** As written, not masked. */
  readonly summary: string
  /** Every workflow command that was recognized, in order. */
  readonly commands: readonly RecordedCommand[]
  /** The contents of the files that the runner reads. */
  readonly files: StepFiles
}

const ROOT = resolve(import.meta.dirname, '..', '..')
const DEFAULT_TIMEOUT_MS = 90_000

/**
 * Runs one step that uses the action.
 *
 * @throws Error without Node.js 24, or with an invalid action.yml or an unsupported expression
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

/**
 * Returns the outputs that leave a job: the runner drops outputs that are empty or contain a masked value.
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

async function runIn(directory: string, options: StepOptions): Promise<StepResult> {
  const actionFile = options.actionFile ?? join(ROOT, 'action.yml')
  const action = await readAction(actionFile)
  const contexts: Contexts = { github: { ...DEFAULT_CONTEXT, ...options.github }, env: options.env ?? {} }
  const masker = createMasker(options.masks)
  const interpreter = createInterpreter({
    debug: options.debug ?? false,
    masker,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine })
  })
  const inputs = inputVariables(action, options.with ?? {}, contexts)
  const warning = unexpectedInputs(action, options.with ?? {})
  if (warning !== undefined) interpreter.annotate('warning', warning)

  const places = await createPlaces(directory, contexts.github.event)
  const environment = {
    ...inheritedVariables(),
    ...Object.fromEntries(Object.entries(contexts.env).map(([name, value]) => [name, evaluate(value, contexts)])),
    ...runnerVariables(places, options.debug ?? false),
    ...githubVariables(contexts.github, places),
    ...inputs,
    ...options.environment
  }
  const main = resolve(options.main ?? resolve(dirname(actionFile), action.main))
  const ended = await runProcess(main, environment, places.workspace, options, interpreter)
  return resultOf(ended, await readFiles(places.files), interpreter)
}

function resultOf(ended: Ended, files: StepFiles, interpreter: Interpreter): StepResult {
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

// The process and its environment.

interface Places {
  readonly files: StepFiles
  readonly event: string
  readonly workspace: string
  readonly temp: string
}

async function createPlaces(directory: string, event: GithubContext['event']): Promise<Places> {
  const places: Places = {
    files: await createFiles(directory),
    event: join(directory, 'event.json'),
    workspace: join(directory, 'workspace'),
    temp: join(directory, 'temp')
  }
  await Promise.all([
    writeFile(places.event, typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event)),
    mkdir(places.workspace),
    mkdir(places.temp)
  ])
  return places
}

/** The variables that Node.js and the system need. The action gets no others from this process. */
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
  const plain = Object.entries(context).flatMap(([name, value]): [string, string][] =>
    name !== 'event' && typeof value === 'string' ? [[`GITHUB_${name.toUpperCase()}`, value]] : []
  )
  return {
    ...Object.fromEntries(plain),
    ...fileVariables(places.files),
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
    // The streams can contain more after the exit, but not after 'close'.
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
