// Owns which unit tests a mutant of src/X.ts has to face: its mirror, X.test.ts and X-*.test.ts, that of the story that it is a part of, and no other. Used by stryker.config.js alone.

import { basename } from 'node:path'

/** The minting of a token, and how a run ends, are told in the story of the token step; what Vaunt answers to a PAT, in the exchange. */
const STORIES = new Map([
  ['token', 'main'],
  ['session', 'main'],
  ['vaunt', 'exchange']
])

/** What Jest calls a test sequencer; Stryker names the mutated files as arguments. */
export default class MirroredOnly {
  /** @param {{ readonly globalConfig: { readonly nonFlagArgs: readonly string[] } }} options */
  constructor({ globalConfig }) {
    this.mutated = globalConfig.nonFlagArgs.map(path => basename(path, '.ts'))
  }

  /** @param {readonly { readonly path: string }[]} tests */
  sort(tests) {
    return tests.filter(({ path }) => {
      const name = basename(path, '.test.ts')
      return this.mutated.some(file => [file, STORIES.get(file)].includes(name) || name.startsWith(`${file}-`))
    })
  }

  /** Nothing is learned from one mutant for the next. */
  cacheResults() {
    // Nothing to keep.
  }
}
