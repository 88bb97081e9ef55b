// Stands in for @actions/exec, with which @actions/core describes the platform when asked to: this action never asks,
// and starts no process (docs/adr/0009-one-http-stack.md). A call is a bug, so it throws.

export function getExecOutput() {
  throw new Error('stand-in: getExecOutput() was called, but this action starts no process')
}
