// Stands in for Octokit's GraphQL client: Octokit makes one while it starts, and this action asks nothing by it (docs/adr/0009-one-http-stack.md).

export function withCustomRequest() {
  return { defaults: () => undefined }
}
