// Tests that quoted text from outside is harmless: one short line without a command or a secret.

import { describe, expect, test } from '@jest/globals'
import { Quoted } from '../../src/untrusted/quoted.ts'
import { quote } from '../support/failures.ts'
import { anyText, fc, hostileText } from '../support/properties.ts'
import { PAT, SEAL_KEY } from '../support/secrets.ts'

describe('quoted text', () => {
  /** What the runner, a terminal or a log viewer could take for more than text. */
  const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}]|::|##\[/u

  // Named, because the titles are printed where a runner may read them.
  test.each([
    ['plain words', 'plain words', 'plain words'],
    ['nothing', '', ''],
    ['outer space', '  outer space  ', 'outer space'],
    ['a line break', 'a\r\nb', 'a b'],
    ['other line breaks', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['invisible characters', 'a \u200b\u202e b', 'a b'],
    ['a workflow command', 'x::set-output name=token::y', 'x: :set-output name=token: :y'],
    ['three colons', ':::', ': : :'],
    ['a legacy command', '##[error]x', '# #[error]x'],
    ['three number signs', '###', '# # #'],
    ['single ones', '#1 is fine: so is this', '#1 is fine: so is this'],
    ['half a character', 'broken \ud800 surrogate', 'broken \ufffd surrogate'],
    ['other scripts', 'naïve 日本語 🎉', 'naïve 日本語 🎉']
  ])('%s', (_, raw, expected) => {
    expect(quote(raw).toString()).toBe(expected)
  })

  test('is at most 200 characters long, and shows that it was cut', () => {
    expect(quote('x'.repeat(200)).toString()).toBe('x'.repeat(200))
    expect(quote('x'.repeat(201)).toString()).toBe(`${'x'.repeat(199)}…`)
    // Characters are counted, not halves of them.
    expect(quote('🎉'.repeat(200)).toString()).toBe('🎉'.repeat(200))
    expect(quote('🎉'.repeat(201)).toString()).toBe(`${'🎉'.repeat(199)}…`)
  })

  test('is one harmless line, whatever it is made of', () => {
    fc.assert(
      fc.property(hostileText, fc.array(fc.string({ maxLength: 12 }), { maxLength: 3 }), (raw, secrets) => {
        const quoted = new Quoted(raw, secrets).toString()
        expect(quoted).not.toMatch(FORBIDDEN)
        expect(Array.from(quoted).length).toBeLessThanOrEqual(200)
        expect(quoted.isWellFormed()).toBe(true)
      }),
      { numRuns: 1_000 }
    )
  })

  test('quoting again changes nothing', () => {
    fc.assert(
      fc.property(hostileText, raw => {
        const once = quote(raw).toString()
        expect(quote(once).toString()).toBe(once)
      })
    )
  })
})

describe('secrets in quoted text', () => {
  test.each([
    ['in clear', PAT],
    ['twice', `${PAT} ${PAT}`],
    ['inside a word', `x${PAT}x`],
    ['in a URL', `https://x:${encodeURIComponent(PAT)}@h`],
    ['in base64', Buffer.from(PAT).toString('base64')],
    ['as basic authorization', Buffer.from(`user:${PAT}`).toString('base64')],
    ['across a line break that is taken out', `::${PAT}\n::`]
  ])('%s', (_, raw) => {
    expect(new Quoted(raw, [PAT]).toString()).not.toMatch(/LOUDFAKE|TE9VREZBS0|xPVURGQUtF|MT1VERkFLR/)
    expect(new Quoted(raw, [PAT]).toString()).toContain('***')
  })

  test('only the secret goes, the words around it stay', () => {
    expect(new Quoted(`Token ${PAT} is bad`, ['', PAT]).toString()).toBe('Token *** is bad')
    expect(new Quoted('key a/b+c%26 is bad', ['a/b+c&']).toString()).toBe('***')
    expect(new Quoted('key a%2Fb%2Bc%26 is bad', ['a/b+c&']).toString()).toBe('key *** is bad')
  })

  test('no secret means no redaction', () => {
    expect(new Quoted('100%25 of %zz', ['']).toString()).toBe('100%25 of %zz')
  })

  test('short secrets are redacted in clear, but not as base64, which would redact half of all words', () => {
    expect(new Quoted('it is abcde.', ['abcde']).toString()).toBe('it is ***.')
    expect(new Quoted(Buffer.from('abcde').toString('base64'), ['abcde']).toString()).toBe('YWJjZGU=')
    expect(new Quoted(Buffer.from('abcdef').toString('base64'), ['abcdef']).toString()).toBe('***')
  })

  test('a secret that is put together from two lines is seen', () => {
    expect(new Quoted('pass\u0000word', ['pass word']).toString()).toBe('***')
  })

  test.each([
    ['lines', 'it is LOUDFAKE\npass\r\nword.'],
    ['spaces', 'it is LOUD FAKE pass word.'],
    ['characters that do not show', 'it is LOUDFAKE\u200bpass\u00adword.'],
    ['lines of percent-encoding', 'it is %4C%4FUDFAK\nEp%61\nssword.'],
    ['percent-encoded line breaks', 'it is LOUDFAKE%0D%0Apassword.'],
    ['percent-encodings broken in two', 'it is LOUDFAKE%7\n0assword.'],
    ['lines of base64', 'it is TE9VREZBS0Vw\nYXNzd29yZA==.'],
    ['lines of base64url', 'it is\u200bTE9VREZBS\n0VwYXNzd29yZA.']
  ])('a secret broken into %s is seen, and then nothing is shown', (_, raw) => {
    expect(new Quoted(raw, ['another secret', 'LOUDFAKEpassword']).toString()).toBe('***')
  })

  test('a secret that is itself broken is seen without its breaks', () => {
    expect(new Quoted('it is LOUDFAKEpassword.', ['LOUDFAKE\npass\u200bword']).toString()).toBe('***')
  })

  test('what only resembles a secret stays', () => {
    const close = 'it is LOUDFAKE pass wor d, LOUDFAKE%7passwor, TE9VREZBS0Vw YXNzd29yYQ'
    expect(new Quoted(close, ['LOUDFAKEpass-word', 'LOUDFAKEpasswords', 'LOUDFAKEpasswoe']).toString()).toBe(close)
  })

  test('a secret that does not show is in no text', () => {
    expect(new Quoted('a b', ['\u200b\u200b']).toString()).toBe('a b')
  })

  test('a spelling goes whole, also where it begins with another one', () => {
    expect(new Quoted('it is LOUDFAKE%25 here', ['LOUDFAKE%']).toString()).toBe('it is *** here')
    expect(new Quoted('it is LOUDFAKE\\\\ here', ['LOUDFAKE\\']).toString()).toBe('it is *** here')
  })

  test('the inside of a JSON text is seen as well', () => {
    expect(new Quoted('{"message":"it is LOUD\\"FAKE here"}', ['LOUD"FAKE']).toString()).toBe(
      '{"message":"it is *** here"}'
    )
  })

  test('a secret that the neutraliser would take apart is seen', () => {
    expect(new Quoted('it is pa::ss##[word', ['pa::ss##[word']).toString()).toBe('it is ***')
  })

  test.each([
    ['a classic PAT of somebody else', 'see ghp_0123456789abcdef!', 'see ***!'],
    ['an app token with dots', 'see ghs_01234.56789.abcdef!', 'see ***!'],
    ['a fine-grained PAT', 'see github_pat_0123456789_abc!', 'see ***!'],
    ['a JWS', 'see eyJhbGciOi.eyJzdWIi.c2ln!', 'see ***!'],
    ['an unsigned JWS', 'see eyJhbGciOi.eyJzdWIi.!', 'see ***!'],
    ['a JWE', 'see eyJhbGciOi..aXY.Y2lwaGVy.dGFn!', 'see ***!'],
    ['in any letter case', 'see GHP_0123456789ABCDEF!', 'see ***!']
  ])('%s is redacted, though we never knew it', (_, raw, expected) => {
    expect(quote(raw).toString()).toBe(expected)
  })

  test.each([
    'ghp_short',
    'the github_pat_ prefix',
    'eyJ is the start',
    'eyJust a word',
    'high ghp: 5',
    'sighp_0123456789'
  ])('%s is no token and stays', raw => {
    expect(quote(raw).toString()).toBe(raw)
  })

  /** What a secret may be made of: visible ASCII first of all, but a proxy password may be any text. */
  const secretText = fc.oneof(
    fc.constantFrom(PAT, SEAL_KEY, 'p%41ss/w+rd&=', 'a"b\\c/d"e', 'päss-wörd-日本', 'pa::ss##[wo', '%41%42%43%44'),
    fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 60 }),
    fc.string({ unit: 'binary', minLength: 6, maxLength: 30 })
  )
  const secret = secretText.filter(value => !/[*…\ufffd]/.test(value) && value.trim().length >= 6)

  /** The ways a server may send back what it was sent. */
  const encodings: Record<string, (secret: string, noise: readonly number[]) => string> = {
    clear: value => value,
    percent: value => encodeURIComponent(value),
    'percent, any bytes in any case': (value, noise) =>
      Array.from(value, (character, index) => {
        const chosen = noise[index % noise.length] ?? 0
        if (chosen % 3 === 0 && character !== '%') return character
        return Array.from(Buffer.from(character), byte => {
          const hex = byte.toString(16).padStart(2, '0')
          return `%${chosen % 2 === 0 ? hex.toUpperCase() : hex}`
        }).join('')
      }).join(''),
    'percent, every byte': value => Buffer.from(value).toString('hex').replace(/../g, '%$&'),
    base64: value => Buffer.from(value).toString('base64'),
    'base64 at any offset': (value, noise) => Buffer.from(`${word(noise)}${value}${word(noise)}`).toString('base64'),
    base64url: value => Buffer.from(value).toString('base64url'),
    'base64url at any offset': (value, noise) =>
      Buffer.from(`${word(noise)}${value}${word(noise)}`).toString('base64url'),
    JSON: value => JSON.stringify(value)
  }

  function word(noise: readonly number[]): string {
    return noise.map(each => String.fromCharCode(33 + (each % 90))).join('')
  }

  /** Whether a reader could get the secret back from what was printed. */
  function shows(printed: string, value: string): boolean {
    const runs = printed.match(/[\w+/-]+/g) ?? []
    const undone = runs.flatMap(run => [0, 1, 2, 3].map(start => Buffer.from(run.slice(start), 'base64').toString()))
    const percent = printed.replace(/(?:%[\da-f]{2})+/gi, bytes =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString()
    )
    const unescaped = printed.replace(/\\(.)/g, '$1')
    return [printed, percent, unescaped, ...undone].some(readable => readable.includes(value))
  }

  test.each(Object.keys(encodings))('%s: no secret can be read from it', name => {
    const encode = encodings[name] ?? (() => '')
    fc.assert(
      fc.property(
        secret,
        hostileText,
        hostileText,
        fc.array(fc.nat(255), { minLength: 1, maxLength: 7 }),
        (value, before, after, noise) => {
          const encoded = encode(value, noise)
          for (const raw of [encoded, `${before}${encoded}${after}`, `${encoded} ${encoded}`]) {
            // The oracle is worth something only if it finds the secret in what was sent.
            if (name !== 'JSON') expect(shows(encoded, value)).toBe(true)
            expect(shows(new Quoted(raw, [SEAL_KEY, value]).toString(), value)).toBe(false)
          }
        }
      )
    )
  })

  test('of several secrets none is left, also when one is a part of another', () => {
    fc.assert(
      fc.property(secret, secret, anyText, (one, two, between) => {
        const secrets = [one, two, one.slice(0, 6)]
        const quoted = new Quoted(`${one}${between}${two}${one}`, secrets).toString()
        for (const each of secrets) expect(quoted).not.toContain(each)
      })
    )
  })
})

describe('adversarial text of 1 MiB', () => {
  const MIB = 1_048_576
  const pieces = [
    '%41',
    '%4',
    'eyJ',
    'eyJaaaaa.',
    'eyJaaaaa+',
    'ghp_',
    'ghp_.',
    'ghp_a ',
    'github_pat_',
    'github_pat_a-',
    ':',
    '#',
    '##[',
    ' ',
    '\u0000',
    '\u0000 ',
    '\u200ba',
    '\ud800',
    '%E6',
    'TE9V',
    'LOUDFAKE',
    '🎉',
    '\\"'
  ]

  test.each(pieces.map((piece, index) => [index, piece] as const))(
    'of piece %i is quoted in time that grows no faster than the text',
    (_, piece) => {
      const timeOf = (size: number): number => {
        const raw = piece.repeat(Math.ceil(size / piece.length))
        const start = performance.now()
        new Quoted(raw, [PAT, SEAL_KEY, 'LOUDFAKELOUDFAKELOUDFAKF']).toString()
        return performance.now() - start
      }
      timeOf(MIB / 16)
      // Quadratic time would need minutes.
      expect(timeOf(MIB)).toBeLessThan(3_000)
    }
  )
})

describe('one secret that begins another', () => {
  test.each([[['corp', 'corp2024!']], [['corp2024!', 'corp']]])('is taken out whole: %j', secrets => {
    expect(new Quoted('user corp2024! of corp', secrets).toString()).toBe('user *** of ***')
  })
})

describe('a link at the end of what is shown', () => {
  const link = 'https://docs.example/a/rather/long/path'

  test('is left out whole when it does not fit', () => {
    expect(quote(`${'x'.repeat(180)} ${link} y`).toString()).toBe(`${'x'.repeat(180)}…`)
  })

  test('stays when it fits', () => {
    const text = quote(`${'x'.repeat(150)} ${link} ${'y'.repeat(50)}`).toString()
    expect(text).toContain(link)
    expect(text).toHaveLength(200)
  })

  test('is cut when there is nothing else', () => {
    expect(quote(`https://docs.example/${'x'.repeat(300)}`).toString()).toHaveLength(200)
  })
})

test.each(['[::1]:8443', 'localhost or [2001:db8::1]', 'https://[::ffff:127.0.0.1]/x'])(
  'an IPv6 address is whole: %s',
  text => {
    expect(quote(text).toString()).toBe(text)
  }
)

test.each([
  ['::add-mask::x', ': :add-mask: :x'],
  ['[::add-mask::x]', '[: :add-mask: :x]'],
  ['##[::1]', '# #[::1]']
])('but no command comes of brackets: %s', (text, told) => {
  expect(quote(text).toString()).toBe(told)
})
