// Stands in for what Jest has from Babel beyond its coverage: a transformer that no file here asks for, and a list of syntax that Babel knows by itself (docs/adr/0009-one-http-stack.md). It is not in the bundle: it would bring 23 packages into the lock file.

/** @returns a preset of Babel that adds nothing */
module.exports = () => ({})

module.exports.createTransformer = () => {
  throw new Error('stand-in: createTransformer() was called, but types are taken out by Node')
}
