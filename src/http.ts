// Owns the network: the one HTTP client for both services, with its deadlines, attempts, back-off, size limit, proxies and TLS rules. Knows nothing of what the answers mean, and never logs.

import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import type { AgentOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from './errors.ts'
import type { CertificateFault, ProxyFault, Quoted, Service, Trail } from './errors.ts'

/** The limits of the contract; only tests give others. */
export const LIMITS = {
  /** One attempt, from the first byte of the connection to the last byte of the body. */
  attemptMs: 10_000,
  /** The whole action. */
  actionMs: 60_000,
  attempts: 3,
  bodyBytes: 1_048_576,
  /** The longest pause before the second attempt; it doubles before the third. */
  backOffMs: 500
}

export type Limits = typeof LIMITS

/** An answer that no further attempt can better: every status but those that are tried again. */
export interface Answer {
  readonly status: number
  /** By lower-case name; several values are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What the body spells in JSON, whatever content type it claims; undefined when it is not JSON. */
  readonly json: unknown
  /** When the server says it answered, in milliseconds since the epoch. */
  readonly serverTime: number | undefined
  readonly trail: Trail
}

/** One attempt failed and another will follow. */
export interface Retry {
  readonly service: Service
  /** The path of the URL. */
  readonly path: Quoted
  /** Why, in our own words: a status, or Node's code of a network error. */
  readonly reason: string
  /** The number of the attempt that will follow, 2 or 3. */
  readonly nextAttempt: number
  readonly waitMs: number
}

export interface ClientOptions {
  /** Where `HTTPS_PROXY` and `NO_PROXY` are looked up, in either case. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `process.versions.node`: before 24.5 it cannot use proxies. */
  readonly nodeVersion: string
  /** Makes text from outside fit to print. */
  readonly quote: (raw: string) => Quoted
  readonly onRetry: (retry: Retry) => void
  /** The time of day, in milliseconds since the epoch: for the dates that servers name, and for no limit. */
  readonly now: () => number
  /** Milliseconds since some moment, which never jump when the time of day is set: for the limits. */
  readonly uptime: () => number
  readonly limits?: Limits
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number
}

export interface Client {
  /**
   * GETs an https URL, as often as the rules allow. Redirects are answers like any other.
   *
   * @param signal gives up at once, with the signal's reason
   * @throws ActionError `*-rate-limited`, `*-unavailable`, `*-unexpected` (too large), `tls-untrusted`, `proxy-failed`
   */
  get(service: Service, url: string, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Answer>
  /** Opens a connection (DNS, TCP, TLS) for a later request to the URL's host and sends nothing on it. Never fails. */
  warm(url: string): void
  /** Closes every connection. */
  close(): void
}

/** Makes the client; the time of the whole action starts now. */
export function createClient(options: ClientOptions): Client {
  const limits = options.limits ?? LIMITS
  const random = options.random ?? Math.random
  const endsAt = options.uptime() + limits.actionMs
  const agents = new Map<string, WarmAgent>()

  /** The agent for the route to a URL: one for direct connections, one for the proxy. */
  function agentFor(proxy: URL | undefined): WarmAgent {
    const key = proxy?.href ?? ''
    const agent = agents.get(key) ?? new WarmAgent(proxy, limits.attemptMs)
    agents.set(key, agent)
    return agent
  }

  function route(url: URL): Route {
    const proxy = proxyFor(url, options)
    const { quote } = options
    return { url, path: quote(url.pathname), host: quote(url.host), proxy, proxyHost: proxy && quote(proxy.host) }
  }

  async function get(
    service: Service,
    url: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal
  ): Promise<Answer> {
    const way = route(new URL(url))
    const agent = agentFor(way.proxy)
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const deadlineMs = Math.min(limits.attemptMs, endsAt - options.uptime())
      const outcome =
        deadlineMs > 0 ? await attemptOnce(way.url, agent, headers, deadlineMs, limits.bodyBytes, signal) : TOO_LATE
      const trouble = assess(outcome, options.now())
      if (trouble === undefined && 'status' in outcome) return answerOf(outcome, attempt, options.quote)
      signal?.throwIfAborted()
      const waitMs = Math.max(trouble?.waitMs ?? 0, limits.backOffMs * 2 ** (attempt - 1) * (0.5 + random() / 2))
      const fits = options.uptime() + waitMs < endsAt
      if (trouble === undefined || !trouble.retriable || attempt >= limits.attempts || !fits) {
        throw failure(service, way, outcome, { attempts: attempt, trouble, late: options.uptime() >= endsAt }, options)
      }
      options.onRetry({ service, path: way.path, reason: trouble.reason, nextAttempt: attempt + 1, waitMs })
      await sleep(waitMs, undefined, signal && { signal })
    }
  }

  return {
    get,
    warm(url) {
      try {
        const { url: target, proxy } = route(new URL(url))
        agentFor(proxy).warm(target)
      } catch {
        // An unusable proxy is met again, and told, by the request itself.
      }
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
    }
  }
}

/**
 * The client as the `fetch` that Octokit wants, reduced to what Octokit reads of it.
 *
 * Only the headers in use are passed on (a `deprecation` header would make Octokit print server text), every body is
 * declared JSON, and the body of a refusal is reduced to its message, so that no error object carries anything else.
 * The number of attempts travels as the header `x-attempts`.
 */
export function fetchOver(client: Client, service: Service): (url: string, init: FetchInit) => Promise<FetchResponse> {
  return async (url, init) => {
    const answer = await client.get(service, url, init.headers, init.signal)
    const headers = new Map(
      PASSED_HEADERS.flatMap(name => {
        const value = answer.headers[name]
        return value === undefined ? [] : [[name, value] as const]
      })
    )
    headers.set('content-type', 'application/json; charset=utf-8')
    headers.set('x-attempts', String(answer.trail.attempts))
    const body = answer.status < 400 ? answer.body : JSON.stringify({ message: messageIn(answer.json) })
    return { status: answer.status, url, headers, text: () => Promise.resolve(body) }
  }
}

interface FetchInit {
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

interface FetchResponse {
  readonly status: number
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly text: () => Promise<string>
}

const PASSED_HEADERS = [
  'github-authentication-token-expiration',
  'location',
  'x-github-request-id',
  'x-github-sso',
  'x-oauth-scopes'
]

function answerOf(received: Received, attempts: number, quote: ClientOptions['quote']): Answer {
  const json = parseJson(received.body)
  return {
    ...received,
    json,
    serverTime: timeOf(received.headers['date']),
    trail: { attempts, ...evidence(received.headers, json, quote) }
  }
}

/** What an answer tells for finding it again: the request id and the server's own words. */
function evidence(headers: Answer['headers'], json: unknown, quote: ClientOptions['quote']): Omit<Trail, 'attempts'> {
  const id = headers['x-github-request-id'] ?? headers['x-request-id']
  const words = messageIn(json)
  return { requestId: id ? quote(id) : undefined, words: words ? quote(words) : undefined }
}

/** The words of an error body: GitHub's `message`, Vaunt's `error.message`, `error` or `message`; empty when there are none. */
function messageIn(json: unknown): string {
  const error = field(json, 'error')
  const message = field(error, 'message') ?? field(json, 'message') ?? error
  return typeof message === 'string' ? message : ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/**
 * The passwords in the proxy variables, as written and percent-decoded: to be masked.
 *
 * @returns no empty ones; none when no proxy has a password
 */
export function proxyPasswords(environment: ClientOptions['environment']): string[] {
  const written = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].flatMap(name => {
    const authority = (environment[name] ?? '').trim().replace(/^[a-z][a-z\d+.-]*:\/\//i, '')
    // Both ways: a password must be masked even in a value that is no URL.
    return [/^[^:@]*:(.+)@/s.exec(authority)?.[1] ?? '', URL.parse(`http://${authority}`)?.password ?? '']
  })
  return [...new Set(written.flatMap(password => [password, percentDecoded(password)]))].filter(Boolean)
}

function percentDecoded(text: string): string {
  return isPercentDecodable(text) ? decodeURIComponent(text) : text
}

function isPercentDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const LONE_PERCENT = /%(?![\da-f]{2})/gi

// Where a request goes.

interface Route {
  readonly url: URL
  readonly path: Quoted
  readonly host: Quoted
  readonly proxy: URL | undefined
  readonly proxyHost: Quoted | undefined
}

/**
 * The proxy for a URL, from `HTTPS_PROXY` and `NO_PROXY` (lower case first, as curl does); undefined for a direct connection.
 *
 * @throws ActionError `proxy-failed` when a proxy is wanted that cannot be used: it is never silently ignored
 */
function proxyFor(url: URL, options: ClientOptions): URL | undefined {
  const { environment, quote } = options
  const written = variable(environment, 'https_proxy')
  if (written === '' || bypassed(url, variable(environment, 'no_proxy'))) return undefined
  const refuse = (fault: ProxyFault, detail?: string): ActionError =>
    ActionError.of('proxy-failed', { fault, host: quote(url.host), detail, attempts: 1 })
  // Like curl and the runner itself, and unlike Node, an address without a scheme is taken as http://.
  const proxy = URL.parse(written.includes('://') ? written : `http://${written}`)
  if (!proxy || !/^https?:$/.test(proxy.protocol)) throw refuse('unusable-url')
  // Node decodes both, and throws on a % that encodes nothing: taken as what was written.
  proxy.username = proxy.username.replace(LONE_PERCENT, '%25')
  proxy.password = proxy.password.replace(LONE_PERCENT, '%25')
  if (!isPercentDecodable(proxy.username + proxy.password)) throw refuse('unusable-url')
  if (!usesProxies(options.nodeVersion)) throw refuse('unsupported-node', `Node.js ${options.nodeVersion}`)
  return proxy
}

/** The variable in lower case, else in upper case; an empty one counts as unset. */
function variable(environment: ClientOptions['environment'], name: string): string {
  return [environment[name], environment[name.toUpperCase()]].map(value => value?.trim() ?? '').find(Boolean) ?? ''
}

/** Node's agents know proxies since 24.5.0. */
function usesProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5)
}

/**
 * Whether `NO_PROXY` lists the URL's host: `*`, a host (with its subdomains, as curl and the runner read it), a suffix
 * with a leading `.` or `*.`, each with or without a port.
 */
function bypassed(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port || '443'
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => {
      if (entry === '*') return true
      const [, name = '', entryPort] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(entry) ?? []
      const suffix = (isIpv6(entry) ? entry : name).replace(/^\*?\./, '')
      if (entryPort !== undefined && !isIpv6(entry) && entryPort !== port) return false
      return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
    })
}

/** An IPv6 address without brackets, whose last group is not a port. */
function isIpv6(entry: string): boolean {
  return !entry.startsWith('[') && entry.split(':').length > 2
}

/** An https agent that can open a connection before there is a request for it. */
class WarmAgent extends Agent {
  readonly #proxied: boolean
  readonly #warm = new Map<string, Promise<Duplex>>()
  readonly #opened = new Set<Duplex>()

  constructor(proxy: URL | undefined, tunnelMs: number) {
    super({
      keepAlive: true,
      // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
      // The time that a proxy has to open a tunnel; requests have their own deadline.
      timeout: tunnelMs,
      ...(proxy && { proxyEnv: { https_proxy: proxy.href } })
    })
    this.#proxied = proxy !== undefined
  }

  warm(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || 443)
    const connection = new Promise<Duplex>((resolve, reject) => {
      this.#open({ ...this.options, host, port, servername: isIP(host) ? '' : host }, (error, socket) => {
        if (error) {
          reject(error)
          return
        }
        this.#opened.add(socket)
        socket.on('error', reject)
        socket.on('close', () => {
          this.#opened.delete(socket)
          reject(new Error('closed'))
        })
        if (this.#proxied) resolve(socket)
        else {
          socket.once('secureConnect', () => {
            resolve(socket)
          })
        }
      })
    })
    // Whoever asks for it learns of its failure; if nobody asks, nobody needs to know.
    connection.catch(() => undefined)
    this.#warm.set(`${host}:${port}`, connection)
  }

  override createConnection(options: AgentOptions, callback: Connected): Duplex | null | undefined {
    const key = `${String(options.host)}:${String(options.port)}`
    const warm = this.#warm.get(key)
    if (!warm) return super.createConnection(options, callback)
    this.#warm.delete(key)
    warm.then(
      socket => {
        if (socket.destroyed) this.#open(options, callback)
        else callback(null, socket)
      },
      () => {
        // Opened afresh, so that a failure is met, and told, as any other.
        this.#open(options, callback)
      }
    )
    return undefined
  }

  override destroy(): void {
    // Node's own knows only the connections that a request has used.
    for (const socket of this.#opened) socket.destroy()
    super.destroy()
  }

  /** A direct connection is returned at once, a tunnel is called back with: here both are called back with. */
  #open(options: AgentOptions, callback: Connected): void {
    const socket = super.createConnection(options, callback)
    if (socket && !this.#proxied) callback(null, socket)
  }
}

type Connected = (error: Error | null, socket: Duplex) => void

// One attempt.

type Received = Pick<Answer, 'status' | 'headers' | 'body'>

type Outcome = Received | Broken | Oversized

/** No answer came, or not a whole one. */
interface Broken {
  readonly error: NodeJS.ErrnoException
  /** Whether there was a connection that a request could be sent on (for a proxy: a tunnel). */
  readonly connected: boolean
  readonly timedOut: boolean
}

interface Oversized {
  readonly tooLarge: true
}

/** The time of the whole action was up before there was time to ask. */
const TOO_LATE: Broken = { error: new Error('deadline'), connected: true, timedOut: true }

/** Asks once; never rejects but by the signal. */
function attemptOnce(
  url: URL,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  deadlineMs: number,
  bodyBytes: number,
  signal?: AbortSignal
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let connected = false
    let timedOut = false
    const outgoing = request(url, { method: 'GET', agent, headers })
    const timer = setTimeout(() => {
      timedOut = true
      settle({ error: new Error('deadline'), connected, timedOut })
    }, deadlineMs)
    const giveUp = (): void => {
      stop()
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const stop = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      // After a whole answer this lets the connection be used again; before that, it closes it.
      if (!finished) outgoing.destroy()
    }
    let finished = false
    const settle = (outcome: Outcome): void => {
      stop()
      resolve(outcome)
    }
    const broke = (error: Error): void => {
      settle({ error, connected, timedOut })
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    outgoing
      .on('socket', () => {
        connected = true
      })
      .on('error', broke)
      .on('close', () => {
        broke(new Error('closed'))
      })
      .on('response', (response: IncomingMessage) => {
        collect(response, bodyBytes, outcome => {
          finished = 'status' in outcome
          settle(outcome)
        })
      })
      .end()
  })
}

/** Reads a body to its end, or to its limit. */
function collect(response: IncomingMessage, bodyBytes: number, done: (outcome: Outcome) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  response
    .on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bodyBytes) done({ tooLarge: true })
      else chunks.push(chunk)
    })
    .on('error', error => {
      done({ error, connected: true, timedOut: false })
    })
    .on('end', () => {
      if (!response.complete) {
        done({ error: new Error('cut off'), connected: true, timedOut: false })
        return
      }
      done({
        status: response.statusCode ?? 0,
        headers: joined(response.headersDistinct),
        body: Buffer.concat(chunks).toString('utf8')
      })
    })
}

function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]))
}

// What an attempt comes to.

interface Trouble {
  readonly retriable: boolean
  readonly reason: string
  readonly rateLimited: boolean
  /** How long the server asks to wait, and until when, by the runner's clock. */
  readonly waitMs?: number | undefined
  readonly until?: Date | undefined
}

const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504])

/** Undefined when the outcome is an answer to hand on. */
function assess(outcome: Outcome, now: number): Trouble | undefined {
  if ('tooLarge' in outcome) return { retriable: false, reason: 'too large', rateLimited: false }
  if ('error' in outcome) {
    return {
      retriable: certificateFault(outcome.error) === undefined && !refusedByProxy(outcome.error),
      reason: outcome.timedOut ? 'no whole answer in time' : nodeCode(outcome.error),
      rateLimited: false
    }
  }
  const { status, headers } = outcome
  const exhausted = headers['x-ratelimit-remaining']?.trim() === '0'
  const marked = exhausted || headers['retry-after'] !== undefined
  if (!RETRIED_STATUSES.has(status) && !(status === 403 && marked)) return undefined
  const rateLimited = status === 429 || status === 403
  const waitMs = requestedWaitMs(headers, rateLimited, now)
  return {
    retriable: true,
    reason: `status ${status}`,
    rateLimited,
    waitMs,
    until: waitMs === undefined ? undefined : dateAt(now + waitMs)
  }
}

/** How long to wait before asking again, from `retry-after` (seconds or a date), else from `x-ratelimit-reset` (epoch seconds). */
function requestedWaitMs(headers: Answer['headers'], rateLimited: boolean, now: number): number | undefined {
  const retryAfter = headers['retry-after']?.trim()
  // Times are compared on the server's own clock where it tells: the runner's may be wrong.
  const serverNow = timeOf(headers['date']) ?? now
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000
  const comeBackAt = retryAfter === undefined ? undefined : timeOf(retryAfter)
  if (comeBackAt !== undefined) return Math.max(0, comeBackAt - serverNow)
  const reset = headers['x-ratelimit-reset']?.trim()
  // With requests left, the hour's reset is not what the server is waiting for.
  const remaining = headers['x-ratelimit-remaining']?.trim() ?? '0'
  if (!rateLimited || remaining !== '0' || reset === undefined || !/^\d+$/.test(reset)) return undefined
  return Math.max(0, Number(reset) * 1000 - serverNow)
}

/** Milliseconds since the epoch of an HTTP date; undefined for anything else (its old forms name no zone). */
function timeOf(httpDate: string | undefined): number | undefined {
  if (httpDate === undefined || !/^[A-Z][a-z]{2}, .* GMT$/.test(httpDate)) return undefined
  const time = Date.parse(httpDate)
  return Number.isNaN(time) ? undefined : time
}

/** A Date, unless the time lies beyond what a Date can hold. */
function dateAt(time: number): Date | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date
}

interface Circumstances {
  readonly attempts: number
  readonly trouble: Trouble | undefined
  /** Whether the time of the whole action is up. */
  readonly late: boolean
}

/** The failure that an outcome is, when no further attempt is made. */
function failure(
  service: Service,
  way: Route,
  outcome: Outcome,
  circumstances: Circumstances,
  { quote }: ClientOptions
): ActionError {
  const { attempts, trouble, late } = circumstances
  const prefix = service === 'GitHub' ? 'github' : 'vaunt'
  if ('tooLarge' in outcome) {
    return ActionError.of(`${prefix}-unexpected`, { surprise: 'too-large', asked: way.path.toString(), attempts })
  }
  if ('status' in outcome) {
    const { status, headers, body } = outcome
    const facts = { attempts, ...evidence(headers, parseJson(body), quote), until: trouble?.until }
    if (trouble?.rateLimited) return ActionError.of(`${prefix}-rate-limited`, facts)
    const detail = `status ${status}`
    return ActionError.of(`${prefix}-unavailable`, { ...facts, outage: 'status', host: way.host, detail })
  }
  const { error, connected, timedOut } = outcome
  const { host, proxyHost } = way
  const certificate = certificateFault(error)
  if (certificate) {
    const secureProxy = way.proxy?.protocol === 'https:' ? proxyHost : undefined
    return ActionError.of(
      'tls-untrusted',
      { fault: certificate, host, proxyHost: secureProxy, detail: nodeCode(error) },
      error
    )
  }
  const proxy = proxyHost && proxyFault(error, connected)
  if (proxy) {
    const status = proxyStatus(error)
    const detail = status === undefined ? (timedOut ? undefined : nodeCode(error)) : `status ${status}`
    return ActionError.of('proxy-failed', { fault: proxy, proxyHost, host, attempts, detail }, error)
  }
  return ActionError.of(
    `${prefix}-unavailable`,
    timedOut
      ? { outage: late ? 'budget' : 'deadline', host, attempts }
      : { outage: 'network', host, attempts, detail: nodeCode(error) },
    error
  )
}

const CERTIFICATE_FAULTS: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-host',
  HOSTNAME_MISMATCH: 'wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown-issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-issuer',
  CERT_UNTRUSTED: 'unknown-issuer',
  CERT_REJECTED: 'invalid',
  CERT_REVOKED: 'invalid',
  CERT_SIGNATURE_FAILURE: 'invalid',
  CERT_CHAIN_TOO_LONG: 'invalid',
  PATH_LENGTH_EXCEEDED: 'invalid',
  INVALID_CA: 'invalid',
  INVALID_PURPOSE: 'invalid',
  ERR_TLS_CERT_ALTNAME_FORMAT: 'invalid'
}

function certificateFault(error: NodeJS.ErrnoException): CertificateFault | undefined {
  const code = error.code ?? ''
  return Object.hasOwn(CERTIFICATE_FAULTS, code) ? CERTIFICATE_FAULTS[code] : undefined
}

/** Why a request through a proxy failed, when it failed before there was a tunnel; undefined when the tunnel stood. */
function proxyFault(error: NodeJS.ErrnoException, connected: boolean): ProxyFault | undefined {
  const status = proxyStatus(error)
  if (status === 407) return 'credentials'
  if (status !== undefined) return 'refused'
  // A name with several addresses fails with one error for all of them.
  const connecting = error instanceof AggregateError || error.syscall === 'connect' || error.syscall === 'getaddrinfo'
  if (connecting) return 'unreachable'
  return connected ? undefined : 'no-tunnel'
}

/** The status that a proxy answered CONNECT with, when it was not 200. */
function proxyStatus(error: NodeJS.ErrnoException): number | undefined {
  const status: unknown = error.code === 'ERR_PROXY_TUNNEL' && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined
}

/** Whether asking the proxy again cannot help. */
function refusedByProxy(error: NodeJS.ErrnoException): boolean {
  const status = proxyStatus(error)
  return status !== undefined && !RETRIED_STATUSES.has(status)
}

/** Node's own code of a network error: a word of capitals, never text from a server. */
function nodeCode(error: NodeJS.ErrnoException): string {
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(error.code ?? '') ? String(error.code) : 'connection closed'
}
