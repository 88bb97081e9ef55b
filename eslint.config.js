// The lint rules, and the one list that keeps imports running one way.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { js, tseslint } from './tools/checks/linters.js'

/** A file of src/ imports only what stands below it. */
const order = [
  'index',
  'steps/steps',
  'steps/card',
  'steps/report',
  'steps/access',
  'steps/svg',
  'steps/git',
  'main',
  'token',
  'session',
  'log',
  'inputs',
  'attestation',
  'exchange',
  'vaunt',
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

const sources = readdirSync(join(import.meta.dirname, 'src'), { recursive: true })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts'))
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
const touchesProcess = new Set(['index', 'steps/git'])
const opensConnections = new Set(['agent', 'connection'])
/** The only file that starts another program. */
const startsPrograms = new Set(['steps/git'])

/** How one file of src/ names another: from within a folder, those beside it and those above. */
function namesFrom(file, other) {
  const [from, to] = [file.split('/'), other.split('/')]
  if (from.length === 1) return `\\./${other}`
  return to.length === 1 ? `\\.\\./${other}` : `\\./${to[1]}`
}

const importOrder = order.map((file, place) => ({
  files: [`src/${file}.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(?!(?:${[...order.slice(place + 1).map(other => namesFrom(file, other)), '-'].join('|')})\\.ts$)\\.`,
            message: `src/${file}.ts may import only what stands below it (eslint.config.js, order).`
          },
          ...(startsPrograms.has(file)
            ? []
            : [{ regex: '^(?:node:)?child_process$', message: 'Only src/card/git.ts starts programs.' }]),
          ...(touchesProcess.has(file)
            ? []
            : [
                {
                  regex: '^(?:node:)?process$',
                  message: 'Only src/index.ts touches the process, and src/card/git.ts what is sent to it.'
                }
              ]),
          ...(opensConnections.has(file)
            ? []
            : [
                {
                  regex: '^(?:node:)?(?:https?|http2|net|tls|dns|dgram)$',
                  message: 'Only src/network/connection-pool.ts and src/network/connection.ts open connections.',
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
      { name: 'fetch', message: 'Every request goes through src/network/client.ts.' }
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
