// Owns what an attempt came to: an answer, or a failure that knows its name and whether asking again can help. Makes no request and waits for nothing.

import { TunnelRefused } from './agent.ts'
import type { Progress } from './agent.ts'
import { ActionError } from './errors.ts'
import { parseJson, property } from './json.ts'
import type { CertificateFault, ProxyFault, Service, Trail } from './messages.ts'
import type { Quoted } from './quoted.ts'

/** A whole answer: status, headers by lower-case name (several values joined by a comma), body. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** No answer came, or not a whole one. */
export interface Broken {
  readonly broken: 'connection' | 'deadline'
  /** How far it had come. */
  readonly progress: Pick<Progress, 'phase' | 'atProxy'>
  readonly error?: NodeJS.ErrnoException
}

/** The body was larger than it may be. */
export interface Oversized {
  readonly broken: 'size'
}

/** What one attempt ended in. */
export type Outcome = Received | Broken | Oversized

/** An answer that no further attempt can better: every status but those that are tried again. */
export interface Answer extends Received {
  /** What the body spells in JSON, whatever content type it claims; undefined when it is not JSON. */
  readonly json: unknown
  /** When the server says it answered, in milliseconds since the epoch. */
  readonly serverTime: number | undefined
  readonly trail: Trail
}

/** What an attempt failed with. */
export interface Failure {
  /** Why asking again can help, in our own words: a status, or Node's code of a network error; undefined when it cannot. */
  readonly retryReason?: string
  /** How long the server asks to wait, in milliseconds. */
  readonly waitMs?: number | undefined
  /** The failure by its name, when no further attempt is made. */
  readonly error: (circumstances: Circumstances) => ActionError
}

export interface Circumstances {
  /** How many attempts were made. */
  readonly attempts: number
  /** Whether the time of the whole action is up. */
  readonly late: boolean
}

/** Where a request went, fit to print, and the limits that it kept to. */
export interface Request {
  readonly service: Service
  readonly path: Quoted
  readonly host: Quoted
  readonly proxyHost: Quoted | undefined
  /** Whether the proxy has a certificate of its own. */
  readonly isProxySecure: boolean
  readonly limits: { readonly actionMs: number; readonly bodyBytes: number }
  readonly quote: (raw: string) => Quoted
}

export type Verdict = { readonly answer: Answer } | { readonly failure: Failure }

/**
 * Judges what an attempt ended in.
 *
 * @param now milliseconds since the epoch
 */
export function judge(outcome: Outcome, request: Request, now: number): Verdict {
  if ('status' in outcome) return judgeAnswer(outcome, request, now)
  return { failure: outcome.broken === 'size' ? oversized(request) : brokenOff(outcome, request) }
}

/** The words of an error body: GitHub's `message`, Vaunt's `error.message`, `error` or `message`; empty when there are none. */
export function messageIn(json: unknown): string {
  const error = property(json, 'error')
  const message = property(error, 'message') ?? property(json, 'message') ?? error
  return typeof message === 'string' ? message : ''
}

const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504])

function judgeAnswer(received: Received, request: Request, now: number): Verdict {
  const { status, headers } = received
  const json = parseJson(received.body)
  const evidence = evidenceIn(headers, json, request.quote)
  const marked = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined
  if (!RETRIED_STATUSES.has(status) && !(status === 403 && marked)) {
    const trail = { attempts: 1, ...evidence }
    return { answer: { ...received, json, serverTime: timeOf(headers['date']), trail } }
  }
  // A 403 is tried again only when it is marked as a rate limit.
  const isRateLimit = status === 429 || status === 403
  const waitMs = requestedWaitMs(headers, isRateLimit, now)
  const until = waitMs === undefined ? undefined : dateAt(now + waitMs)
  return {
    failure: {
      retryReason: `status ${status}`,
      waitMs,
      error: ({ attempts }) => {
        const facts = { attempts, ...evidence, until }
        if (isRateLimit) return ActionError.of(named(request.service, 'rate-limited'), facts)
        const { host, limits } = request
        return ActionError.of(named(request.service, 'unavailable'), {
          ...facts,
          outage: 'status',
          host,
          detail: `status ${status}`,
          limitMs: limits.actionMs
        })
      }
    }
  }
}

function named<K extends 'rate-limited' | 'unavailable' | 'unexpected'>(
  service: Service,
  kind: K
): `github-${K}` | `vaunt-${K}` {
  return service === 'GitHub' ? `github-${kind}` : `vaunt-${kind}`
}

/** What an answer tells for finding it again: the request id and the server's own words. */
function evidenceIn(headers: Received['headers'], json: unknown, quote: Request['quote']): Omit<Trail, 'attempts'> {
  const id = headers['x-github-request-id'] ?? headers['x-request-id']
  const words = messageIn(json)
  return { requestId: id ? quote(id) : undefined, words: words ? quote(words) : undefined }
}

/** How long to wait before asking again, from `retry-after` (seconds or a date), else from `x-ratelimit-reset` (epoch seconds). */
function requestedWaitMs(headers: Received['headers'], isRateLimit: boolean, now: number): number | undefined {
  // Times are compared on the server's own clock where it tells: the runner's may be wrong.
  const serverNow = timeOf(headers['date']) ?? now
  const seconds = wholeNumber(headers['retry-after'])
  if (seconds !== undefined) return seconds * 1000
  const comeBackAt = timeOf(headers['retry-after'])
  if (comeBackAt !== undefined) return Math.max(0, comeBackAt - serverNow)
  const reset = wholeNumber(headers['x-ratelimit-reset'])
  // With requests left, the hour's reset is not what the server is waiting for.
  const remaining = headers['x-ratelimit-remaining'] ?? '0'
  if (!isRateLimit || remaining !== '0' || reset === undefined) return undefined
  return Math.max(0, reset * 1000 - serverNow)
}

/** A number in nothing but digits; undefined for anything else. */
function wholeNumber(text = ''): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** Milliseconds since the epoch of an HTTP date; undefined for anything else (its old forms name no zone). */
function timeOf(httpDate = ''): number | undefined {
  const time = /^[A-Z][a-z]{2}, .* GMT$/.test(httpDate) ? Date.parse(httpDate) : NaN
  return Number.isNaN(time) ? undefined : time
}

/** A Date, unless the time lies beyond what a Date can hold. */
function dateAt(time: number): Date | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function oversized({ service, path, limits }: Request): Failure {
  return {
    error: ({ attempts }) =>
      ActionError.of(named(service, 'unexpected'), {
        surprise: 'too-large',
        asked: `${path}`,
        attempts,
        limitBytes: limits.bodyBytes
      })
  }
}

/** What went wrong on the way is named by the phase it went wrong in. */
function brokenOff(outcome: Broken, request: Request): Failure {
  const { progress, error } = outcome
  const certificate = certificateFault(error)
  if (certificate) return untrusted(certificate, outcome, request)
  if (request.proxyHost && progress.atProxy) return proxyFailure(outcome, request)
  const { service, host, limits } = request
  const isDeadline = outcome.broken === 'deadline'
  return {
    retryReason: reasonOf(outcome),
    error: ({ attempts, late }) =>
      ActionError.of(
        named(service, 'unavailable'),
        {
          outage: !isDeadline ? 'network' : late ? 'budget' : 'deadline',
          host,
          attempts,
          detail: isDeadline ? undefined : nodeCode(error),
          limitMs: limits.actionMs
        },
        error
      )
  }
}

function untrusted(fault: CertificateFault, { error }: Broken, request: Request): Failure {
  const { host, proxyHost, isProxySecure } = request
  return {
    error: () =>
      ActionError.of(
        'tls-untrusted',
        { fault, host, proxyHost: isProxySecure ? proxyHost : undefined, detail: nodeCode(error) },
        error
      )
  }
}

function proxyFailure(outcome: Broken, request: Request): Failure {
  const { progress, error } = outcome
  const { host, proxyHost } = request
  const status = error instanceof TunnelRefused ? error.status : undefined
  const fault = proxyFault(progress.phase, status)
  const isDeadline = outcome.broken === 'deadline'
  const detail = status !== undefined ? `status ${status}` : isDeadline ? undefined : nodeCode(error)
  return {
    ...(status !== undefined && !RETRIED_STATUSES.has(status) ? {} : { retryReason: reasonOf(outcome) }),
    error: ({ attempts }) => ActionError.of('proxy-failed', { fault, proxyHost, host, attempts, detail }, error)
  }
}

function proxyFault(phase: Progress['phase'], status: number | undefined): ProxyFault {
  if (status === 407) return 'credentials'
  if (status !== undefined) return 'refused'
  return phase === 'name' || phase === 'tcp' ? 'unreachable' : 'no-tunnel'
}

function reasonOf({ broken, error }: Broken): string {
  return broken === 'deadline' ? 'no whole answer in time' : nodeCode(error)
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

function certificateFault(error: Broken['error']): CertificateFault | undefined {
  return CERTIFICATE_FAULTS.get(error?.code)
}

/** Node's own code of a network error, or OpenSSL's own reason: words that stand in their sources, never text from a server. */
function nodeCode(error: Broken['error']): string {
  const reason = property(error, 'library') === 'SSL routines' ? property(error, 'reason') : undefined
  if (typeof reason === 'string' && /^[\w /-]{1,80}$/.test(reason)) return `EPROTO: ${reason}`
  const code = String(error?.code)
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'connection closed'
}
