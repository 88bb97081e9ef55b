// Stands in for Octokit's table of some 900 endpoints, which costs a quarter of the bundle and much of the start-up:
// this action asks three things, through octokit.request() (docs/adr/0009-one-http-stack.md).

export function restEndpointMethods() {
  return {}
}
