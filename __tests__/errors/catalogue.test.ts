// Tests that every failure says what happened and what to do, in reviewed words.

import { describe, expect, test } from '@jest/globals'
import { ActionError, describe as textOf } from '../../src/errors/action-error.ts'
import type { Code, Facts } from '../../src/errors/catalogue.ts'
import { quote } from '../support/failures.ts'

const GUIDE = 'https://github.com/-OWNER-/vaunt-token-action/blob/v1/docs/troubleshooting.md'

const trail = { attempts: 3, requestId: quote('C0DE:1A2B'), words: quote('The words of the server') }
const entity = quote('Acme-Labs')
const patUser = quote('Mona')
const required = quote('read:org')
const host = quote('api.example:8443')
const proxyHost = quote('proxy.example:3128')
const limitMs = 60_000
const until = new Date('2026-11-23T18:00:00Z')
const later = new Date('2026-11-23T18:30:00Z')

/** At least one example of every code, and one of every branch that its words can take. */
const EXAMPLES: { readonly [C in Code]: readonly Facts[C][] } = {
  'pat-missing': [
    ...(['unknown', 'fork', 'dependabot', 'no-token'] as const).map(reason => ({ reason })),
    ...(['unknown', 'fork', 'dependabot'] as const).map(reason => ({
      reason,
      refused: { ...trail, repository: quote('Acme-Labs/anvil'), status: 401 }
    }))
  ],
  'runner-files-unusable': [
    { variable: 'GITHUB_OUTPUT', detail: undefined },
    { variable: 'GITHUB_ENV', detail: 'ENOSPC' }
  ],
  'pat-malformed': (['white-space', 'control', 'non-ascii', 'quotes', 'expression', 'characters'] as const).map(
    fault => ({
      fault
    })
  ),
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
    { value: quote('PATH'), fault: 'reserved' },
    { value: quote('VAUNT_TOKEN'), fault: 'too-long', bytes: 140_000, limitBytes: 131_072 }
  ],
  'host-unsupported': [{ githubHost: quote('ghes.example') }],
  'pat-rejected': [trail, { attempts: 1 }],
  'entity-not-found': [
    { ...trail, entity },
    { ...trail, entity, renamed: { status: 301, id: '2001' } },
    { ...trail, entity, renamed: { status: 301, id: undefined } }
  ],
  'entity-unsupported': [{ ...trail, entity, type: quote('Bot') }],
  'entity-mismatch': [{ ...trail, entity: quote('hubot'), entityId: '1002', patUser, patUserId: '1001' }],
  'members-permission-missing': [
    { ...trail, entity, patUser, pat: 'classic' },
    { ...trail, entity, patUser, pat: 'fine-grained' },
    { ...trail, entity, patUser, pat: 'classic', required, scopes: quote('repo'), hasLeastScope: false },
    { ...trail, entity, patUser, pat: 'classic', required, scopes: quote('read:org'), hasLeastScope: true },
    { ...trail, entity, patUser, pat: 'fine-grained', required: quote('members=read') },
    { ...trail, entity, patUser, pat: 'fine-grained', required: quote('members=write') }
  ],
  'not-a-member': [
    { ...trail, entity, patUser, pat: 'classic' },
    { ...trail, entity, patUser, pat: 'fine-grained' },
    { ...trail, entity, patUser, pat: 'classic', scopes: quote(''), hasLeastScope: false }
  ],
  'membership-pending': [{ ...trail, entity, patUser }],
  'not-an-admin': [{ ...trail, entity, patUser, role: quote('billing_manager') }],
  'sso-required': [trail, { ...trail, url: quote('https://github.com/orgs/Acme-Labs/sso?authorization_request=A1') }],
  'policy-forbidden': [
    { ...trail, policy: 'oauth-app' },
    { ...trail, policy: 'classic' },
    { ...trail, policy: 'fine-grained' },
    { ...trail, policy: 'lifetime' },
    { ...trail, policy: 'ip-allow-list' },
    { ...trail, policy: 'suspended' }
  ],
  'github-rate-limited': [
    ...[trail, { ...trail, until }, { ...trail, isBeyond: true }],
    ...([
      { ...trail, limit: 'logins' },
      { ...trail, limit: 'logins', until }
    ] as const)
  ],
  'github-unavailable': [
    { ...trail, outage: 'network', phase: 'tcp', host, limitMs, detail: 'ECONNREFUSED' },
    { ...trail, outage: 'network', phase: 'name', host, limitMs, detail: 'ENOTFOUND' },
    { ...trail, outage: 'network', phase: 'tls', host, proxyHost, limitMs, detail: 'ECONNRESET' },
    { ...trail, outage: 'network', phase: 'http', host, limitMs, detail: 'ECONNRESET' },
    { ...trail, outage: 'deadline', phase: 'name', host, limitMs },
    { ...trail, outage: 'deadline', phase: 'http', host, limitMs },
    { ...trail, outage: 'deadline', phase: 'tls', host, proxyHost, limitMs },
    { ...trail, outage: 'budget', phase: 'http', host, limitMs },
    { ...trail, outage: 'budget', phase: 'tls', host, proxyHost, limitMs },
    { ...trail, outage: 'status', phase: 'http', host, limitMs, detail: 'HTTP 503', until },
    { ...trail, outage: 'status', phase: 'http', host, limitMs, detail: 'HTTP 502' }
  ],
  'github-unexpected': [
    { ...trail, surprise: 'status', asked: 'the entity', status: 418 },
    { ...trail, surprise: 'redirect', asked: 'the entity', status: 302, location: quote('https://else.example/') },
    { ...trail, surprise: 'redirect', asked: 'the entity', status: 302 },
    { ...trail, surprise: 'api-version', asked: 'the entity', status: 400, detail: '2022-11-28' },
    { ...trail, surprise: 'not-described', asked: 'the entity', status: 200 },
    { attempts: 1, surprise: 'not-described', asked: 'the entity' },
    { ...trail, surprise: 'ids-contradict', asked: 'the membership', status: 200 },
    { ...trail, surprise: 'other-login', asked: 'the entity', status: 200 },
    { ...trail, surprise: 'refused', asked: 'the entity', status: 403 },
    { ...trail, surprise: 'foreign', asked: 'the entity', status: 401, host },
    { ...trail, surprise: 'head-too-large', asked: '/user', host, detail: 'HPE_HEADER_OVERFLOW' },
    { ...trail, surprise: 'not-http', asked: '/user', host, detail: 'HPE_INVALID_CONSTANT' },
    { ...trail, surprise: 'client-certificate', asked: '/user', host },
    { ...trail, surprise: 'handshake-refused', asked: '/user', host }
  ],
  'vaunt-refused': [
    { ...trail, entity, status: 403, asked: 'the contributors card of Acme-Labs/anvil' },
    { ...trail, entity, status: 401 }
  ],
  'vaunt-entity-unknown': [
    { ...trail, entity, repository: quote('anvil') },
    { ...trail, entity, repository: quote('anvil'), address: quote('https://vaunt.example') },
    { ...trail, entity },
    { ...trail, entity, address: quote('https://vaunt.example') }
  ],
  'vaunt-rate-limited': [trail, { ...trail, until }],
  'vaunt-unavailable': [
    { ...trail, outage: 'network', phase: 'tcp', host, limitMs },
    { ...trail, outage: 'deadline', phase: 'name', host, limitMs },
    { ...trail, outage: 'deadline', phase: 'http', host, limitMs },
    { ...trail, outage: 'budget', phase: 'http', host, limitMs },
    { ...trail, outage: 'status', phase: 'http', host, limitMs, detail: 'HTTP 500' }
  ],
  'vaunt-unexpected': [
    { ...trail, surprise: 'too-large', asked: '/v1/token', limitBytes: 1_048_576 },
    { ...trail, surprise: 'undecodable', asked: '/v1/token', status: 200 },
    { ...trail, surprise: 'not-json', asked: 'a token', status: 200 },
    { ...trail, surprise: 'no-token', asked: 'a token', status: 200 },
    { ...trail, surprise: 'not-a-jwt', asked: 'a token' },
    { ...trail, surprise: 'unsigned', asked: 'a token', detail: 'alg none' },
    { attempts: 1, surprise: 'secret', asked: 'the card', status: 200 }
  ],
  'token-expired': [
    { ...trail, expiredAt: until, time: later, isVaunts: true },
    { ...trail, expiredAt: until, time: later, isVaunts: false }
  ],
  'tls-untrusted': [
    ...(['unset', 'unreadable', 'no-pem', 'loaded'] as const).map(extraCa => ({
      ...({ fault: 'unknown-issuer', host, isProxy: false, detail: 'SELF_SIGNED_CERT_IN_CHAIN' } as const),
      extraCa
    })),
    { fault: 'unknown-issuer', host: proxyHost, isProxy: true, detail: 'SELF_SIGNED_CERT_IN_CHAIN', extraCa: 'unset' },
    { fault: 'expired', host, isProxy: false, detail: 'CERT_HAS_EXPIRED', extraCa: 'unset' },
    { fault: 'expired', host, isProxy: false, detail: 'CERT_HAS_EXPIRED', extraCa: 'loaded', attempts: 2 },
    { fault: 'not-yet-valid', host, isProxy: false, detail: 'CERT_NOT_YET_VALID', extraCa: 'unset' },
    { fault: 'wrong-host', host, isProxy: false, detail: 'ERR_TLS_CERT_ALTNAME_INVALID', extraCa: 'unset' },
    { fault: 'weak', host, isProxy: false, detail: 'UNSPECIFIED: EE certificate key too weak', extraCa: 'unset' },
    { fault: 'invalid', host: proxyHost, isProxy: true, detail: 'INVALID_PURPOSE', extraCa: 'unset' },
    { fault: 'invalid', host, isProxy: false, detail: 'INVALID_PURPOSE', extraCa: 'loaded' }
  ],
  'proxy-failed': [
    { fault: 'unusable-url', host, attempts: 1 },
    { fault: 'socks', variable: 'HTTPS_PROXY', host, attempts: 1 },
    { fault: 'all-proxy', variable: 'ALL_PROXY', host, attempts: 1 },
    { fault: 'unsupported-node', host, attempts: 1, detail: 'Node.js 24.4.0' },
    { fault: 'unreachable', host, proxyHost, attempts: 3, detail: 'ECONNREFUSED' },
    { fault: 'refused', host, proxyHost, attempts: 1, detail: 'HTTP 403' },
    { fault: 'in-clear', host, proxyHost, attempts: 1, detail: 'EPROTO: wrong version number' },
    { fault: 'no-tls', host, proxyHost, attempts: 3, detail: 'ECONNRESET' },
    { fault: 'not-http', host, proxyHost, attempts: 1, detail: 'HPE_INVALID_CONSTANT' },
    { fault: 'credentials-missing', host, proxyHost, attempts: 1, detail: 'HTTP 407' },
    { fault: 'credentials-wrong', host, proxyHost, attempts: 1, detail: 'HTTP 407' },
    { fault: 'no-tunnel', host, proxyHost, attempts: 2 }
  ],
  'seal-key-invalid': [{ empty: true }, { empty: false }],
  'sealed-token-missing': [{ reason: 'unknown' }, { reason: 'fork' }, { reason: 'dependabot' }],
  'sealed-token-invalid': [{ fault: 'not-sealed' }, { fault: 'undecryptable' }, { fault: 'elsewhere' }],
  'sealed-token-expired': [{ expiredAt: until, now: later }],
  'token-ambiguous': [{ given: ['pat', 'token'] }, { given: ['pat', 'token', 'sealed-token'] }],
  'token-malformed': [{ fault: 'pat' }, { fault: 'not-a-jwt' }],
  'step-input-invalid': (['repository', 'limit', 'path', 'branch', 'pull-request', 'pull-request-branch'] as const).map(
    input => ({
      input,
      value: quote('what was given')
    })
  ),
  'card-unsafe': [{ fault: 'not-svg' }, { fault: 'not-well-formed' }, { fault: 'active', found: quote('<script>') }],
  'card-path-unusable': (['folder', 'file', 'link', 'submodule', 'letter-case'] as const).map(fault => ({
    fault,
    path: quote('docs/card.svg'),
    branch: quote('main'),
    found: quote('docs')
  })),
  'commit-forbidden': (
    ['no-token', 'malformed', 'token', 'permission', 'not-found', 'archived', 'no-branch', 'unknown'] as const
  ).map(fault => ({
    attempts: 1,
    words: fault === 'unknown' ? trail.words : undefined,
    fault,
    repository: quote('Acme-Labs/anvil'),
    branch: fault === 'no-branch' ? quote('main') : undefined
  })),
  'commit-refused': (['pull-request', 'signature', 'checks', 'protected', 'unknown'] as const).map(fault => ({
    ...trail,
    fault,
    branch: quote('main')
  })),
  'branch-busy': [{ branch: quote('main'), attempts: 14, seconds: 180 }],
  'pull-request-forbidden': (['setting', 'permission', 'unknown'] as const).map(fault => ({
    ...trail,
    fault,
    repository: quote('Acme-Labs/anvil')
  })),
  internal: [{ kind: quote('TypeError ENOSPC'), place: quote('attest, index.js:120; run, index.js:40') }]
}

/** The codes of the contract, in its order. */
const CODES = Object.keys(EXAMPLES) as Code[]

/** All failures of one code. */
function failuresOf(code: Code): ActionError[] {
  return EXAMPLES[code].map(facts => ActionError.of(code, facts))
}

/** All texts of one code. */
function textsOf(code: Code): string[] {
  return failuresOf(code).map(failure => textOf(failure, GUIDE))
}

const ALL_TEXTS = CODES.flatMap(code => textsOf(code).map(text => [code, text] as const))

const ALL_FAILURES = CODES.flatMap(code => failuresOf(code).map(failure => [code, failure] as const))

/** Before the bracket. Nobody reads more in an annotation. */
const MAX_WORDS = 70

function text<C extends Code>(code: C, facts: Facts[C]): string {
  return textOf(ActionError.of(code, facts), GUIDE)
}

describe('every failure', () => {
  test.each(CODES)('%s is worded as reviewed', code => {
    expect(textsOf(code)).toMatchSnapshot()
  })

  test.each(ALL_TEXTS)('%s: a text that one annotation can hold, without a word that is no word', (_, described) => {
    expect(described).not.toMatch(/undefined|\[object|NaN|null| {2}|\.\./)
    // One annotation holds 4096 characters, and a line break would end it.
    expect(described.length).toBeLessThan(1_500)
    expect(described).not.toMatch(/[\r\n]/)
  })

  test.each(ALL_FAILURES)(
    '%s: what happened, what to do, the details in one bracket, the code, the link',
    (code, error) => {
      const details = error.details === '' ? '' : ` (${error.details})`
      expect(textOf(error, GUIDE)).toBe(`${error.message} ${error.remedy}${details} [${code}] ${GUIDE}#${code}`)
      for (const sentences of [error.message, error.remedy]) expect(sentences).toMatch(/^[A-Z].*\.$/)
      expect(error.details).not.toMatch(/[()]|[.;]$/)
      expect(`${error.message} ${error.remedy}`.split(' ').length).toBeLessThanOrEqual(MAX_WORDS)
    }
  )

  test.each(ALL_TEXTS)('%s: in the words of the style sheet', (_, described) => {
    expect(described).not.toMatch(/white space|user name|upper or lower case|Request id|attempts were made|\bid \d/)
    expect(described).not.toMatch(/\b[Tt]he input |status \d{3}|\(\d{3}\)|\b(?:says|knows|demands|wants)\b/)
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
    expect(error.remedy).toContain('Regenerate it')
    expect(`${error.message} ${error.remedy} ${error.details} ${textOf(error, GUIDE)}`).not.toContain(
      'not for printing'
    )
  })
})

describe('the evidence', () => {
  /** The codes whose facts hold what the server said. */
  const WITH_TRAIL = CODES.filter(code => textsOf(code).some(described => described.includes('C0DE:1A2B')))
  test('stands in the details of every failure that an answer led to', () => {
    expect(WITH_TRAIL).toEqual([
      'pat-missing',
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
      'token-expired',
      'commit-refused',
      'pull-request-forbidden'
    ])
  })

  test.each(
    WITH_TRAIL.map(code => [code, /^vaunt|^token-expired$|^pat-missing$/.test(code) ? 'Vaunt' : 'GitHub'] as const)
  )('%s: words of %s, request ID, attempts', (code, service) => {
    const told = failuresOf(code).filter(({ details }) => details.includes('C0DE:1A2B'))
    expect(told.length).toBeGreaterThan(0)
    for (const { message, details } of told) {
      // Where the words are the message, the details don't repeat them.
      const isMessage = message.includes('"The words of the server"')
      const speaker = message.startsWith('Something other') ? 'response' : service
      expect(details).toBe(
        `${isMessage ? '' : `${speaker}: "The words of the server"; `}request ID C0DE:1A2B; 3 attempts`
      )
    }
  })

  test('is left out where there is none, and one attempt is not counted', () => {
    const detailsOf = <C extends Code>(code: C, facts: Facts[C]): string => ActionError.of(code, facts).details
    expect(detailsOf('pat-rejected', { attempts: 1 })).toBe('')
    expect(text('pat-rejected', { attempts: 1 })).not.toContain('()')
    expect(detailsOf('pat-rejected', { attempts: 2 })).toBe('2 attempts')
    expect(detailsOf('pat-rejected', { attempts: 1, words: quote('') })).toBe('')
    expect(detailsOf('pat-unsupported', { evidence: 'answer' })).toBe('')
    expect(detailsOf('proxy-failed', { fault: 'unreachable', host, attempts: 1 })).toBe('')
    expect(detailsOf('proxy-failed', { fault: 'unreachable', host, attempts: 2 })).toBe('2 attempts')
  })
})

describe('what a message must name', () => {
  test('a mismatch: both users with their ids', () => {
    const [described = ''] = textsOf('entity-mismatch')
    for (const named of ['Mona (ID 1001)', 'hubot (ID 1002)']) expect(described).toContain(named)
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
    expect(fineGrained).toContain("resource owner isn't Acme-Labs")
    expect(fineGrained).toContain('set Members to Read-only')
    expect(fineGrained).not.toContain('read:org')
  })

  test('no membership: both causes for a fine-grained PAT, one for a classic PAT', () => {
    const [classic = '', fineGrained = ''] = textsOf('not-a-member')
    expect(classic).not.toMatch(/resource owner/i)
    expect(fineGrained).toContain("isn't a member, or this fine-grained PAT's resource owner isn't Acme-Labs")
  })

  test('a run of a fork or of Dependabot: the reason first of all', () => {
    for (const code of ['pat-missing', 'sealed-token-missing'] as const) {
      const [unknown = '', fork = '', dependabot = ''] = textsOf(code)
      expect(unknown).toMatch(/^(?:No GitHub personal access token|Input 'seal-key' is set)/)
      expect(fork).toMatch(/^This run comes from a pull request from a fork/)
      expect(dependabot).toMatch(/^This run was started by Dependabot/)
    }
    expect(textsOf('pat-missing')[2]).toContain('a Dependabot secret with the same name')
  })

  test('an invalid seal key: the command that makes one', () => {
    expect(text('seal-key-invalid', { empty: false })).toContain('`openssl rand -base64 32`')
  })

  test('a certificate: what to set, unless it would not help', () => {
    const facts = { host, isProxy: false, detail: 'X', extraCa: 'unset' } as const
    expect(text('tls-untrusted', { ...facts, fault: 'unknown-issuer' })).toContain('Set NODE_EXTRA_CA_CERTS to a file')
    expect(text('tls-untrusted', { ...facts, fault: 'not-yet-valid' })).not.toContain('NODE_EXTRA_CA_CERTS')
    expect(text('tls-untrusted', { ...facts, fault: 'expired' })).not.toContain('proxy')
    expect(text('tls-untrusted', { ...facts, fault: 'expired', host: proxyHost, isProxy: true })).toContain(
      'of the proxy proxy.example:3128 has expired (X)'
    )
  })

  test.each([
    ['unreadable', "Node.js ignored it because its file is missing or can't be read"],
    ['no-pem', "Node.js ignored it because its file isn't a certificate in PEM format"],
    ['loaded', 'none of the CA certificates in its file signed this one']
  ] as const)('a certificate of a CA, when NODE_EXTRA_CA_CERTS is set and %s', (extraCa, told) => {
    const described = text('tls-untrusted', { fault: 'unknown-issuer', host, isProxy: false, detail: 'X', extraCa })
    expect(described).toContain(`NODE_EXTRA_CA_CERTS is set, but ${told}`)
    expect(described).not.toContain('Set NODE_EXTRA_CA_CERTS to a file')
  })

  test("a refusal in words that we do not know: GitHub's own, and no guess", () => {
    const described = text('github-unexpected', { ...trail, surprise: 'refused', asked: 'the entity', status: 403 })
    expect(described).toMatch(/^GitHub refused the request for the entity \(HTTP 403\): "The words of the server"\./)
    expect(described).not.toMatch(/GitHub: "|proxy|login page|report/)
  })

  test('a limit: when to come back, if that is known', () => {
    for (const service of ['github', 'vaunt'] as const) {
      expect(text(`${service}-rate-limited`, { attempts: 1, until })).toContain('until 2026-11-23T18:00:00.000Z.')
      expect(text(`${service}-rate-limited`, { attempts: 1 })).not.toContain('until')
    }
  })

  test('an outage: the input, and where to turn: GitHub has a status page, Vaunt has none', () => {
    const facts = { attempts: 1, outage: 'network', phase: 'tcp', host, limitMs } as const
    expect(text('github-unavailable', facts)).toContain('github-api-url')
    expect(text('vaunt-unavailable', facts)).toContain('vaunt-api-url')
    expect(text('github-unavailable', { ...facts, outage: 'status' })).toContain('https://www.githubstatus.com')
    expect(text('vaunt-unavailable', { ...facts, outage: 'status' })).toContain('Vaunt support')
    for (const described of textsOf('vaunt-unavailable')) expect(described).not.toContain('https://vaunt.dev')
  })
})
