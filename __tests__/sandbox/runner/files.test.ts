// Tests that the files that a step writes are parsed by the rules of GitHub's runner.

import { describe, expect, test } from '@jest/globals'
import { parseKeyValueFile, parsePathFile } from '../../../sandbox/runner/files.ts'

const pairsOf = (text: string, isWindows = false): [string, string][] =>
  parseKeyValueFile(text, isWindows).pairs.map(({ name, value }) => [name, value])

describe('names and values', () => {
  test.each([
    [
      'a=1\n\nb=2',
      [
        ['a', '1'],
        ['b', '2']
      ]
    ],
    ['a=b=c<<d\n', [['a', 'b=c<<d']]],
    [
      'a=\n=b\n',
      [
        ['a', ''],
        ['', 'b']
      ]
    ],
    [
      'a<<END\none\n\ntwo\nEND\nb=2\n',
      [
        ['a', 'one\n\ntwo'],
        ['b', '2']
      ]
    ],
    ['a<<END\nEND', [['a', '']]],
    ['a<<END\n\nEND\n', [['a', '']]],
    ['a<<END\nb=c\n END\nEND\n', [['a', 'b=c\n END']]],
    ['a<<b=c\nx\nb=c\n', [['a', 'x']]],
    [' a =1\n', [[' a ', '1']]]
  ])('%j', (text, pairs) => {
    expect(pairsOf(text)).toEqual(pairs)
    expect(parseKeyValueFile(text).error).toBeUndefined()
  })

  test('\\r ends a line on Windows only', () => {
    expect(pairsOf('a=1\r\nb<<END\r\nx\r\ny\r\nEND\r\n', true)).toEqual([
      ['a', '1'],
      ['b', 'x\r\ny']
    ])
    expect(pairsOf('a=1\r\nb<<END\r\nx\nEND\r\n')).toEqual([
      ['a', '1\r'],
      ['b', 'x']
    ])
    expect(pairsOf('a=1\rb=2')).toEqual([['a', '1\rb=2']])
  })
})

test.each([
  ['ok=1\nnonsense\nlost=2', "Invalid format 'nonsense'"],
  ['ok=1\na<<END\nx\n', "Invalid value. Matching delimiter not found 'END'"],
  ['ok=1\na<<END\nx', 'Invalid value. EOF marker missing new line.'],
  ['ok=1\n<<END\nEND\n', "Invalid format '<<END'. Name must not be empty and delimiter must not be empty"],
  ['ok=1\na<<\n', "Invalid format 'a<<'. Name must not be empty and delimiter must not be empty"]
])('%j is an error, and what stood before it counts', (text, error) => {
  expect(parseKeyValueFile(text, false)).toEqual({ pairs: [{ name: 'ok', value: '1' }], error })
})

test('a path file has a directory a line', () => {
  expect(parsePathFile('/a\n\n/b c\r\n/d')).toEqual(['/a', '/b c', '/d'])
})
