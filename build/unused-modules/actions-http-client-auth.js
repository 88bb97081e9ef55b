// Replaces @actions/http-client/lib/auth. @actions/core signs its OIDC requests with it, which nobody asks for.

export class BearerCredentialHandler {
  constructor() {
    throw new Error('replaced in the bundle: BearerCredentialHandler is never created')
  }
}
