// Tests how the failure of a connection is named: by the phase in which it failed, and by the type of error.

import { describe, expect, test } from '@jest/globals'
import { CertificateRejected, TunnelRefused } from '../../src/network/connection.ts'
import { brokenOff, isOutage } from '../../src/network/failure.ts'
import type { Broken, Request } from '../../src/network/failure.ts'
import type { ExtraCa } from '../../src/errors/messages/network.ts'
import type { Phase } from '../../src/errors/messages/services.ts'
import { CERTIFICATE_CODES, quote } from '../support/failures.ts'

function request(changes: Partial<Request> = {}): Request {
  return {
    service: 'GitHub',
    path: quote('/user'),
    host: quote('api.example'),
    proxyHost: undefined,
    hasCredentials: false,
    limits: { actionMs: 60_000, bodyBytes: 1_048_576 },
    quote,
    extraCa: () => 'unset',
    ...changes
  }
}

const proxied = request({ proxyHost: quote('proxy.example:3128') })

interface Told {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly retried: boolean
}

function told(broken: Broken, asked = request(), late = false): Told {
  const failure = brokenOff(broken, asked)
  const { code, message, remedy } = failure.error({ attempts: 1, late, now: 0 })
  return { code, message, remedy, retried: failure.retryReason !== undefined }
}

function failed(phase: Phase, error: Error, atProxy = false): Broken {
  return { broken: 'connection', progress: { phase, atProxy }, error }
}

function system(code: string): Error {
  return Object.assign(new Error('LOUDFAKE'), { code })
}

function openssl(reason: string): Error {
  return Object.assign(new Error('LOUDFAKE'), { code: 'ERR_SSL_X', library: 'SSL routines', reason })
}

describe('a phase', () => {
  test.each<[Phase, string, string]>([
    ['name', 'ENOTFOUND', 'the hostname could not be resolved'],
    ['name', 'EAI_AGAIN', 'the hostname could not be resolved'],
    ['tcp', 'ECONNREFUSED', 'no connection could be opened'],
    ['tcp', 'EHOSTUNREACH', 'no connection could be opened'],
    ['tls', 'ECONNRESET', 'the TLS handshake failed'],
    ['http', 'ECONNRESET', 'the connection closed before the complete response arrived'],
    ['http', 'EPIPE', 'the connection closed before the complete response arrived']
  ])('%s, with %s: unavailable, and asked again', (phase, code, words) => {
    expect(told(failed(phase, system(code)))).toMatchObject({
      code: 'github-unavailable',
      message: `The request to GitHub at api.example failed: ${words} (${code}).`,
      retried: true
    })
  })

  test.each<[Phase, string]>([
    ['name', ": the DNS lookup didn't finish"],
    ['tcp', ': no connection could be opened'],
    ['tls', ": the TLS handshake didn't finish"],
    ['http', '']
  ])('%s, in which the time was up', (phase, words) => {
    const broken: Broken = { broken: 'deadline', progress: { phase, atProxy: false } }
    expect(told(broken).message).toBe(`GitHub (api.example) didn't respond in time${words}.`)
    expect(told(broken, request(), true).message).toBe(
      `GitHub (api.example) didn't respond within this action's 60-second limit${words}.`
    )
  })

  test('of TLS behind a proxy names the proxy, but does not blame it', () => {
    const { code, message } = told(failed('tls', system('ECONNRESET')), proxied)
    expect(code).toBe('github-unavailable')
    expect(message).toContain('through the proxy proxy.example:3128 failed: the TLS handshake failed')
  })
})

describe('what was reached, and is no service of ours, is not asked again', () => {
  test.each([
    ['HPE_INVALID_CONSTANT', 'sent an invalid HTTP response'],
    ['HPE_INVALID_CHUNK_SIZE', 'sent an invalid HTTP response'],
    ['HPE_NEW_IN_A_LATER_NODE', 'sent an invalid HTTP response'],
    ['HPE_HEADER_OVERFLOW', 'headers that are too large']
  ])('%s', (code, words) => {
    const { message, ...others } = told(failed('http', system(code)))
    expect(others).toMatchObject({ code: 'github-unexpected', retried: false })
    expect(message).toContain(words)
    expect(message).toContain(code)
  })

  test('but a cut answer is', () => {
    expect(told(failed('http', system('HPE_INVALID_EOF_STATE')))).toMatchObject({
      code: 'github-unavailable',
      retried: true
    })
  })

  test.each<[Phase, string, string]>([
    ['http', 'tlsv13 alert certificate required', 'requires a client certificate'],
    ['tls', 'ssl/tls alert handshake failure', 'The TLS handshake with api.example failed'],
    ['tls', 'tlsv1 alert protocol version', 'The TLS handshake with api.example failed'],
    ['tls', 'unsafe legacy renegotiation disabled', 'The TLS handshake with api.example failed'],
    ['tls', 'dh key too small', 'The TLS handshake with api.example failed'],
    ['tls', 'tlsv1 alert of a kind that comes later', 'The TLS handshake with api.example failed']
  ])('in %s: %s', (phase, reason, words) => {
    const { message, ...others } = told(failed(phase, openssl(reason)))
    expect(others).toMatchObject({ code: 'github-unexpected', retried: false })
    expect(message).toContain(words)
    expect(message).toContain(`EPROTO: ${reason}`)
  })

  test('while a server that has trouble with itself, or speaks no TLS, may get over it', () => {
    for (const reason of ['tlsv1 alert internal error', 'wrong version number']) {
      expect(told(failed('tls', openssl(reason)))).toMatchObject({ code: 'github-unavailable', retried: true })
    }
  })
})

describe('a certificate', () => {
  test.each([
    [
      'UNSPECIFIED',
      'EE certificate key too weak',
      'has a key or signature that is too weak',
      '(UNSPECIFIED: EE certificate key too weak)'
    ],
    [
      'UNSPECIFIED',
      'CA signature digest algorithm too weak',
      'has a key or signature that is too weak',
      'digest algorithm too weak)'
    ],
    ['SOMETHING_NEW', 'of a kind that nobody knows', "isn't valid", '(SOMETHING_NEW)'],
    ['CERT_HAS_EXPIRED', 'x', 'has expired', '(CERT_HAS_EXPIRED)'],
    ['UNSPECIFIED', '::add-mask::x', "isn't valid", '(UNSPECIFIED)']
  ])('%s, %s: by its nature, whatever the code', (code, message, fault, detail) => {
    const rejected = new CertificateRejected(Object.assign(new Error(message), { code }))
    for (const asked of [request(), proxied]) {
      const described = told(failed('tls', rejected), asked)
      expect(described).toMatchObject({ code: 'tls-untrusted', retried: false })
      expect(described.message).toContain(`The TLS certificate of api.example ${fault}`)
      expect(described.message).toContain(detail)
    }
  })

  test('of the proxy is said to be the proxy’s', () => {
    const rejected = new CertificateRejected(Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }))
    expect(told(failed('tls', rejected, true), proxied).message).toContain(
      'The TLS certificate of the proxy proxy.example:3128 has expired'
    )
  })

  test.each<ExtraCa>(['unset', 'unreadable', 'no-pem', 'loaded'])(
    'says what NODE_EXTRA_CA_CERTS comes to: %s',
    extraCa => {
      const rejected = new CertificateRejected(Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }))
      const { remedy } = told(failed('tls', rejected), request({ extraCa: () => extraCa }))
      expect(remedy.includes('NODE_EXTRA_CA_CERTS is set, but')).toBe(extraCa !== 'unset')
    }
  )
})

describe('the codes that Node has for certificates', () => {
  test.each(CERTIFICATE_CODES)('%s: %s', (code, fault) => {
    expect(told(failed('tls', system(code)))).toMatchObject({
      code: 'tls-untrusted',
      message: `The TLS certificate of api.example ${fault} (${code}), so nothing was sent to it.`,
      retried: false
    })
  })
})

describe('the reason of a further attempt', () => {
  test.each<[Broken, string]>([
    [failed('tcp', system('ECONNREFUSED')), 'ECONNREFUSED'],
    [{ broken: 'deadline', progress: { phase: 'http', atProxy: false } }, 'no complete response in time'],
    [{ broken: 'connection', progress: { phase: 'http', atProxy: false } }, 'connection closed'],
    [failed('tcp', system('x ECONNREFUSED')), 'connection closed'],
    [failed('tcp', system('ECONNREFUSED x')), 'connection closed'],
    [failed('tls', openssl('wrong version number')), 'EPROTO: wrong version number'],
    [failed('tls', openssl('::add-mask::x')), 'ERR_SSL_X'],
    [failed('tls', Object.assign(new Error('x'), { code: 'EPROTO', library: 'else', reason: 'LOUDFAKE' })), 'EPROTO'],
    [failed('tls', Object.assign(new Error('x'), { code: 'EPROTO', library: 'SSL routines', reason: 7 })), 'EPROTO']
  ])('%#', (broken, reason) => {
    expect(brokenOff(broken, request())).toMatchObject({ retryReason: reason, isRateLimit: false })
  })

  test('is never the rate limit’s', () => {
    for (const broken of [
      failed('http', system('HPE_INVALID_CONSTANT')),
      failed('tls', system('CERT_HAS_EXPIRED')),
      failed('tcp', system('ECONNREFUSED'), true)
    ]) {
      expect(brokenOff(broken, proxied).isRateLimit).toBe(false)
    }
  })

  test('is told for Vaunt under its own code', () => {
    const vaunt = request({ service: 'Vaunt' })
    expect(told(failed('tcp', system('ECONNREFUSED')), vaunt).code).toBe('vaunt-unavailable')
    const { code, message } = told(failed('http', system('HPE_INVALID_CONSTANT')), vaunt)
    expect([code, message.includes('when the action requested /user.')]).toEqual(['vaunt-unexpected', true])
  })
})

describe('a proxy', () => {
  test.each<[string, Broken, boolean, string]>([
    [
      'hangs in TLS',
      { broken: 'deadline', progress: { phase: 'tls', atProxy: true } },
      true,
      "didn't respond during the TLS handshake, so"
    ],
    ['is not there', failed('tcp', system('ECONNREFUSED'), true), true, "couldn't be reached (ECONNREFUSED)"],
    ['has no name', failed('name', system('ENOTFOUND'), true), true, "couldn't be reached (ENOTFOUND)"],
    ['is in clear', failed('tls', openssl('wrong version number'), true), false, "doesn't use TLS"],
    [
      'breaks TLS off',
      failed('tls', system('ECONNRESET'), true),
      true,
      'closed the connection during the TLS handshake'
    ],
    ['speaks no HTTP', failed('tunnel', system('HPE_INVALID_CONSTANT'), true), false, "isn't HTTP"],
    ['hangs up', failed('tunnel', system('ECONNRESET'), true), true, "didn't open a connection to the host"],
    ['refuses', failed('tunnel', new TunnelRefused(403), true), false, 'refused the connection (HTTP 403)'],
    ['is busy', failed('tunnel', new TunnelRefused(503), true), true, 'refused the connection (HTTP 503)'],
    ['limits', failed('tunnel', new TunnelRefused(429), true), true, 'refused the connection (HTTP 429)'],
    ['wants a login page', failed('tunnel', new TunnelRefused(511), true), false, 'refused the connection (HTTP 511)']
  ])('that %s', (_, broken, retried, words) => {
    const described = told(broken, proxied)
    expect(described).toMatchObject({ code: 'proxy-failed', retried })
    expect(described.message).toContain(`The proxy proxy.example:3128 `)
    expect(described.message).toContain(words)
  })

  test.each([
    [false, 'requires a username and password, but its URL has none'],
    [true, 'rejected the username and password in its URL']
  ])('that answers 407, with credentials given: %s', (hasCredentials, words) => {
    const described = told(failed('tunnel', new TunnelRefused(407), true), { ...proxied, hasCredentials })
    expect(described.message).toContain(words)
    expect(described.message.match(/407/g)).toHaveLength(1)
    expect(described.remedy).toContain('only Basic')
    expect(described.retried).toBe(false)
  })
})

test.each([
  [408, true],
  [429, false],
  [499, false],
  [500, true],
  [501, false],
  [505, false],
  [511, false],
  [520, true],
  [599, true],
  [600, false]
])('%i passes: %s', (status, passes) => {
  expect(isOutage(status)).toBe(passes)
})
