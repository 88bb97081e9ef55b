// Skips the rest of a test file after the first failure, because the mutant is detected by then. Used only by stryker.config.js.

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
