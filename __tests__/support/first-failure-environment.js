// Owns the end of a test file under mutation: after the first failure the rest is skipped, for the mutant is dead. Used by stryker.config.js alone.

import { TestEnvironment } from 'jest-environment-node'

/** Jest's Node environment, which stops at the first failure. */
export default class FirstFailureEnvironment extends TestEnvironment {
  #failed = false

  /** @param {{ readonly name: string, readonly test?: { mode?: string } }} event */
  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#failed = true
    if (event.name === 'test_start' && this.#failed && event.test) event.test.mode = 'skip'
  }
}
