// Stands in for packages that Octokit imports, and of which this action needs little or nothing (docs/adr/0009-one-http-stack.md).

/** `@octokit/graphql`: Octokit makes a client while it starts, and nothing is asked by it. */
export function withCustomRequest() {
  return { defaults: () => undefined }
}

/** `@octokit/plugin-paginate-rest`: nothing that this action asks GitHub has pages. */
export function paginateRest() {
  return {}
}

/** `@octokit/plugin-rest-endpoint-methods`, a table of some 900 endpoints: this action asks three things, through octokit.request(). */
export function restEndpointMethods() {
  return {}
}

/** `content-type`: src/github.ts gives one type only, without comments or quotes. */
export function parse(header) {
  return { type: header.split(';')[0].trim().toLowerCase(), parameters: {} }
}

/** `json-with-bigint`: Node reads as exactly. Whole numbers beyond 2^53 become bigints: GitHub's ids must not be rounded. */
export function JSONParse(text) {
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value
  )
}

/** Of what this action sends, nothing has a body. */
export function JSONStringify() {
  throw new Error('stand-in: JSONStringify() was called, but this action sends no body')
}

/** `before-after-hook`: a function that runs a request, inside the one hook by which Octokit adds the PAT. */
function Collection() {
  const wrapped = {}
  const run = async (name, request, options) => (wrapped[name] ? wrapped[name](request, options) : request(options))
  run.wrap = (name, around) => {
    if (wrapped[name]) throw new Error('stand-in: a second hook, but only one can be wrapped around a request')
    wrapped[name] = around
  }
  return run
}

export default { Collection }
