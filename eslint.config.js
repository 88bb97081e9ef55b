// The lint rules, and the one list that keeps imports running one way.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** A file of src/ imports only what stands below it. */
const order = [
  'index',
  'main',
  'log',
  'inputs',
  'attestation',
  'exchange',
  'seal',
  'claims',
  'runner-files',
  'github',
  'http',
  'retry',
  'verdict',
  'faults',
  'agent',
  'connection',
  'proxy',
  'errors',
  'messages',
  'quoted',
  'json'
]

const sources = readdirSync(join(import.meta.dirname, 'src')).filter(name => name.endsWith('.ts'))
if (
  sources.sort().join() !==
  order
    .map(file => `${file}.ts`)
    .sort()
    .join()
) {
  throw new Error('The ordered list in eslint.config.js and the files of src/ are not the same.')
}

/** The only files that may touch the process, and the only ones that may open a connection. */
const touchesProcess = new Set(['index'])
const opensConnections = new Set(['agent', 'connection'])

const importOrder = order.map((file, place) => ({
  files: [`src/${file}.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\./(?!(?:${[...order.slice(place + 1), '-'].join('|')})\\.ts$)`,
            message: `src/${file}.ts may import only what stands below it (eslint.config.js, order).`
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
                  message: 'Only src/agent.ts and src/connection.ts open connections.',
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

/** Text from outside prints itself safely: no `.toString()` is needed in a template. */
const printable = { from: 'file', name: 'Quoted' }

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
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allow: [printable] }],
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
  ...importOrder,
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
