// Tests that secrets are masked in exactly the encodings that GitHub's runner knows.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createMasker } from '../../../sandbox/runner/masks.ts'

const SECRET = `s3cr&+t "q" 'x' <é>/?!*()~`

describe('spellings', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  test.each([
    ['itself', SECRET, '***'],
    ['JSON', JSON.stringify(SECRET), '"***"'],
    ['a URI component', 's3cr%26%2Bt%20%22q%22%20%27x%27%20%3C%C3%A9%3E%2F%3F%21%2A%28%29~', '***'],
    ['XML', 's3cr&amp;+t &quot;q&quot; &apos;x&apos; &lt;é&gt;/?!*()~', '***'],
    ['an expression', SECRET.replaceAll("'", "''"), '***'],
    ['a command line', SECRET.replaceAll('"', '\\"'), '***'],
    ['what PowerShell shows of it', `s3cr&+ and "q" 'x' <é>/?!*()~`, '*** and***'],
    ['another letter case', SECRET.toUpperCase(), SECRET.toUpperCase()]
  ])('%s', (_name, text, shown) => {
    expect(createMasker([SECRET]).mask(text)).toBe(shown)
  })

  test.each([0, 1, 2])('base64 with %i bytes before it, up to its end', before => {
    const secret = 'A-LOUD-FAKE-SECRET-0123456789'
    const masker = createMasker([secret])
    const shown = masker.mask(base64(`${'u'.repeat(before)}${secret}`))
    expect(shown).toMatch(/^[\w+/]{0,4}\*\*\*$/)
  })

  test.each([
    ['base64 without its padding', (secret: string) => base64(secret).replace(/=+$/, '')],
    ['base64url', (secret: string) => Buffer.from(`${secret}!!`).toString('base64url')],
    ['base64 with more behind it', (secret: string) => base64(`${secret}@host`)]
  ])('%s is printed: the runner does not know it', (_name, spell) => {
    const text = spell('A-LOUD-FAKE???>>>~~~')
    expect(createMasker(['A-LOUD-FAKE???>>>~~~']).mask(text)).toBe(text)
  })

  test('quotes around a long secret are not part of it', () => {
    expect(createMasker(['"quoted-secret"']).mask('a quoted-secret')).toBe('a ***')
    expect(createMasker(['"short"']).mask('a short')).toBe('a short')
  })
})

test('there is no minimum length', () => {
  expect(createMasker(['e']).mask('several letters')).toBe('s***v***ral l***tt***rs')
})

test('neighbors and overlaps become one', () => {
  const masker = createMasker(['abab', 'xx'])
  expect(masker.mask('-ababab-ababxx-xxx-')).toBe('-***-***-***-')
  expect(masker.mask('')).toBe('')
})

test('values are remembered once', () => {
  const masker = createMasker(['a\nb', 'b', ''])
  masker.add('a')
  expect(masker.values).toEqual(['a\nb', 'a', 'b'])
})

test('never throws, and never leaves the secret', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (secret, text) => {
      const masked = createMasker([secret]).mask(`${text}${secret}${text}`)
      fc.pre(!'***'.includes(secret) && !secret.includes('*'))
      expect(masked.split('***').some(part => part.includes(secret))).toBe(false)
    })
  )
})
