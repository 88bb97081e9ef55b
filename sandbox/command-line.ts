// Parses the command lines of this repository's tools: their flags, --help and -h, and mistakes, which print one line and the usage and exit with 2.

import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'

/** A flag that is given or not, such as `--live`. */
interface Switch {
  /** What it does, in half a line. */
  readonly what: string
}

/** A flag with a text, such as `--entity NAME`. */
interface Text extends Switch {
  /** Stands for the text in the usage. */
  readonly value: string
}

/** A flag with a number, such as `--runs 15`. */
interface Amount extends Switch {
  readonly from: number
  readonly to: number
  /** The value if the flag isn't given. */
  readonly usual: number
  /** Whether fractions such as 0.5 are valid. */
  readonly isFraction?: true
}

type Flags = Readonly<Record<string, Switch | Text | Amount>>

export interface Command<F extends Flags> {
  /** Examples of how to call it. */
  readonly calls: readonly [string, ...string[]]
  readonly flags: F
  /** A paragraph below the flags. */
  readonly note?: string
}

/** A switch is true or false; a text is undefined when it is not given, and never empty; a number is within its bounds. */
export type Values<F extends Flags> = {
  readonly [N in keyof F]: F[N] extends Amount ? number : F[N] extends Text ? string | undefined : boolean
}

/** A mistake in the call of a command, described in one line. */
export class Misuse extends Error {}

/**
 * Reads the flags of this process, and runs the command with them. Prints the usage for --help; for a mistake, one line and
 * the usage, with exit code 2.
 *
 * @param run returns the exit code; can report mistakes by throwing Misuse; other errors are rethrown
 */
export async function runCommand<F extends Flags>(
  command: Command<F>,
  run: (values: Values<F>) => number | Promise<number>
): Promise<void> {
  try {
    const values = readFlags(command, process.argv.slice(2), process.env)
    if (values === 'help') process.stdout.write(usage(command))
    else process.exitCode = await run(values)
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    process.stderr.write(`${error.message}\n${usage(command)}`)
    process.exitCode = 2
  }
}

/**
 * Reads flags.
 *
 * @param args the arguments after the command
 * @param environment of the process, in which npm leaves the flags that it doesn't pass on
 * @throws {Misuse} for an unknown flag, a missing or invalid value, a flag that npm didn't pass on, or a word that isn't a flag
 */
export function readFlags<F extends Flags>(
  { calls, flags }: Command<F>,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): Values<F> | 'help' {
  const { given, mistake } = parse(flags, args)
  const kept = keptByNpm(flags, given, environment, args)
  if (kept.length > 0) throw new Misuse(withTwoDashes(calls[0], kept))
  const foreign = FLAGS_OF_OTHERS.find(name => !(name in flags) && (environment[`npm_config_${name}`] ?? '') !== '')
  if (foreign !== undefined) throw new Misuse(`Unknown option '--${foreign}'`)
  if (mistake !== undefined) throw new Misuse(mistake)
  if (given.has('help')) return 'help'
  const values = Object.entries(flags).map(([name, flag]) => [name, read(name, flag, given.get(name))])
  // Each name is a flag's, and each value of its flag's kind.
  return Object.fromEntries(values) as Values<F>
}

/** A flag that the command doesn't have, but that npm accepts without passing it on. Without this check, it would be ignored silently. */
const FLAGS_OF_OTHERS = ['live', 'entity'] as const

interface Parsed {
  /** Texts and numbers as given. */
  readonly given: ReadonlyMap<string, unknown>
  /** What is wrong. If set, no other value counts. */
  readonly mistake?: string
}

function parse(flags: Flags, args: readonly string[]): Parsed {
  const own: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { type: takesValue(flag) ? 'string' : 'boolean' }])
  )
  try {
    const { values } = parseArgs({ args: [...args], options: { ...own, help: { type: 'boolean', short: 'h' } } })
    return { given: new Map(Object.entries(values)) }
  } catch (error) {
    return { given: new Map(), mistake: firstSentence(error) }
  }
}

/** Of Node's words. */
function firstSentence(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  const [first = ''] = String(message).split(/(?<=\.)\s|\n/)
  // Node.js suggests something else if the next flag is in place of the value. It is reported like any missing value.
  return first.replace(/^Option '(\S+)' argument is ambiguous\.$/, "Option '$1 <value>' argument missing")
}

/** The flags that `npm run NAME --flag` doesn't pass on. */
function keptByNpm(
  flags: Flags,
  given: ReadonlyMap<string, unknown>,
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[]
): string[] {
  const kept = Object.entries(flags).flatMap(([name, flag]) => {
    const value = environment[`npm_config_${name.replaceAll('-', '_')}`] ?? ''
    return value === '' || value === 'false' || given.has(name) ? [] : [{ name, flag, value }]
  })
  // For `--flag VALUE`, npm keeps the flag, whose value is then "true", and passes the value on as a word.
  const cut = kept.filter(({ flag, value }) => takesValue(flag) && value === 'true')
  const [word, ...more] = args
  return kept.map(({ name, flag, value }) => {
    if (takesValue(flag) && value !== 'true') return `--${name}=${value}`
    const isWordsFlag = takesValue(flag) && cut.length === 1 && word !== undefined && more.length === 0
    return isWordsFlag ? `--${name} ${word}` : spelling(name, flag)
  })
}

function withTwoDashes(call: string, kept: readonly string[]): string {
  const [script = ''] = call.split(' -- ')
  return `npm doesn't pass on flags that come before "--". Run: ${script} -- ${kept.join(' ')}`
}

function read(name: string, flag: Flags[string], given: unknown): boolean | string | number | undefined {
  if (!takesValue(flag)) return given === true
  if (given === '') throw new Misuse(`Option '--${name} <value>' argument missing`)
  const text = typeof given === 'string' ? given : undefined
  if ('value' in flag) return text
  const { from, to, usual, isFraction = false } = flag
  if (text === undefined) return usual
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN
  if (!(number >= from && number <= to) || !(isFraction || Number.isInteger(number))) {
    throw new Misuse(`--${name} requires a ${isFraction ? 'number' : 'whole number'} from ${from} to ${to}.`)
  }
  return number
}

/** The usage, with one line for each flag. */
function usage<F extends Flags>({ calls, flags, note }: Command<F>): string {
  const rows = [
    ...Object.entries(flags).map(([name, flag]) => [spelling(name, flag), meaning(flag)] as const),
    ['--help, -h', 'Show this help'] as const
  ]
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return [
    ...calls.map((call, index) => `${index === 0 ? 'Usage:' : '      '} ${call}`),
    ...rows.map(([flag, what]) => `  ${flag.padEnd(width)}  ${what}`),
    ...(note === undefined ? [] : ['', note]),
    ''
  ].join('\n')
}

function spelling(name: string, flag: Flags[string]): string {
  if (!takesValue(flag)) return `--${name}`
  return `--${name} ${'value' in flag ? flag.value : 'NUMBER'}`
}

function meaning(flag: Flags[string]): string {
  return 'usual' in flag ? `${flag.what} (default: ${flag.usual})` : flag.what
}

function takesValue(flag: Flags[string]): flag is Text | Amount {
  return 'value' in flag || 'usual' in flag
}
