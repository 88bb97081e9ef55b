// Names the failure of a request that got no complete response, by the phase in which it failed and the type of error, not by a list of all codes.

import { CertificateRejected, TunnelRefused } from './connection.ts'
import type { Progress } from './connection.ts'
import { ActionError } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'
import type { CertificateFault, ExtraCa, ProxyFault } from '../errors/messages/network.ts'
import type { Phase, Surprise } from '../errors/messages/services.ts'
import type { Service } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** An attempt without a complete response. */
export interface Broken {
  readonly broken: 'connection' | 'deadline'
  /** How far the connection had come. */
  readonly progress: Pick<Progress, 'phase' | 'atProxy'>
  readonly error?: NodeJS.ErrnoException
  /** The headers of the incomplete response, if they arrived. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A failed attempt. */
export interface Failure {
  /** Why a retry can help, in the action's own words; undefined if it can't. */
  readonly retryReason?: string
  /** The wait that the server requests, in milliseconds. */
  readonly waitMs?: number | undefined
  readonly isRateLimit: boolean
  /** Creates the failure, if there is no other attempt. */
  readonly error: (circumstances: Circumstances) => ActionError
}

export interface Circumstances {
  /** The number of attempts. */
  readonly attempts: number
  /** Whether the time of the whole action is over. */
  readonly late: boolean
  /** The time of day, in milliseconds since the epoch. */
  readonly now: number
}

/** Where a request went, fit to print, and what else its failure may depend on. */
export interface Request {
  readonly service: Service
  readonly path: Quoted
  readonly host: Quoted
  readonly proxyHost: Quoted | undefined
  /** Whether the proxy's URL has a username or a password. */
  readonly hasCredentials: boolean
  readonly limits: { readonly actionMs: number; readonly bodyBytes: number }
  readonly quote: (raw: string) => Quoted
  /** Says whether Node.js could use NODE_EXTRA_CA_CERTS; called only if a certificate isn't trusted. */
  readonly extraCa: () => ExtraCa
}

/** Tells whether a certificate was rejected only because its issuer isn't trusted. */
export function isUnknownIssuer({ error }: Pick<Broken, 'error'>): boolean {
  return certificateFault(error) === 'unknown-issuer'
}

/** Names the failure of an attempt without a complete response. */
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

/** Returns the request ID in a response, from GitHub or from any other server. */
export function requestIdIn(
  headers: Readonly<Record<string, string>>,
  quote: (raw: string) => Quoted
): Quoted | undefined {
  const id = headers['x-github-request-id'] ?? headers['x-request-id']
  return id ? quote(id) : undefined
}

/** Tells whether a status is temporary: 408 and every 5xx, except 501, 505, and 511, which is a login page. */
export function isOutage(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600 && ![501, 505, 511].includes(status))
}

/** Returns the error code of a kind of failure for a service. */
export function named<K extends 'rate-limited' | 'unavailable' | 'unexpected'>(
  service: Service,
  kind: K
): `github-${K}` | `vaunt-${K}` {
  return service === 'GitHub' ? `github-${kind}` : `vaunt-${kind}`
}

/** Recognizes a server that responded, but not as the service does. A retry wouldn't help. */
function surpriseIn({ progress, error }: Broken): Surprise | undefined {
  if (error?.code === 'HPE_HEADER_OVERFLOW') return 'head-too-large'
  // Node.js uses HPE_INVALID_EOF_STATE for a connection that was closed too early.
  if (error?.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') return 'not-http'
  const reason = opensslReason(error)
  if (reason === undefined || reason.includes('alert internal error')) return undefined
  if (reason.includes('certificate required')) return 'client-certificate'
  // Before TLS 1.3, a server that requires a client certificate sends only one of these alerts.
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

/** Tells whether OpenSSL received bytes that aren't TLS. */
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

/** Says what is wrong with a certificate; undefined if the error isn't about a certificate. */
function certificateFault(error: Broken['error']): CertificateFault | undefined {
  const known = CERTIFICATE_FAULTS.get(error?.code)
  if (known || !(error instanceof CertificateRejected)) return known
  return /too weak|too small/i.test(error.message) ? 'weak' : 'invalid'
}

/** Returns Node's code; if it is unspecific, also OpenSSL's words. */
function certificateDetail(error: Broken['error']): string {
  const code = nodeCode(error)
  return code === 'UNSPECIFIED' && isPlain(error?.message) ? `${code}: ${error?.message ?? ''}` : code
}

/** Returns Node's code of a network error, or OpenSSL's reason. Both come from their source code, never from a server. */
function nodeCode(error: Broken['error']): string {
  const reason = opensslReason(error)
  if (reason !== undefined) return `EPROTO: ${reason}`
  const code = String(error?.code)
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'connection closed'
}

/** Returns OpenSSL's reason for a TLS error; undefined for any other error. */
function opensslReason(error: Broken['error']): string | undefined {
  const reason = property(error, 'library') === 'SSL routines' ? property(error, 'reason') : undefined
  return typeof reason === 'string' && isPlain(reason) ? reason : undefined
}

/** Tells whether a text can be from OpenSSL's table of reasons. */
function isPlain(text: string | undefined): boolean {
  return /^[\w '/-]{1,80}$/.test(text ?? '')
}
