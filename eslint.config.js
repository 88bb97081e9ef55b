// The lint rules, and the one table that keeps imports running one way.

import js from '@eslint/js'
import tseslint from 'typescript-eslint'

const middle = ['inputs', 'attestation', 'exchange', 'claims', 'seal', 'http']

/**
 * Which files of src/ a file of src/ may import: index → main → the middle → errors.
 * Types may be imported along the same arrows only.
 */
const mayImport = {
  index: ['main', 'http', 'attestation', 'seal'],
  main: [...middle, 'errors'],
  inputs: ['errors'],
  attestation: ['errors'],
  exchange: ['errors'],
  claims: ['errors'],
  seal: ['errors'],
  http: ['errors'],
  errors: []
}

/** The only files that may touch the process, and the only one that may open a connection. */
const touchesProcess = new Set(['index'])
const opensConnections = new Set(['http'])

const importTable = Object.entries(mayImport).map(([file, allowed]) => ({
  files: [`src/${file}.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\./(?!(?:${[...allowed, '-'].join('|')})\\.ts$)`,
            message: `src/${file}.ts may import only: ${allowed.join(', ') || 'nothing'} (eslint.config.js, mayImport).`
          },
          { regex: '^\\.\\./', message: 'src/ imports nothing outside src/.' },
          ...(touchesProcess.has(file)
            ? []
            : [{ regex: '^(?:node:)?process$', message: 'Only src/index.ts touches the process.' }]),
          ...(opensConnections.has(file)
            ? []
            : [
                {
                  regex: '^(?:node:)?(?:https?|http2|net|tls|dns|dgram)$',
                  message: 'Only src/http.ts opens connections.',
                  allowTypeImports: true
                }
              ])
        ]
      }
    ],
    'no-restricted-globals': [
      'error',
      ...(touchesProcess.has(file) ? [] : ['process']),
      'console',
      { name: 'fetch', message: 'Every request goes through src/http.ts.' }
    ]
  }
}))

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/', '.scratch/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error'
    }
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      // Types are true because somebody checked: no cast but `as const`, no `!`.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-non-null-assertion': 'error'
    }
  },
  {
    files: ['src/**/*.ts', 'sandbox/**/*.ts', 'tools/**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }]
    }
  },
  ...importTable,
  {
    files: ['__tests__/**/*.ts', 'sandbox/**/*.ts', 'tools/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [] }]
    }
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } }
  }
)
