// Tests that a token's claims are decoded, and that an expired token or one that isn't a signed JWT is refused.

import { describe, expect, test } from '@jest/globals'
import { decodeClaims, requireFresh } from '../../src/vaunt/claims.ts'
import { failureOf, quote } from '../support/failures.ts'
import { anyText, fc } from '../support/properties.ts'
import { forgeToken, signToken } from '../support/secrets.ts'

const TRAIL = { attempts: 2, requestId: quote('R1'), words: undefined }

describe('decoding', () => {
  test('a signed token with an end', async () => {
    const token = await signToken({ sub: 'Mona', exp: 1_795_456_800 })
    expect(decodeClaims(token, TRAIL)).toStrictEqual({ expiresAt: new Date('2026-11-23T18:00:00Z') })
  })

  test('a signed token without an end', async () => {
    expect(decodeClaims(await signToken({ sub: 'Mona' }), TRAIL)).toStrictEqual({ expiresAt: undefined })
  })

  test.each([
    ['a fraction', 1_795_456_800.5, '2026-11-23T18:00:00.500Z'],
    ['zero', 0, '1970-01-01T00:00:00.000Z'],
    ['negative', -1, '1969-12-31T23:59:59.000Z'],
    ['the last second of the year 9999', 253_402_300_799, '9999-12-31T23:59:59.000Z']
  ])('an end that is %s', (_, exp, expected) => {
    const { expiresAt } = decodeClaims(forgeToken({ alg: 'ES256' }, { exp }), TRAIL)
    expect(expiresAt?.toISOString()).toBe(expected)
  })

  test.each([
    ['a text', '1795456800'],
    ['null', null],
    ['true', true],
    ['a list', [1_795_456_800]],
    ['an object', { valueOf: 1 }],
    ['beyond the year 9999', 253_402_300_800],
    ['in milliseconds', 1_795_456_800_000],
    ['beyond any date', 8_640_000_000_001],
    ['before any date', -8_640_000_000_001],
    ['beyond any number', '@1e400@']
  ])('an end that is %s counts as not said', (_, exp) => {
    const payload = JSON.stringify({ exp }).replace('"@1e400@"', '1e400')
    expect(decodeClaims(forgeToken({ alg: 'ES256' }, payload), TRAIL)).toEqual({ expiresAt: undefined })
  })

  test.each([
    ['none', forgeToken({ alg: 'none' }, { sub: 'Mona' }, ''), ' (alg none)'],
    ['none with a signature', forgeToken({ alg: 'none' }, { sub: 'Mona' }), ' (alg none)'],
    ['NoNe', forgeToken({ alg: 'NoNe' }, { sub: 'Mona' }), ' (alg none)'],
    ['a real one, but without a signature', forgeToken({ alg: 'ES256' }, { sub: 'Mona' }, ''), '']
  ])('alg %s: unsigned', async (_, token, detail) => {
    const error = await failureOf(() => decodeClaims(token, TRAIL))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toBe(`Vaunt returned a token without a signature${detail} when the action requested a token.`)
    expect(error.details).toBe('request ID R1; 2 attempts')
  })

  test.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['two parts', 'a.b'],
    ['three words', 'not.a.jwt'],
    ['four parts', `${forgeToken({ alg: 'ES256' }, {})}.x`],
    ['a header that is no JSON', forgeToken('{alg', { sub: 'x' })],
    ['a header that is a list', forgeToken([], { sub: 'x' })],
    ['a header without alg', forgeToken({ typ: 'JWT' }, { sub: 'x' })],
    ['an alg that is no text', forgeToken({ alg: 7 }, { sub: 'x' })],
    ['a payload that is no JSON', forgeToken({ alg: 'ES256' }, '{sub')],
    ['a payload that is a text', forgeToken({ alg: 'ES256' }, '"x"')],
    ['a payload that is null', forgeToken({ alg: 'ES256' }, 'null')],
    ['a payload that is a list', forgeToken({ alg: 'ES256' }, '[1]')],
    ['an encrypted token', `${forgeToken({ alg: 'dir', enc: 'A256GCM' }, {})}.a.b`],
    ['a payload in the wrong alphabet', `${forgeToken({ alg: 'ES256' }, {}).split('.')[0] ?? ''}.!!!.c2ln`]
  ])('%s: not a JWT', async (_, token) => {
    const error = await failureOf(() => decodeClaims(token, TRAIL))
    expect(error.code).toBe('vaunt-unexpected')
    expect(error.message).toContain("isn't a signed JWT")
    expect(error.details).toBe('request ID R1; 2 attempts')
  })

  test('whatever it is: claims, or one and the same refusal', () => {
    const header = fc.oneof(fc.json(), fc.constant('{"alg":"ES256"}'), fc.record({ alg: fc.jsonValue() }))
    const payload = fc.oneof(fc.json(), fc.record({ exp: fc.jsonValue() }), fc.record({ exp: fc.double() }))
    const token = fc.oneof(
      fc.tuple(header, payload, fc.constantFrom('c2ln', '')).map(parts => forgeToken(...parts)),
      anyText,
      fc.array(fc.base64String(), { minLength: 2, maxLength: 5 }).map(parts => parts.join('.'))
    )
    fc.assert(
      fc.property(token, text => {
        try {
          const { expiresAt } = decodeClaims(text, TRAIL)
          if (expiresAt) expect(expiresAt.toISOString()).toMatch(/Z$/)
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'ActionError', code: 'vaunt-unexpected' })
        }
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('freshness', () => {
  const expiresAt = new Date('2026-11-23T18:00:00Z')
  const end = expiresAt.getTime()

  test.each([
    ['long before its end', end - 3_600_000],
    ['at its end', end],
    ['59.999 s after its end', end + 59_999]
  ])('a token is good %s', (_, vauntTime) => {
    expect(() => {
      requireFresh({ expiresAt }, { vauntTime, now: 0 }, TRAIL)
    }).not.toThrow()
  })

  test.each([
    ['60 s', end + 60_000, '2026-11-23T18:01:00.000Z'],
    ['a day', end + 86_400_000, '2026-11-24T18:00:00.000Z']
  ])('a token has expired %s after its end', async (_, vauntTime, told) => {
    const error = await failureOf(() => {
      requireFresh({ expiresAt }, { vauntTime, now: 0 }, TRAIL)
    })
    expect(error.code).toBe('token-expired')
    expect(error.message).toBe(
      `Vaunt returned a token that expired at 2026-11-23T18:00:00.000Z, but its own clock shows ${told}.`
    )
    expect(error.details).toBe('request ID R1; 2 attempts')
  })

  test("where Vaunt does not tell the time, the clock is the runner's, and may be to blame", async () => {
    const error = await failureOf(() => {
      requireFresh({ expiresAt }, { vauntTime: undefined, now: end + 60_000 }, TRAIL)
    })
    expect(error.message).toContain("but this runner's clock shows 2026-11-23T18:01:00.000Z.")
    expect(error.remedy).toContain('If that clock is wrong, correct it.')
    expect(() => {
      requireFresh({ expiresAt }, { vauntTime: undefined, now: end + 59_999 }, TRAIL)
    }).not.toThrow()
  })

  test('an end before the years that have four digits is long past', async () => {
    const claims = decodeClaims(forgeToken({ alg: 'ES256' }, { exp: -3e11 }), TRAIL)
    const error = await failureOf(() => {
      requireFresh(claims, { vauntTime: 0, now: 0 }, TRAIL)
    })
    expect(error.message).toContain('expired at -007537-')
  })

  test('a token without an end is always good', () => {
    expect(() => {
      requireFresh({ expiresAt: undefined }, { vauntTime: Number.MAX_SAFE_INTEGER, now: 0 }, TRAIL)
    }).not.toThrow()
  })
})
