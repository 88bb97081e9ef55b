// Stands in for the library of hooks around Octokit's requests: there is one hook here, by which Octokit adds the PAT (docs/adr/0009-one-http-stack.md).

/** A function that runs a request, inside whatever was wrapped around requests of its name. */
function Collection() {
  const wrapped = {}
  const run = async (name, request, options) => (wrapped[name] ? wrapped[name](request, options) : request(options))
  run.wrap = (name, around) => {
    if (wrapped[name]) throw new Error('stand-in: a second hook, but only one can be wrapped around a request')
    wrapped[name] = around
  }
  return run
}

export default { Collection }
