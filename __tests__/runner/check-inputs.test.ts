// Tests the rules for inputs: each is accepted, or refused with its code, and all problems are reported at once.

import { describe, expect, jest, test } from '@jest/globals'
import { describe as textOf } from '../../src/errors/action-error.ts'
import { checkInputs } from '../../src/runner/check-inputs.ts'
import { readInputs } from '../../src/runner/inputs.ts'
import type { InputName } from '../../src/runner/inputs.ts'
import { inputErrorsOf, quote } from '../support/failures.ts'
import { anyText, fc, hostileText } from '../support/properties.ts'
import { FINE_GRAINED_PAT, PAT, SEAL_KEY, SEAL_KEY_BYTES } from '../support/secrets.ts'
import { complaint, GOOD, exchange, open, problems } from './checked-inputs.ts'

describe('good inputs', () => {
  test('to exchange the PAT', () => {
    expect(exchange()).toEqual({
      mode: 'exchange',
      pat: PAT,
      entity: 'Acme-Labs',
      exportEnv: '',
      sealKey: undefined,
      vauntApiUrl: 'https://api.vaunt.dev',
      githubApiUrl: 'https://api.github.com'
    })
    expect(exchange({ 'export-env': 'VAUNT_TOKEN', 'seal-key': SEAL_KEY })).toMatchObject({
      exportEnv: 'VAUNT_TOKEN',
      sealKey: SEAL_KEY_BYTES
    })
  })

  test('to open: nothing else is looked at but the name of the variable', () => {
    const sealed = { 'sealed-token': 'a..b.c.d', 'seal-key': SEAL_KEY }
    const expected = { mode: 'open', sealedToken: 'a..b.c.d', sealKey: SEAL_KEY_BYTES, exportEnv: '' }
    expect(open(sealed)).toEqual(expected)
    expect(
      open({ ...sealed, pat: '', entity: '?', 'vaunt-api-url': 'http://x', 'github-api-url': 'nonsense' })
    ).toEqual(expected)
    expect(open({ ...sealed, 'github-api-url': 'https://ghes.example' })).toEqual(expected)
    expect(open({ ...sealed, 'export-env': 'VAUNT_TOKEN' }).exportEnv).toBe('VAUNT_TOKEN')
  })
})

describe('all problems together', () => {
  test('in the order of the inputs, the first code first', async () => {
    expect(
      await problems({
        pat: 'a b',
        entity: '?',
        'export-env': 'PATH',
        'seal-key': 'short',
        'vaunt-api-url': 'http://x',
        'github-api-url': 'nonsense'
      })
    ).toEqual([
      'pat: pat-malformed',
      'entity: entity-invalid',
      'export-env: export-env-invalid',
      'seal-key: seal-key-invalid',
      'vaunt-api-url: url-invalid',
      'github-api-url: url-invalid'
    ])
  })

  test('when opening', async () => {
    expect(await problems({ 'sealed-token': 'x', 'seal-key': 'short', 'export-env': '1' })).toEqual([
      'export-env: export-env-invalid',
      'seal-key: seal-key-invalid'
    ])
  })

  test('the rule of the hosts beside others', async () => {
    expect(await problems({ pat: '', 'github-api-url': 'https://ghes.example/api/v3' })).toEqual([
      'pat: pat-missing',
      'github-api-url: host-unsupported'
    ])
  })

  test('whatever the inputs are: accepted, or refused with codes of their own, and never echoed raw', () => {
    const CODES_OF: Readonly<Record<string, readonly string[]>> = {
      pat: ['pat-missing', 'pat-malformed', 'pat-unsupported'],
      entity: ['entity-invalid'],
      'export-env': ['export-env-invalid'],
      'seal-key': ['seal-key-invalid'],
      'sealed-token': ['sealed-token-missing'],
      'vaunt-api-url': ['url-invalid'],
      'github-api-url': ['url-invalid', 'host-unsupported']
    }
    const orGood = (name: InputName): fc.Arbitrary<string> =>
      fc.oneof(anyText, hostileText, fc.constant(''), fc.constant(GOOD[name]))
    const raw = fc.record<Record<InputName, string>>({
      pat: orGood('pat'),
      entity: orGood('entity'),
      'export-env': orGood('export-env'),
      'seal-key': fc.oneof(orGood('seal-key'), fc.constant(SEAL_KEY)),
      'sealed-token': orGood('sealed-token'),
      'vaunt-api-url': orGood('vaunt-api-url'),
      'github-api-url': orGood('github-api-url')
    })
    fc.assert(
      fc.property(raw, given => {
        let thrown: unknown
        try {
          checkInputs(
            readInputs(name => given[name], {}),
            quote,
            () => 'unknown'
          )
          return
        } catch (error) {
          thrown = error
        }
        expect(thrown).toHaveProperty('name', 'InputErrors')
        const { problems } = thrown as Awaited<ReturnType<typeof inputErrorsOf>>
        const inputs = problems.map(({ input }) => input)
        expect(new Set(inputs).size).toBe(inputs.length)
        for (const { input, error } of problems) expect(CODES_OF[input]).toContain(error.code)
        const told = textOf(thrown as Parameters<typeof textOf>[0], 'GUIDE')
        expect(told).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|::|##\[/u)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('pat', () => {
  test('none: missing, with the reason that the event gives', async () => {
    const missingPatReason = jest.fn(() => 'fork' as const)
    const { problems } = await inputErrorsOf(() => checkInputs({ ...GOOD, pat: '' }, quote, missingPatReason))
    expect(problems.map(({ input, error }) => [input, error.code])).toEqual([['pat', 'pat-missing']])
    expect(problems[0].error.message).toMatch(/^This run comes from a pull request from a fork/)
    expect(missingPatReason).toHaveBeenCalledTimes(1)
  })

  test('none, but a seal key: the sealed token is what is missing', async () => {
    const errors = await inputErrorsOf(() =>
      checkInputs({ ...GOOD, pat: '', 'seal-key': SEAL_KEY }, quote, () => 'dependabot')
    )
    expect(errors.problems.map(({ input, error }) => [input, error.code])).toEqual([
      ['sealed-token', 'sealed-token-missing']
    ])
    expect(errors.problems[0].error.message).toMatch(/^This run was started by Dependabot/)
  })

  test('the event is not looked at while there is a PAT', async () => {
    const missingPatReason = jest.fn(() => 'fork' as const)
    checkInputs(GOOD, quote, missingPatReason)
    await inputErrorsOf(() => checkInputs({ ...GOOD, pat: 'a b' }, quote, missingPatReason))
    checkInputs({ ...GOOD, pat: '', 'sealed-token': 'x', 'seal-key': SEAL_KEY }, quote, missingPatReason)
    expect(missingPatReason).not.toHaveBeenCalled()
  })

  test.each([
    PAT,
    FINE_GRAINED_PAT,
    'gho_x',
    'ghu_x',
    'a'.repeat(40),
    'AZaz09-._~+/==',
    'x'.repeat(300),
    // A new kind of GitHub's tokens is some 520 characters long, with dots and hyphens.
    `ghu_${'x-y.z_'.repeat(100)}`
  ])('good: %s', pat => {
    expect(exchange({ pat }).pat).toBe(pat)
  })

  test.each([
    ['a space', 'ghp_a b', 'whitespace'],
    ['a line break', 'ghp_a\nb', 'whitespace'],
    ['a carriage return', 'ghp_a\rb', 'whitespace'],
    ['a no-break space', 'ghp_a\u00a0b', 'whitespace'],
    ['white space and more', 'ghp_ü \u0000b', 'whitespace'],
    ['a NUL', 'ghp_a\u0000b', 'control characters'],
    ['DEL', 'ghp_a\u007fb', 'control characters'],
    ['a C1 control', 'ghp_a\u0085b', 'control characters'],
    ['a control and more', 'ghp_ü\u0007b', 'control characters'],
    ['a letter outside ASCII', 'ghp_üb', 'non-ASCII characters'],
    ['an invisible character', 'ghp_a\u200bb', 'non-ASCII characters'],
    ['half a character', 'ghp_a\ud800b', 'non-ASCII characters']
  ])('%s inside: malformed, and not echoed', async (_, pat, named) => {
    expect(await problems({ pat })).toEqual(['pat: pat-malformed'])
    const text = await complaint({ pat })
    expect(text).toContain(`contains ${named}`)
    expect(text).not.toContain('ghp_')
  })

  test.each(['ghs_', 'ghr_'])('%s: unsupported, whatever follows', async prefix => {
    expect(await problems({ pat: prefix })).toEqual(['pat: pat-unsupported'])
    const pat = `${prefix}${'LOUD.FAKE'.repeat(57)}`
    const text = await complaint({ pat })
    expect(text).toContain(`starts with ${prefix}`)
    expect(text).not.toContain('LOUD')
  })

  test.each(['GHS_x', 'xghs_x', 'ghsx', 'ghr-x'])('%s is nobody to judge by its prefix', pat => {
    expect(exchange({ pat }).pat).toBe(pat)
  })

  test.each([
    ['quotes', '"ghp_LOUDFAKE"'],
    ['quotes', "'ghp_LOUDFAKE'"],
    ['quotes', 'ghp_LOUDFAKE"'],
    ['quotes', '`ghp_LOUDFAKE`'],
    ['quotes', '\u201cghp_LOUDFAKE\u201d'],
    ['an expression that was not replaced', '${{ secrets.VAUNT_PAT }}'],
    ['an expression that was not replaced', '${{secrets.VAUNT_PAT}}'],
    ['an expression that was not replaced', '$VAUNT_PAT'],
    ['an expression that was not replaced', '${VAUNT_PAT}'],
    ['an expression that was not replaced', '$env:VAUNT_PAT'],
    ['an expression that was not replaced', '%VAUNT_PAT%'],
    ['an expression that was not replaced', 'secrets.VAUNT_PAT'],
    ['an expression that was not replaced', 'vars.VAUNT_PAT'],
    ["characters that a PAT can't have", 'ghp_LOUDFAKE;'],
    ["characters that a PAT can't have", '<ghp_LOUDFAKE>'],
    ["characters that a PAT can't have", 'ghp=LOUDFAKE']
  ])('with %s in it is malformed, and not echoed: %s', async (told, pat) => {
    const { error } = (await inputErrorsOf(() => exchange({ pat }))).problems[0]
    expect(error.code).toBe('pat-malformed')
    expect(error.message).toContain(`The PAT contains ${told}, so it isn't valid and was not sent.`)
    expect(`${error.message} ${error.remedy} ${error.details}`).not.toContain('LOUDFAKE')
  })

  test('accepted exactly when a bearer token can be so (RFC 6750)', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'grapheme-ascii' })), text => {
        const pat = text.trim()
        fc.pre(pat !== '' && !/^gh[sr]_/.test(pat) && !/^(?:secrets|env|vars|inputs|github)\.\w/i.test(pat))
        if (/^[A-Za-z0-9._~+/-]+=*$/.test(pat)) expect(exchange({ pat }).pat).toBe(pat)
        else expect(() => exchange({ pat })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      })
    )
  })
})

describe('entity', () => {
  test.each(['a', 'Z', '0', 'Acme-Labs', 'mona_acme', 'old-', 'od--d', 'a'.repeat(39)])('good: %s', entity => {
    expect(exchange({ entity }).entity).toBe(entity)
  })

  test.each([
    ['', 'the runner provides no repository owner'],
    ['-a', 'Input \'entity\' is "-a"'],
    ['_a', 'Input \'entity\' is "_a"'],
    ['..', 'Input \'entity\' is ".."'],
    ['.', 'Input \'entity\' is "."'],
    ['@octocat', 'Input \'entity\' is "@octocat"'],
    ['a/b', 'Input \'entity\' is "a/b"'],
    ['a b', 'Input \'entity\' is "a b"'],
    ['a?b', 'Input \'entity\' is "a?b"'],
    ['octocat[bot]', 'Input \'entity\' is "octocat[bot]"'],
    ['https://github.com/octocat', 'Input \'entity\' is "https://github.com/octocat"'],
    ['ocтocat', 'Input \'entity\' is "ocтocat"'],
    ['a\nb', 'Input \'entity\' is "a b"'],
    ['a'.repeat(40), "Input 'entity' is \"aaaa"]
  ])('bad: %j', async (entity, told) => {
    expect(await problems({ entity })).toEqual(['entity: entity-invalid'])
    expect(await complaint({ entity })).toContain(told)
  })

  test('accepted exactly when it is a login', () => {
    const isLogin = (text: string): boolean => {
      const characters = Array.from(text)
      const isAlphanumeric = (one: string): boolean =>
        'abcdefghijklmnopqrstuvwxyz0123456789'.includes(one.toLowerCase())
      // Lower-casing turns the Kelvin sign and its like into ASCII.
      if (characters.some(one => one > '\u007f') || characters.length < 1 || characters.length > 39) return false
      return characters.every((one, index) => isAlphanumeric(one) || (index > 0 && (one === '-' || one === '_')))
    }
    const nearly = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.', '/', '@', ' ', 'K', '\n'),
      maxLength: 42
    })
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), entity => {
        if (isLogin(entity)) expect(exchange({ entity }).entity).toBe(entity)
        else expect(() => exchange({ entity })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
      }),
      { numRuns: 1_000 }
    )
  })
})

describe('seal-key', () => {
  const unpadded = SEAL_KEY.replace('=', '')
  const base64url = unpadded.replaceAll('+', '-').replaceAll('/', '_')

  test('the key of these tests holds what is spelled differently in base64url', () => {
    expect(SEAL_KEY).toMatch(/\+/)
    expect(SEAL_KEY).toMatch(/\//)
  })

  test.each([SEAL_KEY, unpadded, base64url, `${base64url}=`])('good: %s', key => {
    expect(exchange({ 'seal-key': key }).sealKey).toEqual(SEAL_KEY_BYTES)
    expect(open({ 'seal-key': key, 'sealed-token': 'x' }).sealKey).toEqual(SEAL_KEY_BYTES)
  })

  test.each([
    ['31 bytes', Buffer.alloc(31, 7).toString('base64')],
    ['33 bytes', Buffer.alloc(33, 7).toString('base64')],
    ['16 bytes', Buffer.alloc(16, 7).toString('base64')],
    ['hexadecimal', Buffer.alloc(32, 7).toString('hex')],
    ['a passphrase', 'correct horse battery staple correct horse ba'],
    ['a space inside', `${SEAL_KEY.slice(0, 20)} ${SEAL_KEY.slice(21)}`],
    ['two paddings', `${unpadded}==`],
    ['a padding inside', `${unpadded.slice(0, 40)}=${unpadded.slice(41)}`],
    ['something before it', `x${SEAL_KEY}`],
    ['a sign before it', `!${SEAL_KEY}`],
    ['something behind it', `${SEAL_KEY}x`],
    ['a character that is in neither alphabet', `${unpadded.slice(0, 42)}.`]
  ])('%s: invalid, and not echoed', async (_, key) => {
    for (const also of [{}, { 'sealed-token': 'x' }]) {
      expect(await problems({ 'seal-key': key, ...also })).toEqual(['seal-key: seal-key-invalid'])
      const text = await complaint({ 'seal-key': key, ...also })
      expect(text).toContain("isn't a base64-encoded key of 32 bytes")
      expect(text).not.toContain(key.slice(0, 12))
    }
  })

  test('none to open with', async () => {
    expect(await problems({ 'sealed-token': 'x' })).toEqual(['seal-key: seal-key-invalid'])
    expect(await complaint({ 'sealed-token': 'x' })).toContain("but 'seal-key' is empty")
  })

  test('any 32 bytes are a key, in either spelling; any other number of bytes is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), bytes => {
        for (const spelling of ['base64', 'base64url'] as const) {
          const key = Buffer.from(bytes).toString(spelling)
          if (bytes.length === 32) expect(exchange({ 'seal-key': key }).sealKey).toEqual(bytes)
          else expect(() => exchange({ 'seal-key': key })).toThrow(expect.objectContaining({ name: 'InputErrors' }))
        }
      })
    )
  })
})
