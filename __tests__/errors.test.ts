// Owns the proof that every failure says what happened and what to do, and that text from outside is harmless once quoted.

import { describe, expect, test } from '@jest/globals'
import { ActionError, codeOf, describe as textOf, InputErrors, Quoted } from '../src/errors.ts'
import type { Code, Facts } from '../src/errors.ts'
import { quote } from './support/failures.ts'
import { anyText, fc, hostileText } from './support/properties.ts'
import { PAT, SEAL_KEY } from './support/secrets.ts'

const GUIDE = 'https://github.com/OWNER/vaunt-token-action/blob/v1/docs/troubleshooting.md'

const trail = { attempts: 3, requestId: quote('C0DE:1A2B'), words: quote('The words of the server') }
const entity = quote('Acme-Labs')
const patUser = quote('Mona')
const host = quote('api.example:8443')
const proxyHost = quote('proxy.example:3128')
const until = new Date('2026-11-23T18:00:00Z')
const later = new Date('2026-11-23T18:30:00Z')

/** At least one example of every code, and one of every branch that its words can take. */
const EXAMPLES: { readonly [C in Code]: readonly Facts[C][] } = {
  'pat-missing': [{ reason: 'unknown' }, { reason: 'fork' }, { reason: 'dependabot' }],
  'pat-malformed': [{ fault: 'white-space' }, { fault: 'control' }, { fault: 'non-ascii' }],
  'pat-unsupported': [{ evidence: 'ghs_' }, { evidence: 'ghr_' }, { evidence: 'answer', ...trail }],
  'entity-invalid': [
    { value: quote('not/a login'), empty: false },
    { value: quote(''), empty: true }
  ],
  'url-invalid': [
    { input: 'vaunt-api-url', fault: 'not-https' },
    { input: 'github-api-url', fault: 'credentials' },
    { input: 'vaunt-api-url', fault: 'query' },
    { input: 'github-api-url', fault: 'unreadable' }
  ],
  'export-env-invalid': [
    { value: quote('9LIVES'), fault: 'not-a-name' },
    { value: quote('PATH'), fault: 'reserved' }
  ],
  'host-unsupported': [{ githubHost: quote('ghes.example') }],
  'pat-rejected': [trail, { attempts: 1 }],
  'entity-not-found': [{ ...trail, entity }],
  'entity-unsupported': [{ ...trail, entity, type: quote('Bot') }],
  'entity-mismatch': [{ ...trail, entity: quote('hubot'), entityId: '1002', patUser, patUserId: '1001' }],
  'members-permission-missing': [
    { ...trail, entity, patUser, pat: 'classic' },
    { ...trail, entity, patUser, pat: 'fine-grained' }
  ],
  'not-a-member': [
    { ...trail, entity, patUser, pat: 'classic' },
    { ...trail, entity, patUser, pat: 'fine-grained' }
  ],
  'membership-pending': [{ ...trail, entity, patUser }],
  'not-an-admin': [{ ...trail, entity, patUser, role: quote('billing_manager') }],
  'sso-required': [trail, { ...trail, url: quote('https://github.com/orgs/Acme-Labs/sso?authorization_request=A1') }],
  'policy-forbidden': [
    { ...trail, policy: 'classic' },
    { ...trail, policy: 'fine-grained' },
    { ...trail, policy: 'lifetime' },
    { ...trail, policy: 'ip-allow-list' },
    { ...trail, policy: 'suspended' }
  ],
  'github-rate-limited': [trail, { ...trail, until }],
  'github-unavailable': [
    { ...trail, outage: 'network', host, detail: 'ECONNREFUSED' },
    { ...trail, outage: 'deadline', host },
    { ...trail, outage: 'budget', host },
    { ...trail, outage: 'status', host, detail: 'status 503', until },
    { ...trail, outage: 'status', host, detail: 'status 502' }
  ],
  'github-unexpected': [
    { ...trail, surprise: 'status', asked: 'the entity', status: 418 },
    { ...trail, surprise: 'redirect', asked: 'the entity', status: 302, location: quote('https://else.example/') },
    { ...trail, surprise: 'redirect', asked: 'the entity', status: 302 },
    { ...trail, surprise: 'not-described', asked: 'the entity', status: 200 },
    { attempts: 1, surprise: 'not-described', asked: 'the entity' },
    { ...trail, surprise: 'ids-contradict', asked: 'the membership', status: 200 }
  ],
  'vaunt-refused': [{ ...trail, entity, status: 401 }],
  'vaunt-entity-unknown': [{ ...trail, entity }],
  'vaunt-rate-limited': [trail, { ...trail, until }],
  'vaunt-unavailable': [
    { ...trail, outage: 'network', host },
    { ...trail, outage: 'deadline', host },
    { ...trail, outage: 'budget', host },
    { ...trail, outage: 'status', host, detail: 'status 500' }
  ],
  'vaunt-unexpected': [
    { ...trail, surprise: 'too-large', asked: '/v1/token' },
    { ...trail, surprise: 'not-json', asked: 'a token', status: 200 },
    { ...trail, surprise: 'no-token', asked: 'a token', status: 200 },
    { ...trail, surprise: 'not-a-jwt', asked: 'a token' },
    { ...trail, surprise: 'unsigned', asked: 'a token' }
  ],
  'token-expired': [{ ...trail, expiredAt: until, vauntTime: later }],
  'tls-untrusted': [
    { fault: 'unknown-issuer', host, detail: 'SELF_SIGNED_CERT_IN_CHAIN' },
    { fault: 'expired', host, detail: 'CERT_HAS_EXPIRED' },
    { fault: 'not-yet-valid', host, detail: 'CERT_NOT_YET_VALID' },
    { fault: 'wrong-host', host, detail: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    { fault: 'invalid', host, proxyHost, detail: 'INVALID_PURPOSE' }
  ],
  'proxy-failed': [
    { fault: 'unusable-url', host, attempts: 1 },
    { fault: 'unsupported-node', host, attempts: 1, detail: 'Node.js 24.4.0' },
    { fault: 'unreachable', host, proxyHost, attempts: 3, detail: 'ECONNREFUSED' },
    { fault: 'refused', host, proxyHost, attempts: 1, detail: 'status 403' },
    { fault: 'credentials', host, proxyHost, attempts: 1, detail: 'status 407' },
    { fault: 'no-tunnel', host, proxyHost, attempts: 2 }
  ],
  'seal-key-invalid': [{ empty: true }, { empty: false }],
  'sealed-token-missing': [{ reason: 'unknown' }, { reason: 'fork' }, { reason: 'dependabot' }],
  'sealed-token-invalid': [{ fault: 'not-sealed' }, { fault: 'undecryptable' }, { fault: 'elsewhere' }],
  'sealed-token-expired': [{ expiredAt: until }],
  internal: [{ during: 'attesting at GitHub', kind: quote('TypeError ENOSPC') }]
}

/** The codes of the contract, in its order. */
const CODES = Object.keys(EXAMPLES) as Code[]

/** All texts of one code. */
function textsOf(code: Code): string[] {
  return EXAMPLES[code].map(facts => text(code, facts))
}

const ALL_TEXTS = CODES.flatMap(code => textsOf(code).map(text => [code, text] as const))

function text<C extends Code>(code: C, facts: Facts[C]): string {
  return textOf(ActionError.of(code, facts), GUIDE)
}

describe('every failure', () => {
  test.each(CODES)('%s is worded as reviewed', code => {
    expect(textsOf(code)).toMatchSnapshot()
  })

  test.each(ALL_TEXTS)('%s: what happened, what to do, the code and its place in the guide', (code, described) => {
    const tail = ` [${code}] ${GUIDE}#${code}`
    expect(described.endsWith(tail)).toBe(true)
    const sentences = described.slice(0, -tail.length)
    expect(sentences).toMatch(/^[A-Z"].*[.)]$/)
    expect(sentences).not.toMatch(/undefined|\[object|NaN|null| {2}|\.\./)
    // One annotation holds 4096 characters, and a line break would end it.
    expect(described.length).toBeLessThan(1_500)
    expect(described).not.toMatch(/[\r\n]/)
  })

  test('never advises to expose secrets to forks', () => {
    for (const [, described] of ALL_TEXTS) expect(described).not.toContain('pull_request_target')
  })

  test('keeps the code, the remedy and the cause apart', () => {
    const cause = new Error('not for printing')
    const error = ActionError.of('pat-rejected', { attempts: 1 }, cause)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('ActionError')
    expect(error.code).toBe('pat-rejected')
    expect(error.cause).toBe(cause)
    expect(error.remedy).toContain('regenerate it')
    expect(`${error.message} ${error.remedy} ${textOf(error, GUIDE)}`).not.toContain('not for printing')
  })
})

describe('the evidence', () => {
  /** The codes whose facts hold what the server said. */
  const WITH_TRAIL = CODES.filter(code => textsOf(code).some(described => described.includes('C0DE:1A2B')))

  test('stands in the message of every failure that an answer led to', () => {
    expect(WITH_TRAIL).toEqual([
      'pat-unsupported',
      'pat-rejected',
      'entity-not-found',
      'entity-unsupported',
      'entity-mismatch',
      'members-permission-missing',
      'not-a-member',
      'membership-pending',
      'not-an-admin',
      'sso-required',
      'policy-forbidden',
      'github-rate-limited',
      'github-unavailable',
      'github-unexpected',
      'vaunt-refused',
      'vaunt-entity-unknown',
      'vaunt-rate-limited',
      'vaunt-unavailable',
      'vaunt-unexpected',
      'token-expired'
    ])
  })

  test.each(WITH_TRAIL.map(code => [code, code.startsWith('vaunt') || code === 'token-expired' ? 'Vaunt' : 'GitHub']))(
    '%s: words of %s, request id, attempts',
    (code, service) => {
      const told = textsOf(code as Code).filter(described => described.includes('C0DE:1A2B'))
      expect(told.length).toBeGreaterThan(0)
      for (const described of told) {
        expect(described).toContain(
          ` ${service} says: "The words of the server". Request id: C0DE:1A2B. 3 attempts were made. `
        )
      }
    }
  )

  test('is left out where there is none, and one attempt is not counted', () => {
    expect(text('pat-rejected', { attempts: 1 })).not.toMatch(/says|Request id|attempt/)
    expect(text('pat-rejected', { attempts: 2 })).toContain(' 2 attempts were made. ')
    expect(text('pat-rejected', { attempts: 1, words: quote('') })).not.toContain('says')
    expect(text('pat-unsupported', { evidence: 'answer' })).not.toMatch(/says: |Request id|attempt/)
    expect(text('proxy-failed', { fault: 'unreachable', host, attempts: 1 })).not.toContain('attempt')
    expect(text('proxy-failed', { fault: 'unreachable', host, attempts: 2 })).toContain(' in 2 attempts.')
  })
})

describe('what a message must name', () => {
  test('a mismatch: both users with their ids', () => {
    const [described = ''] = textsOf('entity-mismatch')
    for (const named of ['Mona (id 1001)', 'hubot (id 1002)']) expect(described).toContain(named)
  })

  test.each(['not-a-member', 'membership-pending', 'not-an-admin', 'members-permission-missing'] as const)(
    '%s: the organization and the user',
    code => {
      for (const described of textsOf(code)) {
        expect(described).toContain('Acme-Labs')
        expect(described).toContain('Mona')
      }
    }
  )

  test('a missing permission: the remedy for the kind of PAT that was used, and no other', () => {
    const [classic = '', fineGrained = ''] = textsOf('members-permission-missing')
    expect(classic).toContain('read:org')
    expect(classic).not.toContain('resource owner')
    expect(fineGrained).toContain('resource owner Acme-Labs')
    expect(fineGrained).toContain('Members: Read-only')
    expect(fineGrained).not.toContain('read:org')
  })

  test('no membership: both causes for a fine-grained PAT, one for a classic PAT', () => {
    const [classic = '', fineGrained = ''] = textsOf('not-a-member')
    expect(classic).not.toMatch(/resource owner/i)
    expect(fineGrained).toContain('is not a member, or the resource owner')
  })

  test('a run of a fork or of Dependabot: the reason first of all', () => {
    for (const code of ['pat-missing', 'sealed-token-missing'] as const) {
      const [unknown = '', fork = '', dependabot = ''] = textsOf(code)
      expect(unknown).toMatch(/^(?:There|The input)/)
      expect(fork).toMatch(/^This run comes from a pull request of a fork/)
      expect(dependabot).toMatch(/^This run was started by Dependabot/)
    }
    expect(textsOf('pat-missing')[2]).toContain('a Dependabot secret of the same name')
  })

  test('an invalid seal key: the command that makes one', () => {
    expect(text('seal-key-invalid', { empty: false })).toContain('`openssl rand -base64 32`')
  })

  test('a certificate: what to set, unless it would not help', () => {
    expect(text('tls-untrusted', { fault: 'unknown-issuer', host, detail: 'X' })).toContain(
      'Set NODE_EXTRA_CA_CERTS to a file'
    )
    expect(text('tls-untrusted', { fault: 'not-yet-valid', host, detail: 'X' })).not.toContain('NODE_EXTRA_CA_CERTS')
    expect(text('tls-untrusted', { fault: 'expired', host, detail: 'X' })).not.toContain('proxy')
    expect(text('tls-untrusted', { fault: 'expired', host, proxyHost, detail: 'X' })).toContain(
      'api.example:8443 (or of the proxy proxy.example:3128) has expired (X)'
    )
  })

  test('a limit: when to come back, if that is known', () => {
    for (const service of ['github', 'vaunt'] as const) {
      expect(text(`${service}-rate-limited`, { attempts: 1, until })).toContain('until 2026-11-23T18:00:00.000Z.')
      expect(text(`${service}-rate-limited`, { attempts: 1 })).not.toContain('until')
    }
  })

  test('an outage: the input and the status page of that service', () => {
    const facts = { attempts: 1, outage: 'network', host } as const
    expect(text('github-unavailable', facts)).toContain('github-api-url')
    expect(text('vaunt-unavailable', facts)).toContain('vaunt-api-url')
    expect(text('github-unavailable', { ...facts, outage: 'status' })).toContain('https://www.githubstatus.com')
    expect(text('vaunt-unavailable', { ...facts, outage: 'status' })).toContain('https://vaunt.dev')
  })
})

describe('several wrong inputs', () => {
  const first = { input: 'pat', error: ActionError.of('pat-missing', { reason: 'unknown' }) }
  const second = { input: 'entity', error: ActionError.of('entity-invalid', { value: quote('?'), empty: false }) }

  test('are told together, each with its input and its code; the first code stands for all', () => {
    const errors = new InputErrors([first, second])
    expect(errors.name).toBe('InputErrors')
    expect(errors.message).toBe('2 inputs are wrong')
    expect(codeOf(errors)).toBe('pat-missing')
    expect(textOf(errors, GUIDE)).toBe(
      '2 inputs are wrong, and nothing was sent. ' +
        `(1) pat: ${textOf(first.error, GUIDE)} (2) entity: ${textOf(second.error, GUIDE)}`
    )
  })

  test('a single one is told as if it were alone', () => {
    const errors = new InputErrors([second])
    expect(codeOf(errors)).toBe('entity-invalid')
    expect(textOf(errors, GUIDE)).toBe(textOf(second.error, GUIDE))
  })

  test('a failure that is no input error has its own code', () => {
    expect(codeOf(ActionError.of('internal', { during: 'x', kind: quote('Error') }))).toBe('internal')
  })
})

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
