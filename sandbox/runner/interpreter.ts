// Processes everything that a step prints, like GitHub's runner does: lines, workflow commands, masks, and the log. Lines are parsed in commands.ts.

import { COMMANDS, parseCommand, toLower } from './commands.ts'
import type { Command } from './commands.ts'
import { createMasker } from './masks.ts'
import type { Masker } from './masks.ts'

/** Commands that are never printed unchanged. */
const NEVER_ECHOED: ReadonlySet<string> = new Set(['add-mask', 'debug', 'error', 'notice', 'warning'])
const LONGEST_ANNOTATION = 4096

/** A command that was run or refused while commands weren't stopped. */
export interface RecordedCommand extends Command {
  /** The number of its line in the output, from 1. */
  readonly line: number
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  /** Masked, and truncated to 4096 characters. */
  readonly message: string
  readonly properties: Readonly<Record<string, string>>
}

/** The result of everything printed so far. */
export interface Interpretation {
  /** The masked log. Annotations start with `##[error]` and so on. */
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly commands: readonly RecordedCommand[]
  /** All masked values, including those from before. */
  readonly masks: readonly string[]
  /** Set by the old command `set-output`. */
  readonly outputs: Readonly<Record<string, string>>
  /** Saved by the old command `save-state`. */
  readonly state: Readonly<Record<string, string>>
  /** Whether the runner fails the step because of a command, whatever its exit code. */
  readonly failed: boolean
}

export type StreamName = 'stdout' | 'stderr'

export interface Interpreter {
  /** Takes a chunk of the step's output. Both streams follow the same rules and share their state. */
  write(stream: StreamName, chunk: string | Uint8Array): void
  /** Processes the last, incomplete lines. */
  end(): void
  /** Adds an annotation of the runner's own. */
  annotate(level: Annotation['level'], message: string, properties?: Readonly<Record<string, string>>): void
  /** Adds lines to the log that show with step debugging only. */
  debug(message: string): void
  read(): Interpretation
}

export interface InterpreterOptions {
  /** `RUNNER_DEBUG=1`: shows debug lines and echoes commands. */
  readonly debug?: boolean
  readonly masker?: Masker
  /** Receives each masked line of the log. */
  readonly onLine?: (line: string) => void
}

/** Reads a whole output at once. */
export function interpret(output: string | Uint8Array, options: InterpreterOptions = {}): Interpretation {
  const interpreter = createInterpreter(options)
  interpreter.write('stdout', output)
  interpreter.end()
  return interpreter.read()
}

/** Creates an interpreter for one step. */
export function createInterpreter(options: InterpreterOptions = {}): Interpreter {
  const { debug: showsDebug = false, masker = createMasker(), onLine } = options
  const log = createLog(masker, showsDebug, onLine)
  const step: Step = {
    log,
    masker,
    commands: [],
    outputs: new Map(),
    state: new Map(),
    registered: new Set(COMMANDS),
    stopToken: undefined,
    echoes: showsDebug,
    failed: false,
    lines: 0
  }
  const take = (line: string): void => {
    takeLine(step, line)
  }
  const streams = { stdout: createLineReader(take), stderr: createLineReader(take) }
  return {
    annotate: log.annotate,
    debug: log.debug,
    write(stream, chunk) {
      streams[stream].write(chunk)
    },
    end() {
      streams.stdout.end()
      streams.stderr.end()
    },
    read: () => ({
      log: [...log.lines],
      annotations: [...log.annotations],
      commands: [...step.commands],
      masks: masker.values,
      outputs: Object.fromEntries(step.outputs),
      state: Object.fromEntries(step.state),
      failed: step.failed
    })
  }
}

// Commands.

/** The state of the interpreter. */
interface Step {
  readonly log: Log
  readonly masker: Masker
  readonly commands: RecordedCommand[]
  readonly outputs: Map<string, string>
  readonly state: Map<string, string>
  /** Names of commands, in lowercase, including the token that ends `stop-commands`. */
  readonly registered: Set<string>
  /** The token that resumes commands, while they are stopped. */
  stopToken: string | undefined
  echoes: boolean
  failed: boolean
  /** The number of lines so far. */
  lines: number
}

function takeLine(step: Step, line: string): void {
  step.lines++
  const command = parseCommand(line, step.registered)
  if (command === undefined || !obey(step, command, line)) step.log.print(line)
}

/** Returns whether the line is a command; otherwise it is printed. */
function obey(step: Step, command: Command, line: string): boolean {
  if (step.stopToken !== undefined) {
    if (command.command !== step.stopToken) return false
    step.log.print(line)
    step.registered.delete(step.stopToken)
    step.stopToken = undefined
    return true
  }
  step.commands.push({ ...command, line: step.lines })
  if (command.command === 'stop-commands') {
    stop(step, command.message, line)
    return true
  }
  const isEchoed = !NEVER_ECHOED.has(command.command)
  if (step.echoes && isEchoed) step.log.print(line)
  const complaint = carryOut(step, command)
  if (complaint !== undefined) fail(step, isEchoed ? line : command.command, complaint)
  return true
}

const BAD_STOP_TOKEN =
  "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands or opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`."

function stop(step: Step, token: string, line: string): void {
  const lower = toLower(token)
  if (lower === '' || lower === 'pause-logging' || step.registered.has(lower)) {
    fail(step, line, BAD_STOP_TOKEN)
    return
  }
  step.stopToken = lower
  step.registered.add(lower)
  if (token.length > 6) step.masker.add(token)
  step.log.print(line)
}

/** Returns the runner's error message, if there is one. */
function carryOut(step: Step, { command, properties, message }: Command): string | undefined {
  const { log, masker, outputs, state } = step
  const name = properties['name'] ?? ''
  switch (command) {
    case 'add-mask':
      if (message.trim() === '') {
        log.annotate('warning', "Can't add secret mask for empty string in ##[add-mask] command.")
      } else {
        if (step.echoes) log.print('::add-mask::***')
        masker.addWithLines(message)
      }
      return undefined
    case 'set-output':
      if (name === '') return "Required field 'name' is missing in ##[set-output] command."
      outputs.set(name, message)
      log.debug(`steps.step.outputs.${name}='${message}'`)
      return undefined
    case 'save-state':
      if (name === '') return "Required field 'name' is missing in ##[save-state] command."
      state.set(name, message)
      log.debug(`Save intra-action state ${name} = ${message}`)
      return undefined
    case 'set-env':
    case 'add-path':
      return `The \`${command}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. For more information see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`
    case 'debug':
      log.debug(message)
      return undefined
    case 'error':
    case 'warning':
    case 'notice':
      log.annotate(command, message, properties)
      return undefined
    case 'group':
      log.print(`##[group]${message}`)
      return undefined
    case 'endgroup':
      log.print('##[endgroup]')
      return undefined
    case 'echo':
      return setEcho(step, message)
    default:
      // Problem matchers are recorded as commands, but have no effect here.
      return undefined
  }
}

function setEcho(step: Step, message: string): string | undefined {
  const choice = toLower(message.trim())
  if (choice !== 'on' && choice !== 'off') {
    return `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${message}'.`
  }
  step.echoes = choice === 'on'
  return undefined
}

function fail(step: Step, what: string, complaint: string): void {
  step.failed = true
  step.log.annotate('error', `Unable to process command '${what}' successfully.`)
  step.log.annotate('error', complaint)
}

// The log.

interface Log {
  readonly lines: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly annotate: Interpreter['annotate']
  readonly debug: Interpreter['debug']
  readonly print: (message: string) => void
}

function createLog(masker: Masker, showsDebug: boolean, onLine?: InterpreterOptions['onLine']): Log {
  const lines: string[] = []
  const annotations: Annotation[] = []

  /** A message with several lines is masked as a whole before it is split. */
  function print(message: string): void {
    for (const line of masker.mask(message).split(/\r\n|\n|\r/)) {
      lines.push(line)
      onLine?.(line)
    }
  }

  return {
    lines,
    annotations,
    print,
    annotate(level, message, properties = {}) {
      const shown = masker.mask(message).slice(0, LONGEST_ANNOTATION)
      annotations.push({ level, message: shown, properties })
      // The runner writes no line for an empty message.
      if (shown !== '') print(`##[${level}]${shown}`)
    },
    debug(message) {
      if (showsDebug) for (const line of message.split(/\r?\n/)) print(`##[debug]${line}`)
    }
  }
}

interface LineReader {
  write(chunk: string | Uint8Array): void
  end(): void
}

/** Splits UTF-8 into lines at \n, \r\n, and a lone \r. The last line can be incomplete. */
function createLineReader(take: (line: string) => void): LineReader {
  const decoder = new TextDecoder()
  let rest = ''

  function cut(isEnd: boolean): void {
    for (;;) {
      const at = rest.search(/[\r\n]/)
      // Whether a final \r is a lone one is known only after the next chunk.
      if (at < 0 || (!isEnd && at === rest.length - 1 && rest[at] === '\r')) return
      const line = rest.slice(0, at)
      rest = rest.slice(rest.startsWith('\r\n', at) ? at + 2 : at + 1)
      take(line)
    }
  }

  return {
    write(chunk) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      cut(false)
    },
    end() {
      rest += decoder.decode()
      cut(true)
      if (rest !== '') take(rest)
      rest = ''
    }
  }
}
