// Parses one line as a workflow command, like GitHub's runner does. The commands are run in interpreter.ts.

/** The commands that the runner knows, in any letter case. */
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

/** A workflow command, unescaped. */
export interface Command {
  /** In lower case. */
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/**
 * The command on a line, if there is one: `::name a=b,c=d::message` after white space, else `##[name a=b;c=d]message`
 * wherever it stands first.
 *
 * @param registered the known names, in lowercase
 */
export function parseCommand(line: string, registered: ReadonlySet<string> = COMMANDS): Command | undefined {
  return parseColons(line, registered) ?? parseBrackets(line, registered)
}

/** The whitespace of .NET, which differs slightly from JavaScript's. */
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

/** Pairs without a value are ignored, names can have any letter case, and a leading `=` is removed from the value. */
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

/** ASCII only, because the runner doesn't fold other letters. */
export function toLower(text: string): string {
  return text.replace(/[A-Z]/g, char => char.toLowerCase())
}
