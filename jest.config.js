// How the tests run: TypeScript as native ES modules, under the Node that npm brings.

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Its client is a stand-in.
  watchman: false,
  roots: ['<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript rewrites the extension of what it imports, but nothing is compiled to disk.
  moduleNameMapper: { '^(\\.{1,2}/.+)\\.js$': ['$1.js', '$1.ts'] },
  transform: { '^.+\\.ts$': '<rootDir>/__tests__/support/strip-types.js' },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text', 'lcovonly'],
  coverageThreshold: { global: { statements: 95, branches: 90, functions: 95, lines: 95 } },
  // Whole-program tests mostly wait, so every core may have a worker.
  maxWorkers: '100%',
  testTimeout: 30_000,
  restoreMocks: true
}
