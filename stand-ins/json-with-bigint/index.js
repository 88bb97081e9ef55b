// Stands in for the library by which Octokit reads and writes JSON: Node does it as exactly (docs/adr/0009-one-http-stack.md).

/** Whole numbers beyond 2^53 become bigints: GitHub's ids must not be rounded. */
export function JSONParse(text) {
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value
  )
}

/** Of what this action sends, nothing has a body. */
export function JSONStringify() {
  throw new Error('stand-in: JSONStringify() was called, but this action sends no body')
}
