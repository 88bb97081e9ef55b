// Proves that action.yml, the code and the README's tables name the same inputs, defaults, outputs and codes. Does not run the action.

import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ActionError } from '../../src/errors/action-error.ts'
import { INPUT_NAMES, readInputs } from '../../src/runner/inputs.ts'
import { codes, codesMade, metadata, outputNames, stepInputNames, stepOutputNames } from './names-in-code.ts'
import { chapter, codeBlocks, read, table } from './markdown.ts'
import { examples } from './example-facts.ts'

const readme = read('README.md')

/** A table of the README: its first column, bare, to the rest of the row. */
function rows(heading: string): [name: string, rest: string[]][] {
  return table(chapter(readme, heading)).map(([name = '', ...rest]) => [bare(name), rest])
}

/** A cell without its link and its backticks. */
function bare(cell: string): string {
  return cell.replace(/\[([^\]]*)\]\([^)]*\)/, '$1').replaceAll('`', '')
}

describe('inputs', () => {
  const { inputs } = metadata()

  test('action.yml and the code name the same, in the same order', () => {
    expect(Object.keys(inputs)).toEqual([...INPUT_NAMES])
  })

  test('the README has a row for each, in the same order, with its default', () => {
    const defaults = rows('Inputs').map(([name, [defaultCell = '']]) => [name, bare(defaultCell)])
    const declared = Object.entries(inputs).map(([name, input]) => [
      name,
      input.default === '' ? 'none' : (input.default ?? 'none')
    ])
    expect(defaults).toEqual(declared)
  })

  test('the code falls back to the default of action.yml when an input arrives empty', () => {
    const context = { 'github.repository_owner': 'an-owner', 'github.api_url': 'https://ghes.example/api/v3' }
    const environment = { GITHUB_REPOSITORY_OWNER: 'an-owner', GITHUB_API_URL: 'https://ghes.example/api/v3' }
    const taken = readInputs(() => '', environment)
    for (const name of INPUT_NAMES) {
      const written = inputs[name]?.default ?? ''
      const value = Object.entries(context).reduce(
        (text, [key, replacement]) => text.replace(`\${{ ${key} }}`, replacement),
        written
      )
      expect([name, taken[name]]).toEqual([name, value])
    }
  })

  test('each is described in whole sentences', () => {
    for (const [name, { description }] of Object.entries(inputs)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)])
    }
  })
})

describe('outputs', () => {
  const { outputs } = metadata()

  test('action.yml and the code name the same', () => {
    expect(Object.keys(outputs)).toEqual(outputNames())
  })

  test('the README has a row for each, in the same order', () => {
    expect(rows('Outputs').map(([name]) => name)).toEqual(Object.keys(outputs))
  })

  test('each is described in whole sentences', () => {
    for (const [name, { description }] of Object.entries(outputs)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)])
    }
  })
})

describe('snippets', () => {
  const documents = ['README.md', 'docs/troubleshooting.md']

  test('use no input that does not exist', () => {
    const snippets = documents.flatMap(path => codeBlocks(read(path)).filter(block => block.language === 'yaml'))
    const used = snippets.flatMap(({ text }) => inputsUsed(parse(text)))
    expect(used).toContain('pat')
    expect(used.filter(name => !(INPUT_NAMES as readonly string[]).includes(name))).toEqual([])
  })

  test('use no output that does not exist', () => {
    const used = documents.flatMap(path =>
      [...read(path).matchAll(/steps\.(?:vaunt|ID)\.outputs\.([\w-]+)/g)].map(([, name]) => name)
    )
    expect(used).toContain('token')
    expect(used.filter(name => !outputNames().includes(name ?? ''))).toEqual([])
  })

  /** The names under `with:` of every step that uses the action, however deep in the YAML. */
  function inputsUsed(node: unknown): string[] {
    if (typeof node !== 'object' || node === null) return []
    const { uses, with: given } = node as { uses?: unknown; with?: unknown }
    const own = typeof uses === 'string' && uses.includes('vaunt-token-action@') ? Object.keys(given ?? {}) : []
    return [...own, ...Object.values(node).flatMap(inputsUsed)]
  }
})

describe('error codes', () => {
  test('the README has a row for each, and no other', () => {
    expect(
      rows('Error codes')
        .map(([code]) => code)
        .sort()
    ).toEqual(codes().sort())
  })

  test('each row of the README leads to the section of its code', () => {
    for (const [cell = ''] of table(chapter(readme, 'Error codes'))) {
      const code = bare(cell)
      expect(cell).toBe(`[\`${code}\`](docs/troubleshooting.md#${code})`)
    }
  })

  test('the code makes an error of each somewhere, and no other', () => {
    const made = new Set([...codesMade('src').values()].flatMap(each => [...each]))
    expect([...made].sort()).toEqual(codes().sort())
  })

  test('the catalogue explains each, and has no other', () => {
    expect(Object.keys(examples).sort()).toEqual(codes().sort())
    for (const code of Object.keys(examples) as (keyof typeof examples)[]) {
      for (const facts of examples[code]) {
        const error = ActionError.of(code, facts)
        expect(error.code).toBe(code)
        expect(error.message).toMatch(/\S.*\.\)?$/)
        expect(error.remedy).toMatch(/\S.*[.)]$/)
      }
    }
  })
})

test('the action runs dist/index.js on Node 24, as the README says', () => {
  expect(metadata().runs).toEqual({ using: 'node24', main: 'dist/index.js' })
  expect(chapter(readme, 'Versions and runners')).toContain('2.327.1')
})

describe.each([
  ['contributors-card', ['export-env'], ['changed', 'commit']],
  [
    'repositories-report',
    ['export-env', ...stepInputNames().filter(name => name !== 'token')],
    ['count', 'private-count', 'file']
  ]
] as const)('the step %s', (step, left, own) => {
  const { inputs, outputs, runs } = metadata(`${step}/`)
  const page = chapter(read('docs/card-and-report.md'), step)
  const [inputTable = '', outputTable = ''] = page.split('| Output')

  test('has the inputs that the code knows, and no other', () => {
    const known = [...INPUT_NAMES, ...stepInputNames()].filter(name => !(left as readonly string[]).includes(name))
    expect(Object.keys(inputs).sort()).toEqual(known.sort())
  })

  test('has the outputs that the code knows, and no other', () => {
    expect(Object.keys(outputs)).toEqual([...own, 'error-code'])
    for (const name of own) expect(stepOutputNames()).toContain(name)
  })

  test('has in the documentation a row for each, in the same order, with its default', () => {
    expect(table(inputTable).map(([name = '', value = '']) => [bare(name), bare(value)])).toEqual(
      Object.entries(inputs).map(([name, { default: value = '' }]) => [name, value === '' ? 'none' : value])
    )
    expect(table(`| Output${outputTable}`).map(([name = '']) => bare(name))).toEqual(Object.keys(outputs))
  })

  test('has in the documentation the words of action.yml', () => {
    const told = table(inputTable).map(([name = '', , text = '']) => [bare(name), bare(text)])
    expect(told).toEqual(Object.entries(inputs).map(([name, { description }]) => [name, bare(description)]))
  })

  test('has each input set by a test that runs the step', () => {
    const files = readdirSync(join(import.meta.dirname, '../program')).filter(file => file.startsWith(step))
    const texts = [
      ...files.map(file => read(`__tests__/program/${file}`)),
      read(`__tests__/actions/credentials.test.ts`)
    ].join('\n')
    expect(files.length).toBeGreaterThan(0)
    const unset = Object.keys(inputs).filter(name => !new RegExp(`[{\\s,]'?${name}'?(?::|,| \\})`).test(texts))
    expect(unset).toEqual([])
  })

  test('shares the words and defaults of the inputs that the token step has as well', () => {
    const shared = metadata().inputs
    for (const name of ['vaunt-api-url', 'github-api-url']) {
      expect(inputs[name]).toEqual(shared[name])
    }
  })

  test('is described in whole sentences', () => {
    for (const [name, { description }] of [...Object.entries(inputs), ...Object.entries(outputs)]) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/s)])
    }
  })

  test('runs its own file of dist/ on Node 24', () => {
    expect(runs).toEqual({ using: 'node24', main: `../dist/${step}.js` })
  })
})

test('each code of the further steps has a whole-program test that runs into it', () => {
  // That of a busy branch would take three minutes: it has limits of its own.
  const programs = [
    'program/contributors-card',
    'program/contributors-card-push',
    'program/repositories-report',
    'actions/contributors-card'
  ].map(name => read(`__tests__/${name}.test.ts`))
  const files = ['contributors-card', 'credentials', 'repositories-report'].map(name => `src/actions/${name}.ts`)
  const made = codesMade('src')
  const own = new Set(files.flatMap(file => [...(made.get(file) ?? [])]))
  const missing = [...own].filter(code => !programs.some(text => text.includes(`'${code}'`)))
  expect(own.size).toBeGreaterThan(10)
  expect(missing).toEqual([])
})
