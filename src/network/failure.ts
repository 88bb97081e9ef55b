// Owns what went wrong on the way, when no whole answer came: named by the phase it went wrong in and by the nature of the error, never by a list of all codes.

import { CertificateRejected, TunnelRefused } from './connection.ts'
import type { Progress } from './connection.ts'
import { ActionError } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'
import type { CertificateFault, ExtraCa, ProxyFault } from '../errors/messages/network.ts'
import type { Phase, Surprise } from '../errors/messages/services.ts'
import type { Service } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** No answer came, or not a whole one. */
export interface Broken {
  readonly broken: 'connection' | 'deadline'
  /** How far it had come. */
  readonly progress: Pick<Progress, 'phase' | 'atProxy'>
  readonly error?: NodeJS.ErrnoException
  /** Of the answer that had begun, if one had. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What an attempt failed with. */
export interface Failure {
  /** Why asking again can help, in our own words: a status, or Node's code of a network error; undefined when it cannot. */
  readonly retryReason?: string
  /** How long the server asks to wait, in milliseconds. */
  readonly waitMs?: number | undefined
  readonly isRateLimit: boolean
  /** The failure by its name, when no further attempt is made. */
  readonly error: (circumstances: Circumstances) => ActionError
}

export interface Circumstances {
  /** How many attempts were made. */
  readonly attempts: number
  /** Whether the time of the whole action is up. */
  readonly late: boolean
  /** The time of day, in milliseconds since the epoch. */
  readonly now: number
}

/** Where a request went, fit to print, and what else a failure of it may have to tell. */
export interface Request {
  readonly service: Service
  readonly path: Quoted
  readonly host: Quoted
  readonly proxyHost: Quoted | undefined
  /** Whether the proxy's address has a user or a password. */
  readonly hasCredentials: boolean
  readonly limits: { readonly actionMs: number; readonly bodyBytes: number }
  readonly quote: (raw: string) => Quoted
  /** What NODE_EXTRA_CA_CERTS comes to; asked only when a certificate is not trusted. */
  readonly extraCa: () => ExtraCa
}

/** Whether a certificate was not accepted only because nobody that is trusted issued it. */
export function isUnknownIssuer({ error }: Pick<Broken, 'error'>): boolean {
  return certificateFault(error) === 'unknown-issuer'
}

/** Names what broke off. */
export function brokenOff(outcome: Broken, request: Request): Failure {
  const { progress, error } = outcome
  const certificate = certificateFault(error)
  if (certificate) return untrusted(certificate, outcome, request)
  if (request.proxyHost && progress.atProxy) return proxyFailure(outcome, request)
  const surprise = surpriseIn(outcome)
  if (surprise) return surprising(surprise, outcome, request)
  const { service, host, proxyHost, limits, quote } = request
  const requestId = requestIdIn(outcome.headers ?? {}, quote)
  const isDeadline = outcome.broken === 'deadline'
  return {
    retryReason: reasonOf(outcome),
    isRateLimit: false,
    error: ({ attempts, late }) =>
      ActionError.of(
        named(service, 'unavailable'),
        {
          outage: !isDeadline ? 'network' : late ? 'budget' : 'deadline',
          phase: progress.phase,
          host,
          proxyHost,
          attempts,
          requestId,
          detail: isDeadline ? undefined : nodeCode(error),
          limitMs: limits.actionMs
        },
        error
      )
  }
}

/** GitHub's name for a request, or that of whatever answered. */
export function requestIdIn(
  headers: Readonly<Record<string, string>>,
  quote: (raw: string) => Quoted
): Quoted | undefined {
  const id = headers['x-github-request-id'] ?? headers['x-request-id']
  return id ? quote(id) : undefined
}

/** Whether a status stands for something that passes: 408, and every 5xx but those that do not pass: 501, 505, and 511, which is a login page. */
export function isOutage(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600 && ![501, 505, 511].includes(status))
}

/** The code of a kind of failure, for a service. */
export function named<K extends 'rate-limited' | 'unavailable' | 'unexpected'>(
  service: Service,
  kind: K
): `github-${K}` | `vaunt-${K}` {
  return service === 'GitHub' ? `github-${kind}` : `vaunt-${kind}`
}

/** Something was reached and spoke, but not as a service of ours does. It would do so again. */
function surpriseIn({ progress, error }: Broken): Surprise | undefined {
  if (error?.code === 'HPE_HEADER_OVERFLOW') return 'head-too-large'
  // The one that stands for a connection that was cut.
  if (error?.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') return 'not-http'
  const reason = opensslReason(error)
  if (reason === undefined || reason.includes('alert internal error')) return undefined
  if (reason.includes('certificate required')) return 'client-certificate'
  // Before TLS 1.3 a server that misses a certificate says no more than this.
  if (/alert (?:handshake failure|bad certificate|certificate unknown)/.test(reason)) return 'handshake-refused'
  return / alert |unsupported|disabled|too small|no protocols/.test(reason) && progress.phase === 'tls'
    ? 'handshake-refused'
    : undefined
}

function surprising(surprise: Surprise, { error }: Broken, request: Request): Failure {
  const { service, host, path } = request
  return {
    isRateLimit: false,
    error: ({ attempts }) =>
      ActionError.of(
        named(service, 'unexpected'),
        { surprise, asked: `${path}`, attempts, host, detail: nodeCode(error) },
        error
      )
  }
}

function untrusted(fault: CertificateFault, { progress, error }: Broken, request: Request): Failure {
  const { host, proxyHost, extraCa } = request
  return {
    isRateLimit: false,
    error: ({ attempts }) =>
      ActionError.of(
        'tls-untrusted',
        {
          fault,
          attempts,
          host: (progress.atProxy ? proxyHost : undefined) ?? host,
          isProxy: progress.atProxy,
          detail: certificateDetail(error),
          extraCa: extraCa()
        },
        error
      )
  }
}

function proxyFailure(outcome: Broken, request: Request): Failure {
  const { progress, error } = outcome
  const { host, proxyHost } = request
  const status = error instanceof TunnelRefused ? error.status : undefined
  const fault = status === undefined ? proxyFault(progress.phase, error) : refusalFault(status, request.hasCredentials)
  const isDeadline = outcome.broken === 'deadline'
  const detail = status !== undefined ? `HTTP ${status}` : isDeadline ? undefined : nodeCode(error)
  const mayRecover = status === undefined ? !PERMANENT_PROXY_FAULTS.has(fault) : status === 429 || isOutage(status)
  return {
    ...(mayRecover && { retryReason: reasonOf(outcome) }),
    isRateLimit: false,
    error: ({ attempts }) => ActionError.of('proxy-failed', { fault, proxyHost, host, attempts, detail }, error)
  }
}

function refusalFault(status: number, hasCredentials: boolean): ProxyFault {
  if (status !== 407) return 'refused'
  return hasCredentials ? 'credentials-wrong' : 'credentials-missing'
}

function proxyFault(phase: Phase, error: Broken['error']): ProxyFault {
  if (phase === 'name' || phase === 'tcp') return 'unreachable'
  if (phase === 'tls') return speaksNoTls(error) ? 'in-clear' : 'no-tls'
  return error?.code?.startsWith('HPE_') ? 'not-http' : 'no-tunnel'
}

const PERMANENT_PROXY_FAULTS: ReadonlySet<ProxyFault> = new Set(['in-clear', 'not-http'])

/** What OpenSSL makes of bytes that are no TLS. */
function speaksNoTls(error: Broken['error']): boolean {
  return /wrong version number|http request|packet length too long|record/.test(opensslReason(error) ?? '')
}

function reasonOf({ broken, error }: Broken): string {
  return broken === 'deadline' ? 'no complete response in time' : nodeCode(error)
}

const CERTIFICATE_FAULTS = new Map<string | undefined, CertificateFault>([
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-host'],
  ['HOSTNAME_MISMATCH', 'wrong-host'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-issuer'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unknown-issuer'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-issuer'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-issuer'],
  ['CERT_UNTRUSTED', 'unknown-issuer'],
  ['CERT_REJECTED', 'invalid'],
  ['CERT_REVOKED', 'invalid'],
  ['CERT_SIGNATURE_FAILURE', 'invalid'],
  ['CERT_CHAIN_TOO_LONG', 'invalid'],
  ['PATH_LENGTH_EXCEEDED', 'invalid'],
  ['INVALID_CA', 'invalid'],
  ['INVALID_PURPOSE', 'invalid'],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', 'invalid']
])

/** What is wrong with a certificate, when that is what the error is about; undefined for any other error. */
function certificateFault(error: Broken['error']): CertificateFault | undefined {
  const known = CERTIFICATE_FAULTS.get(error?.code)
  if (known || !(error instanceof CertificateRejected)) return known
  return /too weak|too small/i.test(error.message) ? 'weak' : 'invalid'
}

/** Node's code; where Node has none, the words of OpenSSL for it. */
function certificateDetail(error: Broken['error']): string {
  const code = nodeCode(error)
  return code === 'UNSPECIFIED' && isPlain(error?.message) ? `${code}: ${error?.message ?? ''}` : code
}

/** Node's own code of a network error, or OpenSSL's own reason: words that stand in their sources, never text from a server. */
function nodeCode(error: Broken['error']): string {
  const reason = opensslReason(error)
  if (reason !== undefined) return `EPROTO: ${reason}`
  const code = String(error?.code)
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'connection closed'
}

/** The reason of an error in TLS itself; undefined for any other error. */
function opensslReason(error: Broken['error']): string | undefined {
  const reason = property(error, 'library') === 'SSL routines' ? property(error, 'reason') : undefined
  return typeof reason === 'string' && isPlain(reason) ? reason : undefined
}

/** Words as they stand in a table of OpenSSL. */
function isPlain(text: string | undefined): boolean {
  return /^[\w '/-]{1,80}$/.test(text ?? '')
}
