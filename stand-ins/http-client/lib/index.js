// Stands in for @actions/http-client, which the toolkit imports though this action never sends anything through it:
// every request goes through src/http.ts (docs/adr/0009-one-http-stack.md). A request is a bug, so it throws.

export class HttpClient {
  // @actions/github asks for both once, while it loads, to build defaults that src/index.ts replaces.
  getAgent() {
    return undefined
  }

  getAgentDispatcher() {
    return undefined
  }

  // What the OIDC client of @actions/core would call.
  getJson() {
    throw new Error('stand-in: getJson() was called, but every request must go through src/http.ts')
  }
}
