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
  const agents = new Map<string | undefined, WarmAgent>()

  /** The agent for the route to a URL: one for direct connections, one for the proxy. */
  function agentFor(proxy: URL | undefined): WarmAgent {
    const agent = agents.get(proxy?.href) ?? new WarmAgent(proxy, limits.attemptMs)
    agents.set(proxy?.href, agent)
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
      signal?.throwIfAborted()
      const trouble = assess(outcome, options.now())
      if ('status' in trouble) return answerOf(trouble, attempt, options.quote)
      const { retryReason: reason, until } = trouble
      const waitMs = Math.max(trouble.waitMs ?? 0, limits.backOffMs * 2 ** (attempt - 1) * (0.5 + random() / 2))
      const fits = options.uptime() + waitMs < endsAt
      if (reason === undefined || attempt >= limits.attempts || !fits) {
        const late = options.uptime() >= endsAt
        throw failure(service, way, outcome, { attempts: attempt, until, late }, options)
      }
      options.onRetry({ service, path: way.path, reason, nextAttempt: attempt + 1, waitMs })
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
  if (!proxy || !['http:', 'https:'].includes(proxy.protocol)) throw refuse('unusable-url')
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
  const host = bareHost(url)
  const port = url.port || '443'
  return list
    .toLowerCase()
    .split(/[\s,]/)
    .some(entry => {
      if (entry === '*') return true
      const match = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(entry)
      if (!match) return false
      const [, name, entryPort] = match
      const suffix = (isIpv6(entry) ? entry : String(name)).replace(/^\*?\./, '')
      if (entryPort !== undefined && !isIpv6(entry) && entryPort !== port) return false
      return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
    })
}

/** The host without the brackets of an IPv6 address. */
function bareHost(url: URL): string {
  return url.hostname.replace(/[[\]]/g, '')
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
    const host = bareHost(url)
    const port = Number(url.port || 443)
    const connection = new Promise<Duplex>((resolve, reject) => {
      this.#open({ ...this.options, host, port, servername: isIP(host) ? '' : host }, (error, socket) => {
        if (error) {
          reject(error)
          return
        }
        this.#opened.add(socket)
        // A request that uses it is told by itself; if none does, nobody needs to know.
        socket.on('error', () => undefined)
        resolve(socket)
      })
    })
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
  readonly broken: 'connection' | 'deadline'
  /** Whether there was a connection that a request could be sent on (for a proxy: a tunnel). */
  readonly connected: boolean
  readonly error?: NodeJS.ErrnoException
}

interface Oversized {
  readonly broken: 'size'
}

/** The time of the whole action was up before there was time to ask. */
const TOO_LATE: Broken = { broken: 'deadline', connected: true }

/** Asks once; never rejects, and is broken off by the signal. */
function attemptOnce(
  url: URL,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  deadlineMs: number,
  bodyBytes: number,
  signal?: AbortSignal
): Promise<Outcome> {
  return new Promise(resolve => {
    let connected = false
    const outgoing = request(url, { agent, headers })
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', hangUp)
      // Ends what is under way. After a whole answer it changes nothing: the connection is free for the next request by then.
      outgoing.destroy()
      resolve(outcome)
    }
    const hangUp = (): void => {
      settle({ broken: 'connection', connected })
    }
    const fail = (error: Error): void => {
      settle({ broken: 'connection', connected, error })
    }
    const timer = setTimeout(() => {
      settle({ broken: 'deadline', connected })
    }, deadlineMs)
    signal?.addEventListener('abort', hangUp)
    outgoing
      .on('socket', () => {
        connected = true
      })
      .on('error', fail)
      .on('close', hangUp)
      .on('response', (response: IncomingMessage) => {
        response.on('error', fail)
        collect(response, bodyBytes, settle)
      })
      .end()
  })
}

/** Reads a body to its end, or to its limit. One that is cut off has no end: Node tells that as an error, or by closing. */
function collect(response: IncomingMessage, bodyBytes: number, done: (outcome: Received | Oversized) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  response
    .on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bodyBytes) done({ broken: 'size' })
      else chunks.push(chunk)
    })
    .on('end', () => {
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
  /** Why it may be asked again, in our own words; undefined when that cannot help. */
  readonly retryReason?: string
  /** How long the server asks to wait, and until when, by the runner's clock. */
  readonly waitMs?: number | undefined
  readonly until?: Date | undefined
}

const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504])

/** The outcome itself when it is an answer to hand on, else what is wrong with it. */
function assess(outcome: Outcome, now: number): Received | Trouble {
  if ('broken' in outcome) {
    if (outcome.broken === 'size') return {}
    const { broken, error } = outcome
    if (certificateFault(error) !== undefined || isRefusedByProxy(error)) return {}
    return { retryReason: broken === 'deadline' ? 'no whole answer in time' : nodeCode(error) }
  }
  const { status, headers } = outcome
  const marked = headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined
  if (!RETRIED_STATUSES.has(status) && !(status === 403 && marked)) return outcome
  const waitMs = requestedWaitMs(headers, isRateLimit(status), now)
  return {
    retryReason: `status ${status}`,
    waitMs,
    until: waitMs === undefined ? undefined : dateAt(now + waitMs)
  }
}

/** Whether a status that may be asked again stands for a rate limit: a 403 is asked again only when it is marked as one. */
function isRateLimit(status: number): boolean {
  return status === 429 || status === 403
}

/** How long to wait before asking again, from `retry-after` (seconds or a date), else from `x-ratelimit-reset` (epoch seconds). */
function requestedWaitMs(headers: Answer['headers'], rateLimited: boolean, now: number): number | undefined {
  // Times are compared on the server's own clock where it tells: the runner's may be wrong.
  const serverNow = timeOf(headers['date']) ?? now
  const seconds = wholeNumber(headers['retry-after'])
  if (seconds !== undefined) return seconds * 1000
  const comeBackAt = timeOf(headers['retry-after'])
  if (comeBackAt !== undefined) return Math.max(0, comeBackAt - serverNow)
  const reset = wholeNumber(headers['x-ratelimit-reset'])
  // With requests left, the hour's reset is not what the server is waiting for.
  const remaining = headers['x-ratelimit-remaining'] ?? '0'
  if (!rateLimited || remaining !== '0' || reset === undefined) return undefined
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

interface Circumstances {
  readonly attempts: number
  /** When the server asks to be asked again. */
  readonly until: Date | undefined
  /** Whether the time of the whole action is up. */
  readonly late: boolean
}

/** The failure that an outcome is, when no further attempt is made. */
function failure(
  service: Service,
  way: Route,
  outcome: Outcome,
  { attempts, until, late }: Circumstances,
  { quote }: ClientOptions
): ActionError {
  const prefix = service === 'GitHub' ? 'github' : 'vaunt'
  const { host, proxyHost } = way
  if ('status' in outcome) {
    const { status, headers, body } = outcome
    const facts = { attempts, ...evidence(headers, parseJson(body), quote), until }
    if (isRateLimit(status)) return ActionError.of(`${prefix}-rate-limited`, facts)
    return ActionError.of(`${prefix}-unavailable`, { ...facts, outage: 'status', host, detail: `status ${status}` })
  }
  if (outcome.broken === 'size') {
    return ActionError.of(`${prefix}-unexpected`, { surprise: 'too-large', asked: way.path.toString(), attempts })
  }
  const { broken, error } = outcome
  const certificate = certificateFault(error)
  if (certificate) {
    const secureProxy = way.proxy?.protocol === 'https:' ? proxyHost : undefined
    return ActionError.of(
      'tls-untrusted',
      { fault: certificate, host, proxyHost: secureProxy, detail: nodeCode(error) },
      error
    )
  }
  const detail = broken === 'deadline' ? undefined : nodeCode(error)
  const proxy = proxyHost && proxyFault(outcome)
  if (proxy) {
    const status = proxyStatus(error)
    const facts = {
      fault: proxy,
      proxyHost,
      host,
      attempts,
      detail: status === undefined ? detail : `status ${status}`
    }
    return ActionError.of('proxy-failed', facts, error)
  }
  const outage = broken === 'connection' ? 'network' : late ? 'budget' : 'deadline'
  return ActionError.of(`${prefix}-unavailable`, { outage, host, attempts, detail }, error)
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

/** Why a request through a proxy failed, when it failed before there was a tunnel; undefined when the tunnel stood. */
function proxyFault({ error, connected }: Broken): ProxyFault | undefined {
  const status = proxyStatus(error)
  if (status === 407) return 'credentials'
  if (status !== undefined) return 'refused'
  // A name with several addresses fails with one error for all of them.
  const connecting = error instanceof AggregateError || error?.syscall === 'connect' || error?.syscall === 'getaddrinfo'
  if (connecting) return 'unreachable'
  return connected ? undefined : 'no-tunnel'
}

/** The status that a proxy answered CONNECT with, when it was not 200. */
function proxyStatus(error: Broken['error']): number | undefined {
  const status = error?.code === 'ERR_PROXY_TUNNEL' ? field(error, 'statusCode') : undefined
  return Number.isInteger(status) ? Number(status) : undefined
}

/** Whether asking the proxy again cannot help. */
function isRefusedByProxy(error: Broken['error']): boolean {
  const status = proxyStatus(error)
  return status !== undefined && !RETRIED_STATUSES.has(status)
}

/** Node's own code of a network error: a word of capitals, never text from a server. */
function nodeCode(error: Broken['error']): string {
  const code = String(error?.code)
  return /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'connection closed'
}
