// Owns the reading of what a step prints, as GitHub's runner reads it: lines, workflow commands, masks, and the log that comes of them. Starts no process and reads no file.

import { createMasker } from './masks.ts'
import type { Masker } from './masks.ts'

/** The commands the runner knows; letter case does not matter. */
export const COMMANDS: ReadonlySet<string> = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning'
])

/** Commands that are never printed as they came. */
const NEVER_ECHOED: ReadonlySet<string> = new Set(['add-mask', 'debug', 'error', 'notice', 'warning'])
const LONGEST_ANNOTATION = 4096

/** A workflow command, unescaped. */
export interface Command {
  /** In lower case. */
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/** A command that was obeyed, or refused, while commands were not stopped. */
export interface RecordedCommand extends Command {
  /** Which line of all that was printed it stood on, from 1. */
  readonly line: number
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  /** Masked, and cut at 4096 characters. */
  readonly message: string
  readonly properties: Readonly<Record<string, string>>
}

/** What came of everything printed so far. */
export interface Interpretation {
  /** The log, masked; annotations begin with `##[error]` and the like. */
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly commands: readonly RecordedCommand[]
  /** Values masked, those known before included. */
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
  /** Takes what the step printed, cut anywhere. Both streams are read by the same rules and share their state. */
  write(stream: StreamName, chunk: string | Uint8Array): void
  /** Reads the last lines that had no end. */
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
  /** Each line of the log as it comes, masked. */
  readonly onLine?: (line: string) => void
}

/** Reads a whole output at once. */
export function interpret(output: string | Uint8Array, options: InterpreterOptions = {}): Interpretation {
  const interpreter = createInterpreter(options)
  interpreter.write('stdout', output)
  interpreter.end()
  return interpreter.read()
}

/** Makes a reader for one step. */
export function createInterpreter(options: InterpreterOptions = {}): Interpreter {
  const { debug: showsDebug = false, masker = createMasker(), onLine } = options
  const log: string[] = []
  const annotations: Annotation[] = []
  const commands: RecordedCommand[] = []
  const outputs = new Map<string, string>()
  const state = new Map<string, string>()
  const streams = { stdout: createLineReader(takeLine), stderr: createLineReader(takeLine) }
  const registered = new Set(COMMANDS)
  let stopToken: string | undefined
  let echoes = showsDebug
  let failed = false
  let lines = 0

  function takeLine(line: string): void {
    lines++
    const command = parseCommand(line, registered)
    if (command === undefined || !obey(command, line)) print(line)
  }

  /** Returns whether the line is done with; otherwise it is printed. */
  function obey(command: Command, line: string): boolean {
    if (stopToken !== undefined) {
      if (command.command !== stopToken) return false
      print(line)
      registered.delete(stopToken)
      stopToken = undefined
      return true
    }
    commands.push({ ...command, line: lines })
    if (command.command === 'stop-commands') {
      stop(command.message, line)
      return true
    }
    const isEchoed = !NEVER_ECHOED.has(command.command)
    if (echoes && isEchoed) print(line)
    const complaint = carryOut(command)
    if (complaint !== undefined) fail(isEchoed ? line : command.command, complaint)
    return true
  }

  function stop(token: string, line: string): void {
    const lower = toLower(token)
    if (lower === '' || lower === 'pause-logging' || registered.has(lower)) {
      fail(line, BAD_STOP_TOKEN)
      return
    }
    stopToken = lower
    registered.add(lower)
    if (token.length > 6) masker.add(token)
    print(line)
  }

  /** Returns what the runner complains about, if anything. */
  function carryOut({ command, properties, message }: Command): string | undefined {
    const name = properties['name'] ?? ''
    switch (command) {
      case 'add-mask':
        if (message.trim() === '') {
          annotate('warning', "Can't add secret mask for empty string in ##[add-mask] command.")
        } else {
          if (echoes) print('::add-mask::***')
          masker.addWithLines(message)
        }
        return undefined
      case 'set-output':
        if (name === '') return "Required field 'name' is missing in ##[set-output] command."
        outputs.set(name, message)
        debug(`steps.step.outputs.${name}='${message}'`)
        return undefined
      case 'save-state':
        if (name === '') return "Required field 'name' is missing in ##[save-state] command."
        state.set(name, message)
        debug(`Save intra-action state ${name} = ${message}`)
        return undefined
      case 'set-env':
      case 'add-path':
        return `The \`${command}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by setting the \`ACTIONS_ALLOW_UNSECURE_COMMANDS\` environment variable to \`true\`. For more information see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/`
      case 'debug':
        debug(message)
        return undefined
      case 'error':
      case 'warning':
      case 'notice':
        annotate(command, message, properties)
        return undefined
      case 'group':
        print(`##[group]${message}`)
        return undefined
      case 'endgroup':
        print('##[endgroup]')
        return undefined
      case 'echo':
        return setEcho(message)
      default:
        // Problem matchers: noted among the commands, and without effect here.
        return undefined
    }
  }

  function setEcho(message: string): string | undefined {
    const choice = toLower(message.trim())
    if (choice !== 'on' && choice !== 'off') {
      return `Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${message}'.`
    }
    echoes = choice === 'on'
    return undefined
  }

  function fail(what: string, complaint: string): void {
    failed = true
    annotate('error', `Unable to process command '${what}' successfully.`)
    annotate('error', complaint)
  }

  function annotate(
    level: Annotation['level'],
    message: string,
    properties: Readonly<Record<string, string>> = {}
  ): void {
    const shown = masker.mask(message).slice(0, LONGEST_ANNOTATION)
    annotations.push({ level, message: shown, properties })
    // The runner writes no line for an empty message.
    if (shown !== '') print(`##[${level}]${shown}`)
  }

  function debug(message: string): void {
    if (showsDebug) for (const line of message.split(/\r?\n/)) print(`##[debug]${line}`)
  }

  /** A message of several lines is masked as a whole before it becomes several lines of the log. */
  function print(message: string): void {
    for (const line of masker.mask(message).split(/\r\n|\n|\r/)) {
      log.push(line)
      onLine?.(line)
    }
  }

  return {
    annotate,
    debug,
    write(stream, chunk) {
      streams[stream].write(chunk)
    },
    end() {
      streams.stdout.end()
      streams.stderr.end()
    },
    read: () => ({
      log: [...log],
      annotations: [...annotations],
      commands: [...commands],
      masks: masker.values,
      outputs: Object.fromEntries(outputs),
      state: Object.fromEntries(state),
      failed
    })
  }
}

const BAD_STOP_TOKEN =
  "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands or opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`."

/**
 * The command on a line, if there is one: `::name a=b,c=d::message` after white space, else `##[name a=b;c=d]message`
 * wherever it stands first.
 *
 * @param registered names that count, in lower case
 */
export function parseCommand(line: string, registered: ReadonlySet<string> = COMMANDS): Command | undefined {
  return parseColons(line, registered) ?? parseBrackets(line, registered)
}

/** What .NET takes for white space, which is not quite what JavaScript does. */
const LEADING_SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/
const SPACE_AROUND = new RegExp(`${LEADING_SPACE.source}|${LEADING_SPACE.source.slice(1)}$`, 'g')

function parseColons(line: string, registered: ReadonlySet<string>): Command | undefined {
  const text = line.replace(LEADING_SPACE, '')
  const end = text.indexOf('::', 2)
  if (!text.startsWith('::') || end < 0) return undefined
  const { name, rest } = splitName(text.slice(2, end))
  if (!registered.has(name)) return undefined
  const properties = parseProperties(rest.replace(SPACE_AROUND, ''), ',', PROPERTY_ESCAPES)
  return { command: name, properties, message: unescape(text.slice(end + 2), MESSAGE_ESCAPES) }
}

function parseBrackets(line: string, registered: ReadonlySet<string>): Command | undefined {
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return undefined
  const { name, rest } = splitName(line.slice(start + 3, end))
  if (!registered.has(name)) return undefined
  const properties = parseProperties(rest, ';', BRACKET_ESCAPES)
  return { command: name, properties, message: unescape(line.slice(end + 1), BRACKET_ESCAPES) }
}

function splitName(info: string): { readonly name: string; readonly rest: string } {
  const space = info.indexOf(' ')
  return space < 0
    ? { name: toLower(info), rest: '' }
    : { name: toLower(info.slice(0, space)), rest: info.slice(space + 1) }
}

/** Pairs without a value do not count, names ignore letter case, and a value loses the `=` it begins with. */
function parseProperties(text: string, separator: string, escapes: Escapes): Record<string, string> {
  const properties = new Map<string, string>()
  const names = new Map<string, string>()
  for (const property of text.split(separator)) {
    const [, name, value] = /^=*([^=]+)=+([^=][^]*)$/.exec(property) ?? []
    if (name === undefined || value === undefined) continue
    const known = names.get(toLower(name)) ?? name
    names.set(toLower(name), known)
    properties.set(known, unescape(value, escapes))
  }
  return Object.fromEntries(properties)
}

type Escapes = readonly (readonly [escaped: string, char: string])[]

// In the runner's order: %25 comes last, or %250A would turn into a line break.
const MESSAGE_ESCAPES: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%']
]
const PROPERTY_ESCAPES: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%']
]
const BRACKET_ESCAPES: Escapes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%']
]

function unescape(text: string, escapes: Escapes): string {
  return escapes.reduce((result, [escaped, char]) => result.replaceAll(escaped, char), text)
}

/** ASCII only: the runner does not fold other letters into them. */
function toLower(text: string): string {
  return text.replace(/[A-Z]/g, char => char.toLowerCase())
}

interface LineReader {
  write(chunk: string | Uint8Array): void
  end(): void
}

/** Cuts UTF-8 into lines at \n, \r\n and a lone \r; the last line need not end. */
function createLineReader(take: (line: string) => void): LineReader {
  const decoder = new TextDecoder()
  let rest = ''

  function cut(isEnd: boolean): void {
    for (;;) {
      const at = rest.search(/[\r\n]/)
      // Whether a \r at the very end is a lone one, only what follows can tell.
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
