// Tests how inputs are read: which value is used, and which default replaces an empty one.

import { describe, expect, jest, test } from '@jest/globals'
import { INPUT_NAMES, readInputs } from '../../src/runner/inputs.ts'
import type { InputName, RawInputs } from '../../src/runner/inputs.ts'
import { FINE_GRAINED_PAT, PAT, SEAL_KEY } from '../support/secrets.ts'
import { GOOD } from './checked-inputs.ts'

describe('reading', () => {
  function read(
    given: Partial<Record<InputName, string>>,
    environment: Record<string, string | undefined> = {}
  ): RawInputs {
    return readInputs(name => given[name] ?? '', environment)
  }

  const ENVIRONMENT = {
    VAUNT_PAT: FINE_GRAINED_PAT,
    GITHUB_REPOSITORY_OWNER: 'Owner',
    GITHUB_API_URL: 'https://ghes.example/api/v3'
  }

  test('asks for the inputs of action.yml, each once', () => {
    const getInput = jest.fn(() => 'x')
    readInputs(getInput, {})
    expect(getInput.mock.calls.flat().sort()).toEqual([...INPUT_NAMES].filter(name => name !== 'pat').sort())
    getInput.mockClear()
    getInput.mockReturnValue('')
    readInputs(getInput, {})
    expect(getInput.mock.calls.flat().sort()).toEqual([...INPUT_NAMES].sort())
  })

  test('takes what is given before any default', () => {
    const given = { ...GOOD, 'export-env': 'VAUNT_TOKEN', 'seal-key': SEAL_KEY }
    expect(read(given, ENVIRONMENT)).toEqual(given)
  })

  test.each([
    ['not given', ''],
    ['blank', ' \t\n '],
    ['odd blanks', '\u00a0\u2003\ufeff']
  ])('%s: the defaults hold', (_, blank) => {
    const given = Object.fromEntries(INPUT_NAMES.map(name => [name, blank]))
    expect(read(given, ENVIRONMENT)).toEqual({
      pat: FINE_GRAINED_PAT,
      entity: 'Owner',
      'export-env': '',
      'seal-key': '',
      'sealed-token': '',
      'vaunt-api-url': 'https://api.vaunt.dev',
      'github-api-url': 'https://ghes.example/api/v3'
    })
  })

  test.each([[undefined], [''], ['  ']])('with %j in the environment, the last defaults hold', blank => {
    const environment = { VAUNT_PAT: blank, GITHUB_REPOSITORY_OWNER: blank, GITHUB_API_URL: blank }
    expect(read({}, environment)).toEqual({
      pat: '',
      entity: '',
      'export-env': '',
      'seal-key': '',
      'sealed-token': '',
      'vaunt-api-url': 'https://api.vaunt.dev',
      'github-api-url': 'https://api.github.com'
    })
  })

  test('outer white space is trimmed, whatever the input', () => {
    const padded = Object.fromEntries(INPUT_NAMES.map(name => [name, ` \t${name}\r\n`]))
    expect(read({ ...padded, 'sealed-token': '' })).toEqual({
      ...Object.fromEntries(INPUT_NAMES.map(name => [name, name])),
      'sealed-token': ''
    })
    expect(read({}, { VAUNT_PAT: `\n${PAT}\n` }).pat).toBe(PAT)
  })

  test('a job that opens a sealed token reads no PAT', () => {
    const raw = read({ pat: PAT, 'sealed-token': 'x' }, ENVIRONMENT)
    expect(raw.pat).toBe('')
    expect(raw['sealed-token']).toBe('x')
  })
})
