// Stands in for the HTTP library whose fetch @actions/github imports, though this action never calls it:
// every request goes through src/http.ts (docs/adr/0009-one-http-stack.md). A call is a bug, so it throws.

export function fetch() {
  throw new Error('stand-in: fetch() was called, but every request must go through src/http.ts')
}
