// Tests that a sealed token opens only with its key, in its run, and in time, and that it contains nothing that the runner masks.

import { describe, expect, test } from '@jest/globals'
import { CompactEncrypt, EncryptJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { open, seal } from '../../src/vaunt/seal.ts'
import type { Sealable } from '../../src/vaunt/seal.ts'
import { failureOf } from '../support/failures.ts'
import { anyText, fc } from '../support/properties.ts'
import { PAT, SEAL_KEY, SEAL_KEY_BYTES, signToken } from '../support/secrets.ts'

const RUN = 'Acme-Labs/anvil/4711'
const NOW = Date.parse('2026-11-23T12:00:00Z')
const HOUR_MS = 3_600_000
const OTHER_KEY = SEAL_KEY_BYTES.map(byte => byte ^ 1)
const HEADER = { alg: 'dir', enc: 'A256GCM' }

const contents: Sealable = {
  token: await signToken({ sub: 'Acme-Labs' }),
  entity: 'Acme-Labs',
  entityType: 'organization',
  attestedBy: 'Mona',
  patExpiresAt: new Date('2026-12-30T10:15:26Z')
}

function sealed(
  changes: Partial<Sealable> = {},
  expiresAt: Date | undefined = new Date(NOW + HOUR_MS)
): Promise<string> {
  return seal({ ...contents, ...changes }, { key: SEAL_KEY_BYTES, run: RUN, expiresAt: expiresAt, now: NOW })
}

/** A token sealed by hand, so that anything may be in it. */
function handSealed(payload: JWTPayload, header: Record<string, unknown> = HEADER): Promise<string> {
  return new EncryptJWT({ aud: RUN, exp: NOW / 1000 + 3600, ...payload })
    .setProtectedHeader({ ...HEADER, ...header })
    .encrypt(SEAL_KEY_BYTES)
}

const PAYLOAD = { token: contents.token, entity: 'Acme-Labs', 'entity-type': 'organization', 'attested-by': 'Mona' }

describe('what was sealed', () => {
  test('is opened unchanged', async () => {
    expect(await open(await sealed(), { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual(contents)
  })

  test('is opened unchanged for a user, and without an end of the PAT', async () => {
    const changes = {
      entity: 'mona_acme',
      entityType: 'user',
      attestedBy: 'mona_acme',
      patExpiresAt: undefined
    } as const
    expect(await open(await sealed(changes), { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual({
      ...contents,
      ...changes
    })
  })

  test('is in the form that others can open by the contract', async () => {
    expect(await open(await handSealed(PAYLOAD), { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual({
      ...contents,
      patExpiresAt: undefined
    })
    const [header = ''] = (await sealed()).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual(HEADER)
  })

  test('looks different each time', async () => {
    const [one, two] = await Promise.all([sealed(), sealed()])
    expect(one).not.toBe(two)
    expect(one.split('.').slice(2)).not.toEqual(two.split('.').slice(2))
  })

  test('holds nothing that is masked, in no encoding that the runner masks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async number => {
        const token = await signToken({ sub: 'Acme-Labs', number })
        const text = await sealed({ token })
        for (const masked of [PAT, SEAL_KEY, token, ...token.split('.')]) {
          const encoded = Buffer.from(masked).toString('base64')
          for (const spelling of [masked, encoded, encoded.replace(/=+$/, ''), encodeURIComponent(masked)]) {
            expect(text).not.toContain(spelling)
          }
        }
        // Nor anything that would end a line or begin a command.
        expect(text).toMatch(/^[\w.-]+$/)
      }),
      { numRuns: 50 }
    )
  })

  test('is whatever was put in', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (token, entity, attestedBy) => {
        const wellFormed = { token, entity, attestedBy }
        fc.pre(Object.values(wellFormed).every(text => text.isWellFormed()))
        expect(await open(await sealed(wellFormed), { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toEqual({
          ...contents,
          ...wellFormed
        })
      }),
      { numRuns: 100 }
    )
  })
})

describe('the end of a seal', () => {
  test("is the token's own", async () => {
    const text = await sealed({}, new Date(NOW + 5_999))
    await expect(open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 64_999 })).resolves.toMatchObject({
      entity: 'Acme-Labs'
    })
    const error = await failureOf(() => open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 65_000 }))
    expect(error.code).toBe('sealed-token-expired')
    expect(error.message).toBe(
      "The sealed token expired at 2026-11-23T12:00:05.000Z. This runner's clock shows 2026-11-23T12:01:05.000Z."
    )
    expect(error.remedy).toMatch(/^If that clock is wrong, correct it\./)
  })

  test('is six hours later when the token names none', async () => {
    const text = await seal(contents, { key: SEAL_KEY_BYTES, run: RUN, expiresAt: undefined, now: NOW })
    await expect(open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * HOUR_MS + 59_999 })).resolves.toEqual(
      contents
    )
    const error = await failureOf(() => open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW + 6 * HOUR_MS + 60_000 }))
    expect(error.code).toBe('sealed-token-expired')
    expect(error.message).toBe(
      "The sealed token expired at 2026-11-23T18:00:00.000Z. This runner's clock shows 2026-11-23T18:01:00.000Z."
    )
  })

  test('may lie before its beginning', async () => {
    expect(
      (await failureOf(async () => open(await sealed({}, new Date(0)), { key: SEAL_KEY_BYTES, run: RUN, now: NOW })))
        .code
    ).toBe('sealed-token-expired')
  })
})

describe('tampering', () => {
  const NOT_SEALED = "Input 'sealed-token' isn't a sealed token."
  const UNDECRYPTABLE = /^Input 'sealed-token' can't be opened\. It was sealed with a different 'seal-key'/
  const ELSEWHERE = /^Input 'sealed-token' was sealed in another workflow run or repository/

  /** Changes one part of a sealed token. */
  async function altered(index: number, change: (part: string) => string): Promise<string> {
    const parts = (await sealed()).split('.')
    parts[index] = change(parts[index] ?? '')
    return parts.join('.')
  }

  const base64url = (text: string): string => Buffer.from(text).toString('base64url')
  const header = (value: unknown): Promise<string> => altered(0, () => base64url(JSON.stringify(value)))
  const flip = (part: string): string => (part.startsWith('A') ? `B${part.slice(1)}` : `A${part.slice(1)}`)

  const TAMPERED: readonly (readonly [string, string | RegExp, () => Promise<string>])[] = [
    ['the token itself instead', NOT_SEALED, () => Promise.resolve(contents.token)],
    ['a word', NOT_SEALED, () => Promise.resolve('sealed')],
    ['a part cut off', NOT_SEALED, async () => (await sealed()).split('.').slice(0, 4).join('.')],
    ['a part too many', NOT_SEALED, async () => `${await sealed()}.x`],
    ['an encrypted key', NOT_SEALED, () => altered(1, () => 'AAAA')],
    ['no tag', NOT_SEALED, () => altered(4, () => '')],
    ['no text', NOT_SEALED, () => altered(3, () => '')],
    ['no initialization vector', NOT_SEALED, () => altered(2, () => '')],
    ['no header', NOT_SEALED, () => altered(0, () => '')],
    ['base64 instead of base64url', NOT_SEALED, () => altered(3, part => `+/${part.slice(2)}`)],
    ['something behind it', NOT_SEALED, async () => `${await sealed()}\n`],
    ['the masked form of it', NOT_SEALED, () => Promise.resolve('***')],
    ['the header altered in one character', UNDECRYPTABLE, () => altered(0, part => `${part.slice(0, -1)}A`)],
    ['a header that is no JSON', UNDECRYPTABLE, () => altered(0, () => 'AAAA')],
    ['a header that is a list', UNDECRYPTABLE, () => header([])],
    ['a header that is empty', UNDECRYPTABLE, () => header({})],
    ['another alg', UNDECRYPTABLE, () => header({ alg: 'A256KW', enc: 'A256GCM' })],
    ['alg none', UNDECRYPTABLE, () => header({ alg: 'none', enc: 'A256GCM' })],
    [
      'a password-based alg',
      UNDECRYPTABLE,
      () => header({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 1e9, p2s: 'A' })
    ],
    ['another enc', UNDECRYPTABLE, () => header({ alg: 'dir', enc: 'A128GCM' })],
    ['an unknown enc', UNDECRYPTABLE, () => header({ alg: 'dir', enc: 'NONE' })],
    ['a header with zip', UNDECRYPTABLE, () => header({ ...HEADER, zip: 'DEF' })],
    ['a header with crit', UNDECRYPTABLE, () => header({ ...HEADER, crit: ['x'], x: 1 })],
    ['a header with one more word', UNDECRYPTABLE, () => header({ ...HEADER, typ: 'JWT' })],
    ['the vector altered', UNDECRYPTABLE, () => altered(2, flip)],
    ['the vector cut', UNDECRYPTABLE, () => altered(2, part => part.slice(0, 8))],
    ['the text altered', UNDECRYPTABLE, () => altered(3, flip)],
    ['the text cut', UNDECRYPTABLE, () => altered(3, part => part.slice(0, -4))],
    ['the text lengthened', UNDECRYPTABLE, () => altered(3, part => `${part}AAAA`)],
    ['the tag altered', UNDECRYPTABLE, () => altered(4, flip)],
    ['the tag cut', UNDECRYPTABLE, () => altered(4, part => part.slice(0, 4))],
    [
      'the tag of another',
      UNDECRYPTABLE,
      async () =>
        altered(
          4,
          (
            other => () =>
              other
          )((await sealed()).split('.')[4] ?? '')
        )
    ],
    ['another key', UNDECRYPTABLE, () => seal(contents, { key: OTHER_KEY, run: RUN, expiresAt: undefined, now: NOW })],
    [
      'another run',
      ELSEWHERE,
      () => seal(contents, { key: SEAL_KEY_BYTES, run: 'Acme-Labs/anvil/4712', expiresAt: undefined, now: NOW })
    ],
    [
      'another repository',
      ELSEWHERE,
      () => seal(contents, { key: SEAL_KEY_BYTES, run: 'Acme-Labs/other/4711', expiresAt: undefined, now: NOW })
    ],
    [
      'a run that begins alike',
      ELSEWHERE,
      () => seal(contents, { key: SEAL_KEY_BYTES, run: `${RUN}0`, expiresAt: undefined, now: NOW })
    ],
    [
      'another run, and expired',
      ELSEWHERE,
      () => seal(contents, { key: SEAL_KEY_BYTES, run: 'x', expiresAt: new Date(0), now: NOW })
    ],
    ['no audience', ELSEWHERE, () => handSealed({ ...PAYLOAD, aud: undefined } as unknown as JWTPayload)],
    ['no end', UNDECRYPTABLE, () => handSealed({ ...PAYLOAD, exp: undefined } as unknown as JWTPayload)],
    [
      'an end that is no number',
      UNDECRYPTABLE,
      () => handSealed({ ...PAYLOAD, exp: 'never' } as unknown as JWTPayload)
    ],
    ['a beginning in the future', UNDECRYPTABLE, () => handSealed({ ...PAYLOAD, nbf: NOW / 1000 + 70 })],
    ['no token in it', NOT_SEALED, () => handSealed({ ...PAYLOAD, token: undefined })],
    ['a token that is no text', NOT_SEALED, () => handSealed({ ...PAYLOAD, token: 7 })],
    ['no entity in it', NOT_SEALED, () => handSealed({ ...PAYLOAD, entity: null })],
    ['an unknown entity type', NOT_SEALED, () => handSealed({ ...PAYLOAD, 'entity-type': 'Bot' })],
    ['no entity type', NOT_SEALED, () => handSealed({ ...PAYLOAD, 'entity-type': undefined })],
    ['nobody who attested', NOT_SEALED, () => handSealed({ ...PAYLOAD, 'attested-by': undefined })],
    [
      'a text that is no JSON',
      UNDECRYPTABLE,
      () => new CompactEncrypt(Buffer.from('no JSON')).setProtectedHeader(HEADER).encrypt(SEAL_KEY_BYTES)
    ],
    [
      'a text that is a list',
      UNDECRYPTABLE,
      () => new CompactEncrypt(Buffer.from('[]')).setProtectedHeader(HEADER).encrypt(SEAL_KEY_BYTES)
    ]
  ]

  test.each(TAMPERED)('%s', async (_, told, make) => {
    const text = await make()
    const error = await failureOf(() => open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW }))
    expect(error.code).toBe('sealed-token-invalid')
    expect(error.message).toEqual(typeof told === 'string' ? told : expect.stringMatching(told))
  })

  test('any one character changed, anywhere, is refused', async () => {
    const text = await sealed()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('A', 'b', '0', '-', '.', '=', ' '),
        async (at, other) => {
          const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
          // The last character of a part may differ in bits that no byte is made of.
          const isSame = (one: string, two: string): boolean =>
            one.split('.').every((part, index) => {
              return Buffer.from(part, 'base64url').equals(Buffer.from(two.split('.')[index] ?? '', 'base64url'))
            })
          fc.pre(!isSame(text, changed))
          expect((await failureOf(() => open(changed, { key: SEAL_KEY_BYTES, run: RUN, now: NOW }))).code).toBe(
            'sealed-token-invalid'
          )
        }
      )
    )
  })

  test('any text at all is refused, in no time', async () => {
    const piece = fc.oneof(anyText, fc.base64String(), fc.constantFrom('.', '..'))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async pieces => {
        expect((await failureOf(() => open(pieces.join(''), { key: SEAL_KEY_BYTES, run: RUN, now: NOW }))).code).toBe(
          'sealed-token-invalid'
        )
      })
    )
    const start = performance.now()
    expect((await failureOf(() => open('a'.repeat(1_048_576), { key: SEAL_KEY_BYTES, run: RUN, now: NOW }))).code).toBe(
      'sealed-token-invalid'
    )
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  test('a mistake of ours is not taken for a bad token', async () => {
    const text = await sealed()
    await expect(open(text, { key: 'no key' as unknown as Uint8Array, run: RUN, now: NOW })).rejects.toBeInstanceOf(
      TypeError
    )
  })

  test('an end of the PAT that is no date is left out', async () => {
    for (const odd of ['soon', {}, null, true, ['x']]) {
      const text = await handSealed({ ...PAYLOAD, 'pat-expires-at': odd })
      expect(await open(text, { key: SEAL_KEY_BYTES, run: RUN, now: NOW })).toMatchObject({ patExpiresAt: undefined })
    }
  })
})
