// Sends requests to both services: makes the attempts, within the limits, and reads the response of each. Outcomes are judged in answer.ts; connections are in connection-pool.ts.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { Connections, drop, send } from './connection-pool.ts'
import type { Prepared } from './connection-pool.ts'
import type { Opener } from './connection.ts'
import { ActionError } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'
import type { ExtraCa } from '../errors/messages/network.ts'
import type { Service } from '../errors/messages/wording.ts'
import { credentials, proxyFor } from './proxy.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { LIMITS, pauseAfter } from './retry.ts'
import type { Limits } from './retry.ts'
import { Trust } from './trust.ts'
import type { TrustOptions } from './trust.ts'
import { judge } from './answer.ts'
import { isUnknownIssuer } from './failure.ts'
import type { Failure, Request } from './failure.ts'
import type { Answer, Outcome, Received, Unreadable } from './answer.ts'

/** An attempt that failed and will be repeated. */
export interface Retry {
  readonly service: Service
  /** The path of the URL. */
  readonly path: Quoted
  /** Why the attempt failed, in the action's own words. */
  readonly reason: string
  /** The number of the next attempt, 2 or 3. */
  readonly nextAttempt: number
  readonly waitMs: number
}

export interface ClientOptions extends TrustOptions {
  /** Contains `HTTPS_PROXY` and `NO_PROXY`, in uppercase or lowercase. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `process.versions.node`. */
  readonly nodeVersion: string
  /** Makes text from outside fit to print. */
  readonly quote: (raw: string) => Quoted
  readonly onRetry: (retry: Retry) => void
  /** The time of day in milliseconds since the epoch, to compare with dates in responses. */
  readonly now: () => number
  /** Milliseconds since some moment, unaffected when the time of day is set, for the limits. */
  readonly uptime: () => number
  readonly limits?: Limits
  /** Says whether Node.js could use NODE_EXTRA_CA_CERTS. */
  readonly extraCa?: () => ExtraCa
  /** Returns a number from 0 to 1, for the jitter. */
  readonly random?: () => number
  /** Called with each complete response, including those that become failures. */
  readonly onAnswer?: (answer: Received, service: Service) => void
  /** Opens connections; only tests replace it. */
  readonly open?: Opener
}

/** The methods that the action uses. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT'

/** What a request contains. */
export interface Message {
  /** GET by default. */
  readonly method?: Method
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body?: string | undefined
  /**
   * Set for a request that does harm when it arrives twice. It is sent again only after a rate limit, which refuses it, and
   * never after an answer that was lost. All others may arrive twice: docs/adr/0020.
   */
  readonly once?: boolean
  /** Gives up at once, with the signal's reason (during a pause: with an AbortError whose cause it is). */
  readonly signal?: AbortSignal | undefined
}

export interface Client {
  /**
   * Sends a request to an https URL, as often as the limits allow. Redirects aren't followed.
   *
   * @throws ActionError `*-rate-limited`, `*-unavailable`, `*-unexpected` (too large), `tls-untrusted`, `proxy-failed`
   */
  request(service: Service, url: string, message: Message): Promise<Answer>
  /** Opens a connection for a later request to the URL's host, without sending anything on it. Never throws. */
  openEarly(url: string): void
  /** Closes every connection. */
  close(): void
}

/** Creates the client. The time limit of the whole action starts now. */
export function createClient(options: ClientOptions): Client {
  const limits = options.limits ?? LIMITS
  const random = options.random ?? Math.random
  const endsAt = options.uptime() + limits.actionMs
  const trust = new Trust(options)
  const pools = new Map<string | undefined, Connections>()

  /** Returns the connections through a proxy, or the direct ones. */
  function connectionsThrough(proxy: URL | undefined): Connections {
    const connections = pools.get(proxy?.href) ?? new Connections(proxy, trust, options.open)
    pools.set(proxy?.href, connections)
    return connections
  }

  async function request(service: Service, address: string, message: Message): Promise<Answer> {
    const { signal } = message
    const url = new URL(address)
    const proxy = usableProxy(url, options)
    const connections = connectionsThrough(proxy)
    const described = describeRequest(service, url, proxy, options)
    const ask = async (): Promise<Outcome> => {
      const deadlineMs = Math.min(limits.attemptMs, endsAt - options.uptime())
      if (deadlineMs <= 0) return TOO_LATE
      const prepared = await connections.prepare(url, headersOf(message), message.method)
      const outcome = await attemptOnce(prepared, message, { deadlineMs, bodyBytes: limits.bodyBytes })
      if ('body' in outcome) options.onAnswer?.(outcome, service)
      if (!('broken' in outcome && isUnknownIssuer(outcome))) return outcome
      // Nothing was sent, so another connection is still part of this attempt.
      return trust.extend(prepared.progress.trusted, described.host) ? await ask() : outcome
    }
    let limited: Failure | undefined
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted()
      const verdict = judge(await ask(), described, options.now())
      signal?.throwIfAborted()
      if ('answer' in verdict) return { ...verdict.answer, trail: { ...verdict.answer.trail, attempts: attempt } }
      const { failure } = verdict
      const moment = { attempt, leftMs: endsAt - options.uptime(), limits, random }
      const waitMs = message.once && !failure.isRateLimit ? undefined : pauseAfter(failure, moment)
      if (failure.isRateLimit) limited = failure
      if (waitMs === undefined) {
        // After a rate limit, a missing response still counts as the rate limit, which may be its cause.
        const decisive = failure.retryReason === undefined ? failure : (limited ?? failure)
        throw decisive.error({ attempts: attempt, late: options.uptime() >= endsAt, now: options.now() })
      }
      const reason = failure.retryReason ?? ''
      options.onRetry({ service, path: described.path, reason, nextAttempt: attempt + 1, waitMs })
      await sleep(waitMs, undefined, signal && { signal })
    }
  }

  return {
    request,
    openEarly(address) {
      const url = URL.parse(address)
      const proxy = url && proxyFor(url, options.environment, options.nodeVersion)
      // A URL or proxy that can't be used is reported by the request itself.
      if (url && !(proxy && 'fault' in proxy)) connectionsThrough(proxy ?? undefined).openEarly(url)
    },
    close() {
      for (const connections of pools.values()) connections.close()
    }
  }
}

function headersOf({ headers, body }: Message): Readonly<Record<string, string>> {
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
  return { 'accept-encoding': 'identity', ...headers, ...length }
}

function usableProxy(url: URL, { environment, nodeVersion, quote }: ClientOptions): URL | undefined {
  const proxy = proxyFor(url, environment, nodeVersion)
  if (!proxy || !('fault' in proxy)) return proxy
  throw ActionError.of('proxy-failed', { ...proxy, host: quote(url.host), attempts: 1 })
}

function describeRequest(service: Service, url: URL, proxy: URL | undefined, options: ClientOptions): Request {
  const { quote, limits = LIMITS, extraCa = () => 'unset' } = options
  return {
    service,
    path: quote(url.pathname),
    host: quote(url.host),
    proxyHost: proxy && quote(proxy.host),
    hasCredentials: proxy !== undefined && credentials(proxy) !== '',
    limits,
    quote,
    extraCa
  }
}

/** The outcome if the time of the whole action is over before an attempt. */
const TOO_LATE: Outcome = { broken: 'deadline', progress: { phase: 'http', atProxy: false } }

/** Makes one attempt. Never rejects; the signal ends it. */
function attemptOnce(
  prepared: Prepared,
  { body, signal }: Message,
  { deadlineMs, bodyBytes }: { readonly deadlineMs: number; readonly bodyBytes: number }
): Promise<Outcome> {
  const { outgoing, progress } = prepared
  return new Promise(resolve => {
    let head: Received | undefined
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', hangUp)
      // After a complete response, the connection remains open for the next request.
      if (!('body' in outcome)) drop(prepared)
      resolve(outcome)
    }
    const broken = (broken: 'connection' | 'deadline', error?: Error): void => {
      const { phase, atProxy } = progress
      settle({ broken, progress: { phase, atProxy }, ...(head && { headers: head.headers }), ...(error && { error }) })
    }
    const hangUp = (): void => {
      broken('connection')
    }
    const fail = (error: Error): void => {
      broken('connection', error)
    }
    const timer = setTimeout(() => {
      broken('deadline')
    }, deadlineMs)
    signal?.addEventListener('abort', hangUp)
    outgoing
      .on('socket', () => {
        progress.phase = 'http'
      })
      .on('error', fail)
      .on('close', hangUp)
      .on('upgrade', (response: IncomingMessage, socket: Socket) => {
        // The action never requests another protocol.
        socket.destroy()
        settle(receivedFrom(response, ''))
      })
      .on('response', (response: IncomingMessage) => {
        head = receivedFrom(response, '')
        response.on('error', fail)
        collect(response, head, bodyBytes, settle)
      })
    if (signal?.aborted) hangUp()
    else send(prepared, body)
  })
}

/** Reads a body to its end or limit. For an incomplete body, Node.js emits `error` or `close`, but no `end`. */
function collect(
  response: IncomingMessage,
  { status, headers }: Received,
  bodyBytes: number,
  done: (outcome: Received | Unreadable) => void
): void {
  const chunks: Buffer[] = []
  let size = 0
  response
    .on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bodyBytes) done({ unreadable: 'too-large', status, headers })
      else chunks.push(chunk)
    })
    .on('end', () => {
      const body = unpacked(Buffer.concat(chunks), response.headers['content-encoding'] ?? '', bodyBytes)
      done(typeof body === 'string' ? { status, headers, body } : { ...body, status, headers })
    })
}

function receivedFrom(response: IncomingMessage, body: string): Received {
  return { status: response.statusCode ?? 0, headers: joined(response.headersDistinct), body }
}

/** The function that decodes each content coding. The limit applies to its result. */
const CODINGS: Readonly<Record<string, (packed: Buffer, options: { readonly maxOutputLength: number }) => Buffer>> = {
  identity: packed => packed,
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  br: brotliDecompressSync,
  // The standard requires zlib's header, but some servers omit it.
  deflate: (packed, options) => ((packed[0] ?? 0) % 16 === 8 ? inflateSync : inflateRawSync)(packed, options)
}

/** Decodes a body, which can be compressed although this wasn't requested, and removes a byte-order mark. */
function unpacked(body: Buffer, contentEncoding: string, bodyBytes: number): string | Pick<Unreadable, 'unreadable'> {
  // The last coding was applied last. An empty body isn't encoded, whatever its header says.
  const codings = body.length === 0 ? [] : contentEncoding.toLowerCase().split(',').reverse()
  let bytes = body
  for (const coding of codings.map(name => name.trim()).filter(Boolean)) {
    const undo = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined
    if (!undo) return { unreadable: 'undecodable' }
    try {
      bytes = undo(bytes, { maxOutputLength: bodyBytes })
    } catch (error) {
      return { unreadable: property(error, 'code') === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'undecodable' }
    }
  }
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}

function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]))
}
