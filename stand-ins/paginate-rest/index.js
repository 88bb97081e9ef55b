// Stands in for Octokit's pagination: nothing that this action asks GitHub has pages (docs/adr/0009-one-http-stack.md).

export function paginateRest() {
  return {}
}
