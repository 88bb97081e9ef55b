// Parses the files that a step writes for the runner (GITHUB_OUTPUT, GITHUB_ENV, GITHUB_STATE, GITHUB_PATH), like GitHub's runner does.

/** The contents of such a file, and the error in it, if there is one. What precedes the error still counts. */
export interface KeyValueFile {
  readonly pairs: readonly { readonly name: string; readonly value: string }[]
  /** The runner's words. */
  readonly error?: string
}

/**
 * Reads `name=value` lines and `name<<delimiter` blocks.
 *
 * @param isWindows on Windows, \r\n also ends a line; elsewhere, the \r belongs to the line
 */
export function parseKeyValueFile(text: string, isWindows = process.platform === 'win32'): KeyValueFile {
  const pairs: { name: string; value: string }[] = []
  const read = createReader(text, isWindows)
  for (let line = read(); line !== undefined; line = read()) {
    if (line.text === '') continue
    const equals = line.text.indexOf('=')
    const arrows = line.text.indexOf('<<')
    if (equals >= 0 && (arrows < 0 || equals < arrows)) {
      pairs.push({ name: line.text.slice(0, equals), value: line.text.slice(equals + 1) })
      continue
    }
    if (arrows < 0) return { pairs, error: `Invalid format '${line.text}'` }
    const [name, delimiter] = [line.text.slice(0, arrows), line.text.slice(arrows + 2)]
    if (name === '' || delimiter === '') {
      return {
        pairs,
        error: `Invalid format '${line.text}'. Name must not be empty and delimiter must not be empty`
      }
    }
    let end = line.next
    for (let inner = read(); inner?.text !== delimiter; inner = read()) {
      if (inner === undefined) {
        return { pairs, error: `Invalid value. Matching delimiter not found '${delimiter}'` }
      }
      if (!inner.isEnded) return { pairs, error: 'Invalid value. EOF marker missing new line.' }
      end = inner.start + inner.text.length
    }
    pairs.push({ name, value: text.slice(line.next, end) })
  }
  return { pairs }
}

/** Reads GITHUB_PATH: one directory per line, of which the last is first on the PATH. */
export function parsePathFile(text: string): string[] {
  return text.split(/\r\n|\n|\r/).filter(line => line !== '')
}

interface Line {
  readonly text: string
  readonly start: number
  /** The offset of the next line. */
  readonly next: number
  readonly isEnded: boolean
}

function createReader(text: string, isWindows: boolean): () => Line | undefined {
  let at = 0
  return () => {
    if (at >= text.length) return undefined
    const start = at
    const feed = text.indexOf('\n', start)
    const isEnded = feed >= 0
    at = isEnded ? feed + 1 : text.length
    const hasReturn = isWindows && isEnded && feed > start && text[feed - 1] === '\r'
    const end = !isEnded ? text.length : hasReturn ? feed - 1 : feed
    return { text: text.slice(start, end), start, next: at, isEnded }
  }
}
