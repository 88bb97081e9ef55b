// Proves that the action.yml files, the code, and the tables of the documentation agree on inputs, defaults, outputs, and error codes. Ignores wording and order.

import { describe, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { INPUT_NAMES, readInputs } from '../../src/runner/inputs.ts'
import { property } from '../../src/untrusted/json.ts'
import { codes, codesMade, metadata, outputNames, stepInputNames, stepOutputNames } from './names-in-code.ts'
import { bare, filesBelow, read, tables } from './markdown.ts'

const STEPS = ['contributors-card', 'repositories-report'] as const
const TOKEN_ONLY = ['export-env']

const ACTIONS = [
  { folder: '', page: 'README.md', inputs: [...INPUT_NAMES] },
  {
    folder: 'contributors-card/',
    page: 'docs/card-and-report.md',
    inputs: [...INPUT_NAMES, ...stepInputNames()].filter(name => !TOKEN_ONLY.includes(name))
  },
  {
    folder: 'repositories-report/',
    page: 'docs/card-and-report.md',
    inputs: [...INPUT_NAMES.filter(name => !TOKEN_ONLY.includes(name)), 'token']
  }
] as const

/** The tables of a page as sorted rows of their first columns, so that neither order nor wording matters. */
function tablesOf(page: string, columns: number): string[][][] {
  return tables(read(page)).map(rows => rows.map(row => row.slice(0, columns).map(bare)).sort())
}

describe.each(ACTIONS)('$folder', ({ folder, page, inputs }) => {
  const declared = metadata(folder)

  test('action.yml declares the inputs that the code reads', () => {
    expect(Object.keys(declared.inputs).sort()).toEqual([...inputs].sort())
  })

  test('the documentation has a table with each input and its default', () => {
    const rows = Object.entries(declared.inputs).map(([name, { default: value = '' }]) => [name, value || 'none'])
    expect(tablesOf(page, 2)).toContainEqual(rows.sort())
  })

  test('the documentation has a table with each output', () => {
    expect(tablesOf(page, 1)).toContainEqual(
      Object.keys(declared.outputs)
        .map(name => [name])
        .sort()
    )
  })
})

test.each([
  ['vaunt-token', 'docs/across-jobs.md'],
  ['contributors-card', 'docs/card-and-report.md'],
  ['repositories-report', 'docs/card-and-report.md']
])('the reusable workflow %s has its inputs, secrets and outputs in the tables of %s', (name, page) => {
  const call = reusable(name)
  const names = ['inputs', 'secrets', 'outputs'].flatMap(kind => Object.keys(property(call, kind) ?? {}))
  const documented = tablesOf(page, 1).flat(2)
  expect(names).toContain('CHECKOUT_TOKEN')
  expect(names.filter(each => !documented.includes(each))).toEqual([])
})

/** What a reusable workflow declares under `workflow_call`. */
function reusable(name: string): unknown {
  return property(property(parse(read(`.github/workflows/${name}.yml`)), 'on'), 'workflow_call')
}

test('the action.yml files declare the outputs that the code sets', () => {
  const declared = STEPS.flatMap(step => Object.keys(metadata(`${step}/`).outputs))
  expect(Object.keys(metadata().outputs).sort()).toEqual(outputNames().sort())
  expect([...new Set(declared)].sort()).toEqual([...stepOutputNames(), 'error-code'].sort())
})

test('an input that arrives empty gets the default that action.yml declares', () => {
  const { inputs } = metadata()
  const context = { 'github.repository_owner': 'an-owner', 'github.api_url': 'https://ghes.example/api/v3' }
  const environment = { GITHUB_REPOSITORY_OWNER: 'an-owner', GITHUB_API_URL: 'https://ghes.example/api/v3' }
  const read = readInputs(() => '', environment)
  for (const name of INPUT_NAMES) {
    const value = Object.entries(context).reduce(
      (text, [key, replacement]) => text.replace(`\${{ ${key} }}`, replacement),
      inputs[name]?.default ?? ''
    )
    expect([name, read[name]]).toEqual([name, value])
  }
})

describe('the other two actions', () => {
  const token = metadata().inputs

  test.each(STEPS)('%s has the API defaults of the token action', step => {
    const { inputs } = metadata(`${step}/`)
    for (const name of ['vaunt-api-url', 'github-api-url']) {
      expect(inputs[name]?.default).toBe(token[name]?.default)
    }
  })

  test.each(STEPS)('%s has a test that sets each input', step => {
    const files = readdirSync(join(import.meta.dirname, '../program')).filter(file => file.startsWith(step))
    const texts = [
      ...files.map(file => read(`__tests__/program/${file}`)),
      read(`__tests__/actions/credentials.test.ts`)
    ].join('\n')
    expect(files.length).toBeGreaterThan(0)
    const unset = Object.keys(metadata(`${step}/`).inputs).filter(
      name => !new RegExp(`[{\\s,]'?${name}'?(?::|,| \\})`).test(texts)
    )
    expect(unset).toEqual([])
  })
})

test.each([
  ['', 'dist/index.js'],
  ['contributors-card/', '../dist/contributors-card.js'],
  ['repositories-report/', '../dist/repositories-report.js']
] as const)('%saction.yml runs %s on Node 24', (folder, main) => {
  expect(metadata(folder).runs).toEqual({ using: 'node24', main })
})

describe('error codes', () => {
  test('the documentation has one table of all codes, each linked to its section', () => {
    const rows = ['README.md', 'docs/troubleshooting.md']
      .flatMap(page => tables(read(page)))
      .map(table => table.map(([cell = '']) => cell))
    const lists = rows.filter(cells => cells.every(cell => /^\[`[a-z-]+`\]\([\w./]*#[a-z-]+\)$/.test(cell)))
    const longest = lists.sort((one, other) => other.length - one.length)[0] ?? []
    expect(longest.map(bare).sort()).toEqual(codes().sort())
    for (const cell of lists.flat()) expect(cell).toMatch(new RegExp(`#${bare(cell)}\\)$`))
  })

  test('the code raises each of the catalogue somewhere, and no other', () => {
    const made = new Set([...codesMade('src').values()].flatMap(each => [...each]))
    expect([...made].sort()).toEqual(codes().sort())
  })

  test('each code that only the card and report actions raise has a test that runs into it', () => {
    const programs = readdirSync(join(import.meta.dirname, '../program')).map(name => `__tests__/program/${name}`)
    // A busy branch would take three minutes in a whole program; the tests of the parts shorten that limit.
    const tests = [
      ...programs,
      ...filesBelow('__tests__/card', '.ts'),
      '__tests__/actions/contributors-card.test.ts'
    ].map(read)
    const own = [...codesMade('src')]
      .filter(([file]) =>
        /^src\/(?:card\/|actions\/(?:contributors-card|credentials|repositories-report)\.ts)/.test(file)
      )
      .flatMap(([, made]) => [...made])
    expect(own.length).toBeGreaterThan(10)
    expect(own.filter(code => !tests.some(text => text.includes(`'${code}'`)))).toEqual([])
  })
})
