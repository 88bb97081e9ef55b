// The lint rules, and the one table of which folder may import from which.

import js from '@eslint/js'
import boundaries from 'eslint-plugin-boundaries'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

/** The folders that the files of a folder may import from, besides their own. Subfolders count as part of a folder. */
const MAY_IMPORT = {
  'src/untrusted': [],
  'src/errors': ['src/untrusted'],
  'src/runner': ['src/errors', 'src/untrusted'],
  'src/network': ['src/errors', 'src/untrusted'],
  'src/github': ['src/network', 'src/errors', 'src/untrusted'],
  'src/vaunt': ['src/network', 'src/runner', 'src/errors', 'src/untrusted'],
  'src/card': ['src/github', 'src/network', 'src/errors', 'src/untrusted'],
  'src/attestation': ['src/github', 'src/network', 'src/errors', 'src/untrusted'],
  'src/actions': [
    ...['src/attestation', 'src/card', 'src/vaunt', 'src/github'],
    ...['src/network', 'src/runner', 'src/errors', 'src/untrusted']
  ],
  // The entries, which lie beside these folders.
  src: ['src/actions', 'src/vaunt', 'src/github', 'src/network', 'src/runner'],
  'sandbox/network': [],
  'sandbox/git': ['sandbox/network'],
  'sandbox/github': ['sandbox/git', 'sandbox/network'],
  'sandbox/vaunt': ['sandbox/github', 'sandbox/git', 'sandbox/network'],
  'sandbox/runner': [],
  sandbox: [
    ...['sandbox/vaunt', 'sandbox/github', 'sandbox/git', 'sandbox/runner', 'sandbox/network'],
    ...['src/network', 'src/untrusted']
  ],
  tools: [
    'sandbox',
    ...['sandbox/vaunt', 'sandbox/github', 'sandbox/git', 'sandbox/runner', 'sandbox/network'],
    ...['src/attestation', 'src/card', 'src/vaunt', 'src/github'],
    ...['src/network', 'src/runner', 'src/errors', 'src/untrusted']
  ]
}

const PROCESS = {
  modules: 'process',
  global: 'process',
  message: 'Only src/start.ts and src/process-environment.ts touch the process.'
}
const CONNECTIONS = {
  modules: 'https?|http2|net|tls|dns|dgram',
  message: 'Only src/network/ opens connections.'
}
/** Never used in src/. */
const NEVER = [
  { global: 'console', message: 'The runner is told things by src/actions/log.ts.' },
  { global: 'fetch', message: 'Every request goes through src/network/client.ts.' },
  { modules: 'child_process', message: 'This action starts no other program.' }
]

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
    files: ['src/**/*.ts', 'sandbox/**/*.ts', 'tools/**/*.ts'],
    plugins: { boundaries, 'import-x': importX },
    settings: {
      // The first that fits counts. A folder of src/ or sandbox/ that isn't in the table may neither import nor be imported.
      'boundaries/elements': [
        ...Object.keys(MAY_IMPORT).filter(folder => folder.includes('/')),
        ...['src/*', 'sandbox/*', 'src', 'sandbox', 'tools']
      ].map(folder => ({ type: folder, pattern: folder, partialMatch: false })),
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })]
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message:
            '{{ from.element.type }} may not import from {{ to.element.type }} (MAY_IMPORT in eslint.config.js).',
          policies: Object.entries(MAY_IMPORT).map(([folder, others]) => ({
            from: { element: { type: folder } },
            allow: { to: { element: { types: { anyOf: [folder, ...others] } } } }
          }))
        }
      ],
      'import-x/no-cycle': 'error',
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }]
    }
  },
  {
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      // Types are true because somebody checked: no cast but `as const`, no `!`.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // What a server sends must not keep a pattern busy.
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
      ...bans(PROCESS, CONNECTIONS)
    }
  },
  // The only places that open connections, and that touch the process.
  { files: ['src/network/**/*.ts'], rules: bans(PROCESS) },
  { files: ['src/start.ts', 'src/process-environment.ts'], rules: bans(CONNECTIONS) },
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

/** The rules against what a file of src/ may not use. */
function bans(...others) {
  const banned = [...NEVER, ...others]
  return {
    'no-restricted-imports': [
      'error',
      {
        patterns: banned
          .filter(({ modules }) => modules)
          .map(({ modules, message }) => ({
            regex: `^(?:node:)?(?:${modules})(?:/|$)`,
            message,
            allowTypeImports: true
          }))
      }
    ],
    'no-restricted-globals': [
      'error',
      ...banned.filter(({ global }) => global).map(({ global, message }) => ({ name: global, message }))
    ]
  }
}
