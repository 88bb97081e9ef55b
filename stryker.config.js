// How the mutation score is measured: every file of src/ but the entries (whole-program tests cover them), by the unit tests alone.

// What survives and may live:
// - a further text among the secrets, or among their encodings: one more text is redacted (run.ts, quoted.ts);
// - the messages of errors that become `internal`: they are never shown, which is the point (run.ts, token-steps.ts);
// - defaults behind a pattern, a `split()` or a check that always fills them, and checks that are there for the type checker
//   alone (attest.ts, check-inputs.ts, run.ts, client.ts);
// - `return undefined` or `return false` in a `catch`, where nothing returned means the same (json.ts, client.ts);
// - listening for an error of a response: Node tells it to the request as well (client.ts).

import { join } from 'node:path'

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/**/*.ts', '!src/*.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules'],
  jest: {
    configFile: 'jest.config.js',
    // The mirrored tests of src/ and nothing else.
    config: {
      testMatch: [
        '<rootDir>/__tests__/{actions,attestation,card,errors,github,network,runner,untrusted,vaunt}/**/*.test.ts'
      ],
      testSequencer: '<rootDir>/__tests__/support/mirrored-only.js',
      // Stryker resolves it without Jest, so it needs the whole path.
      testEnvironment: join(import.meta.dirname, '__tests__/support/first-failure-environment.js')
    },
    enableFindRelatedTests: true
  },
  coverageAnalysis: 'perTest',
  ignorePatterns: ['/dist', '/docs', '/examples', '/coverage', '/reports', '/.scratch', '/.github'],
  concurrency: 2,
  // Jest keeps the modules of every run in memory: without this a worker grows beyond 2 GB.
  maxTestRunnerReuse: 40,
  timeoutMS: 30_000,
  thresholds: { high: 95, low: 92, break: 90 },
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  allowConsoleColors: false,
  incrementalFile: 'reports/mutation/incremental.json'
}
