// Tests how unchecked JSON is read.

import { describe, expect, test } from '@jest/globals'
import { parseJson, property, textIn } from '../../src/untrusted/json.ts'

describe('a text', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ['null', null],
    ['[]', []],
    ['', undefined],
    ['{"a":', undefined],
    ['<html>', undefined]
  ])('%s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected)
  })
})

describe('a property', () => {
  test.each<[unknown, unknown]>([
    [{ a: 1 }, 1],
    [{ a: undefined }, undefined],
    [Object.create({ a: 1 }), undefined],
    [{ b: 1 }, undefined],
    [null, undefined],
    [undefined, undefined],
    ['a', undefined],
    [7, undefined]
  ])('a of %j', (value, expected) => {
    expect(property(value, 'a')).toBe(expected)
  })

  test('is never one that every object has', () => {
    expect(property({}, 'constructor')).toBeUndefined()
    expect(property(JSON.parse('{"__proto__":{"a":1}}'), 'a')).toBeUndefined()
  })
})

test.each([
  [{ a: 'text' }, 'text'],
  [{ a: '' }, ''],
  [{ a: 7 }, undefined],
  [{ a: ['text'] }, undefined],
  [Object.create({ a: 'text' }), undefined],
  [null, undefined]
])('reads only a text from %j', (value, expected) => {
  expect(textIn(value, 'a')).toBe(expected)
})
