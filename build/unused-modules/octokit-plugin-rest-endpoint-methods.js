// Replaces @octokit/plugin-rest-endpoint-methods, a table of some 900 endpoints: every request goes through octokit.request().

export function restEndpointMethods() {
  return {}
}
