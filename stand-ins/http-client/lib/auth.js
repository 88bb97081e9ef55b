// Stands in for the credential handlers of @actions/http-client: this action asks for no OIDC token.

export class BearerCredentialHandler {
  constructor() {
    throw new Error('stand-in: no credentials are handled here; every request goes through src/http.ts')
  }
}
