// Masks secrets like GitHub's runner does: finds them in the encodings that it knows, and replaces them.

/** The runner's list of secrets to mask. */
export interface Masker {
  /** Every registered value, unchanged, in order, without duplicates. */
  readonly values: readonly string[]
  /** Registers a value and its encodings, whatever its length. An empty value is ignored. */
  add(value: string): void
  /** Registers the argument of `add-mask`: as a whole, and line by line. */
  addWithLines(value: string): void
  /** Replaces every registered encoding with `***`, and adjacent or overlapping ones with a single `***`. */
  mask(text: string): string
}

export function createMasker(initial: readonly string[] = []): Masker {
  const values = new Set<string>()
  const spellings = new Set<string>()

  function add(value: string): void {
    if (value === '' || values.has(value)) return
    values.add(value)
    for (const spelling of spellingsOf(value)) if (spelling !== '') spellings.add(spelling)
  }

  const masker: Masker = {
    get values() {
      return [...values]
    },
    add,
    addWithLines(value) {
      add(value)
      for (const line of value.split(/[\r\n]/)) add(line.trim())
    },
    mask(text) {
      const ranges = [...spellings].flatMap(spelling => occurrences(text, spelling))
      return replaceRanges(text, ranges)
    }
  }
  for (const value of initial) masker.addWithLines(value)
  return masker
}

interface Range {
  readonly start: number
  readonly end: number
}

function occurrences(text: string, spelling: string): Range[] {
  const found: Range[] = []
  for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
    found.push({ start: at, end: at + spelling.length })
  }
  return found
}

function replaceRanges(text: string, ranges: readonly Range[]): string {
  let result = ''
  let done = 0
  let isFirst = true
  for (const { start, end } of [...ranges].sort((one, other) => one.start - other.start)) {
    if (isFirst || start > done) result += `${text.slice(done, start)}***`
    done = isFirst ? end : Math.max(done, end)
    isFirst = false
  }
  return result + text.slice(done)
}

/** The value and all the encodings that the runner knows. */
function spellingsOf(value: string): string[] {
  return [
    value,
    ...base64(value),
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "''"),
    json(value),
    uri(value),
    xml(value),
    value.length > 8 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : '',
    ...powerShell(value)
  ]
}

/**
 * Depending on how many bytes stand before it, a value ends in base64 in one of three ways. The runner knows them with their padding alone:
 * without it, in base64url, or with more bytes behind it the value is printed.
 */
function base64(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].map(offset => bytes.subarray(offset).toString('base64'))
}

function json(value: string): string {
  const spelled = JSON.stringify(value).slice(1, -1)
  return spelled.replace(/[\u0085\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function uri(value: string): string {
  const percent = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, percent)
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;'
}

function xml(value: string): string {
  return value.replace(/[<>"'&]/g, char => XML_ENTITIES[char] ?? char)
}

/** PowerShell's error messages highlight parts of a command. Short parts aren't masked. */
function powerShell(value: string): string[] {
  const plus = value.indexOf('&+')
  const last = value.lastIndexOf('&')
  if (last < 0) return []
  const parts =
    plus >= 0 ? [value.slice(0, plus + 2), value.slice(plus + 3)] : [value.slice(0, last + 1), value.slice(last + 1)]
  return parts.filter(part => part.length >= 6)
}
