// Selects the unit tests for a mutant of src/FOLDER/X.ts: FOLDER/X.test.ts, FOLDER/X-*.test.ts, and the test of the action that it is part of. Used only by stryker.config.js.

/** How a token is obtained, and how a run ends, are told in the story of the token; what Vaunt answers to a PAT, in the exchange; what GitHub answers, in the attestation. */
const STORIES = new Map([
  ['actions/client', 'actions/token'],
  ['actions/token-steps', 'actions/token'],
  ['actions/run', 'actions/token'],
  ['vaunt/request', 'vaunt/exchange'],
  ...['account', 'membership', 'permissions', 'refusal'].map(name => [`attestation/${name}`, 'attestation/attest'])
])

/** What Jest calls a test sequencer; Stryker names the mutated files as arguments. */
export default class MirroredOnly {
  /** @param {{ readonly globalConfig: { readonly nonFlagArgs: readonly string[] } }} options */
  constructor({ globalConfig }) {
    this.mutated = globalConfig.nonFlagArgs.map(nameOf)
  }

  /** @param {readonly { readonly path: string }[]} tests */
  sort(tests) {
    return tests.filter(({ path }) => {
      const name = nameOf(path)
      return this.mutated.some(file => name === file || name === storyOf(file) || name.startsWith(`${file}-`))
    })
  }

  /** Nothing is learned from one mutant for the next. */
  cacheResults() {
    // Nothing to keep.
  }
}

/** Such as `network/client`, for the file and for its test. @param {string} path */
function nameOf(path) {
  return path
    .replaceAll('\\', '/')
    .replace(/^.*\/(?:src|__tests__)\//, '')
    .replace(/(?:\.test)?\.ts$/, '')
}

/** @param {string} file */
function storyOf(file) {
  return file.startsWith('errors/messages/') ? 'errors/catalogue' : STORIES.get(file)
}
