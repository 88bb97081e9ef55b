// Stands in for the library that reads the settings of nyc, which Jest never asks for (docs/adr/0009-one-http-stack.md). It is not in the bundle: it would bring 14 packages into the lock file.

export function loadNycConfig() {
  throw new Error('stand-in: loadNycConfig() was called, but Jest says what is to be covered')
}
