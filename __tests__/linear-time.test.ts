// Tests that text from outside is read in linear time. The tests compare the times for two sizes, and never limit a time itself.

import { describe, expect, test } from '@jest/globals'
import { expirationDate } from '../src/attestation/pat-expiration.ts'
import { requiredIn, scopesIn } from '../src/attestation/permissions.ts'
import { requireNotRenamed, succeeded } from '../src/attestation/refusal.ts'
import { newsIn } from '../src/card/comparison.ts'
import { readContents } from '../src/card/contents.ts'
import { requireSafeSvg } from '../src/card/safety.ts'
import { requireNoSecret } from '../src/card/secrets.ts'
import { announcedEnd } from '../src/github/api-version.ts'
import { judge } from '../src/network/answer.ts'
import type { Answer, Received } from '../src/network/answer.ts'
import type { Request } from '../src/network/failure.ts'
import { proxyFor, proxyPasswords } from '../src/network/proxy.ts'
import { LIMITS } from '../src/network/retry.ts'
import { extraCaIn } from '../src/runner/extra-certificates.ts'
import { Quoted, redact } from '../src/untrusted/quoted.ts'
import { readXml } from '../src/untrusted/xml.ts'
import { decodeClaims } from '../src/vaunt/claims.ts'
import { COMPACT_JWS } from '../src/vaunt/exchange.ts'
import { fc } from './support/properties.ts'
import { PAT, SEAL_KEY } from './support/secrets.ts'

const SECRETS = [PAT, SEAL_KEY, 'a b', 'aaaaaaaa']
const quote = (raw: string): Quoted => new Quoted(raw, SECRETS)
const CONTEXT = { quote, server: 'https://github.com' }

const REQUEST: Request = {
  service: 'GitHub',
  path: quote('/user'),
  host: quote('api.github.com'),
  proxyHost: undefined,
  hasCredentials: false,
  limits: LIMITS,
  quote,
  extraCa: () => 'unset'
}

/** Whatever it throws is an answer, too. */
function ended(read: () => unknown): void {
  try {
    read()
  } catch {
    // Refused.
  }
}

/** What a status, a header or a body comes to: an answer that is judged further, or a failure that is told. */
function judged(received: Partial<Received>, further: (answer: Answer) => unknown): void {
  const verdict = judge({ status: 403, headers: {}, body: '{"message":"No"}', ...received }, REQUEST, 0)
  ended(() => {
    if ('answer' in verdict) further(verdict.answer)
    else verdict.failure.error({ attempts: 1, late: false, now: 0 })
  })
}

const refused = (answer: Answer): Answer => succeeded(answer, 'the entity', CONTEXT)
const svg = (inner: string, before = ''): string => `${before}<svg xmlns="http://www.w3.org/2000/svg">${inner}</svg>`
const safe = (card: string): void => {
  ended(() => {
    requireSafeSvg(card, quote)
  })
}

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'text fit to print': text => quote(text).toString(),
  'text without secrets': text => redact(text, SECRETS),
  'the words of a 403': text => {
    judged({ body: JSON.stringify({ message: text }) }, refused)
  },
  'the words of a 400': text => {
    judged({ status: 400, body: JSON.stringify({ message: text }) }, refused)
  },
  'the address of a renamed account': text => {
    judged({ status: 301, body: JSON.stringify({ message: 'Moved', url: text }) }, answer => {
      requireNotRenamed(answer, quote('mona'))
    })
  },
  ...Object.fromEntries(
    ['retry-after', 'date', 'x-ratelimit-reset', 'x-ratelimit-remaining', 'x-github-sso', 'location'].map(name => [
      `the header ${name}`,
      (text: string): void => {
        judged({ headers: { 'x-ratelimit-remaining': '0', [name]: text } }, refused)
      }
    ])
  ),
  'the header x-github-sso of a demand': text => {
    judged({ headers: { 'x-github-sso': `required; ${text}` } }, refused)
  },
  'the headers of scopes': text => [
    scopesIn({ headers: { 'x-oauth-scopes': text } }),
    requiredIn({ headers: { 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': text } }),
    requiredIn({ headers: { 'x-accepted-github-permissions': text } })
  ],
  'the headers of an end': text => announcedEnd({ headers: { deprecation: text, sunset: text } }),
  'the date of a PAT': expirationDate,
  'a token': text => {
    ended(() => COMPACT_JWS.test(text) && decodeClaims(text, { attempts: 1 }))
  },
  'a file of certificates': text => extraCaIn({ NODE_EXTRA_CA_CERTS: 'file' }, () => text),
  'the variables of proxies': text => [
    proxyFor(new URL('https://10.0.0.1'), { HTTPS_PROXY: text, NO_PROXY: text }, '24.19.0'),
    proxyPasswords({ HTTPS_PROXY: text })
  ],
  XML: text => {
    ended(() => readXml(text))
    ended(() => readXml(svg(text)))
  },
  'a card': safe,
  'what stands before a card': text => {
    safe(svg('', text))
  },
  'the declaration of a card': text => {
    safe(svg('', `<?xml version="1.0" ${text}?>`))
  },
  'the text of a card': text => {
    safe(svg(text))
  },
  'the style of a card': text => {
    safe(svg(`<style>${text}</style>`))
  },
  'CDATA of a card': text => {
    safe(svg(`<style><![CDATA[${text}]]></style>`))
  },
  'a comment of a card': text => {
    safe(svg(`<!--${text}-->`))
  },
  'an attribute of a card': text => {
    safe(svg(`<text style="${text}" href="${text}"/>`))
  },
  'the secrets in a card': text => {
    ended(() => {
      requireNoSecret(svg(text), SECRETS)
    })
  },
  'the contents of a card': text => readContents(svg(text)),
  'the attributes of a card': text => {
    safe(svg(`<text ${text}/>`))
  }
}

/** What a pattern or a loop may begin with, go on with, and then not find the end of. */
const PIECES = [
  ...[
    'a',
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\r ',
    '\f',
    '\u200b',
    '\u2028',
    '🎉',
    '\ud800',
    '0',
    '1',
    '-',
    '.',
    '=',
    '/'
  ],
  ...[':', '::', '#', '[', '[a', ']', '(', '((', '{', '{"a":', "'", '"', '%', '%41', '\\', '\\a', '\\ ', '/*', '*/'],
  ...[',', ' ,', ', ', ',a', ', a', ';', ';;', '1, ', '@1,', 'Mon, ', ' GMT', 'Tue, 10 Mar 2026 00:00:00 GMT, '],
  ...['url(', 'url( ', 'url("', 'image ', 'image-set ', 'behavior ', ';behavior ', '@import', 'data:', 'on'],
  ...['<', '<a>', '<a/>', '<a ', '</a>', '<!--', '-->', '<!---->', '<![CDATA[', ']]>', '<?', '&', '&amp;', '&#1;'],
  ...['a="b" ', 'xmlns:a="b" ', ' encoding', ' encoding=', '<!DOCTYPE ', '<!ENTITY ', 'eyJ', 'eyJaaaaa.', 'gha_'],
  ...['gha_aaaaaaaaaa.', 'http://', ' https://', 'url=https://', 'required, ', 'read:org,', 'members=read;', '/user/1'],
  ...['access via', 'account ', 'account suspended', 'token ', 'IP allow', 'version ', 'restricted ', 'rate '],
  ...['-----BEGIN CERTIFICATE-----\n', 'ghp_', 'ghp_\n', '10.0.0.0/8,', 'a b', 'a  b']
]

/** Around the pieces, so that what was begun ends badly. */
const ENDS = ['', 'x', '!', '"', '\0', '\n']

const SHORT_LENGTH = 8_192
const TIMES_LONGER = 4
/** Four in linear time, sixteen in quadratic time. */
const LARGEST_RATIO = 9
/** Less is noise: a ratio to it would say nothing. */
const SMALLEST_MS = 5

/** How much of the processor it takes, the least of some runs: other work on the machine does not count. */
function costMs(read: (text: string) => unknown, text: string, runs = 3): number {
  const costs = Array.from({ length: runs }, () => {
    const before = process.cpuUsage()
    read(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.max(SMALLEST_MS, Math.min(...costs))
}

function ratio(read: (text: string) => unknown, begin: string, piece: string, end: string): number {
  const text = (length: number): string => begin + piece.repeat(Math.ceil(length / piece.length)) + end
  // Most are so fast that one run says it.
  const long = costMs(read, text(TIMES_LONGER * SHORT_LENGTH), 1)
  if (long <= LARGEST_RATIO * SMALLEST_MS) return long / SMALLEST_MS
  return costMs(read, text(TIMES_LONGER * SHORT_LENGTH)) / costMs(read, text(SHORT_LENGTH))
}

describe('four times the text takes no more than a few times as long', () => {
  const ends = fc.constantFrom(...ENDS)

  test.each(Object.entries(READERS))('to read %s', (_, read) => {
    fc.assert(
      fc.property(ends, ends, (begin, end) => {
        const slow = PIECES.filter(piece => ratio(read, begin, piece, end) >= LARGEST_RATIO)
        expect(slow).toEqual([])
      }),
      { numRuns: 2, endOnFailure: true }
    )
  })

  test('to put back the pictures that a card lost', () => {
    const tile = (picture: string): string =>
      `<g><image href="${picture}"/><text>a</text><text>contributions</text><text>1</text></g>`
    const putBack = ({ length }: string): unknown => {
      const [had, lost] = ['data:image/png;base64,QUJD', ''].map(picture => tile(picture).repeat(length / 8))
      return newsIn(svg(`${had}<g/>`), svg(lost ?? ''))
    }
    expect(ratio(putBack, '', 'a', '')).toBeLessThan(LARGEST_RATIO)
  })

  test('and the measure tells quadratic time', () => {
    // Each run of `a` is tried from each of its letters.
    expect(ratio(text => /a+$/.test(text), '', 'a', '!')).toBeGreaterThan(LARGEST_RATIO)
  })
})
