// How the tests run: TypeScript as native ES modules, under the Node that npm brings.

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/sandbox', '<rootDir>/tools', '<rootDir>/__tests__'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { swcrc: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2024' } }]
  },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text', 'lcovonly'],
  coverageThreshold: { global: { statements: 95, branches: 90, functions: 95, lines: 95 } },
  // Whole-program tests mostly wait, so every core may have a worker.
  maxWorkers: '100%',
  testTimeout: 30_000,
  restoreMocks: true
}
