// Replaces @actions/http-client. @actions/core requests OIDC tokens with it, which nobody asks for.

export class HttpClient {
  // @actions/github calls both once, while it loads, to build defaults that every client of ours overrides.
  getAgent() {
    return undefined
  }

  getAgentDispatcher() {
    return undefined
  }

  getJson() {
    throw new Error('replaced in the bundle: HttpClient.getJson() is never called')
  }
}
