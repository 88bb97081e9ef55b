// Stands in for the library by which Octokit reads a content type: src/github.ts gives it one type only, and that without comments or quotes (docs/adr/0009-one-http-stack.md).

export function parse(header) {
  return { type: header.split(';')[0].trim().toLowerCase(), parameters: {} }
}
