// Owns what an attempt came to: an answer, or a failure that knows its name and whether asking again can help. Makes no request and waits for nothing; what goes wrong on the way is named in network/failure.ts.

import { ActionError } from '../errors/action-error.ts'
import { brokenOff, isOutage, named, requestIdIn } from './failure.ts'
import type { Broken, Failure, Request } from './failure.ts'
import { parseJson, property } from '../untrusted/json.ts'
import type { Service, Trail } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** A whole answer: status, headers by lower-case name (several values joined by a comma), body as text. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A body came that is of no use: larger than it may be, or compressed in a form that cannot be read. */
export interface Unreadable extends Pick<Received, 'status' | 'headers'> {
  readonly unreadable: 'too-large' | 'undecodable'
}

/** What one attempt ended in. */
export type Outcome = Received | Broken | Unreadable

/** An answer that no further attempt can better: every status but those that are tried again. */
export interface Answer extends Received {
  /** Who was asked, fit to print. */
  readonly host: Quoted
  /** What the body spells in JSON, whatever content type it claims; undefined when it is not JSON. */
  readonly json: unknown
  /**
   * Whether the body is one in which the service itself refuses: its JSON, or nothing (Vaunt). Anything else was written by
   * something in between, such as a proxy, a firewall or a login page.
   */
  readonly isOwnRefusal: boolean
  /** When the server says it answered, in milliseconds since the epoch. */
  readonly serverTime: number | undefined
  readonly trail: Trail
}

export type Verdict = { readonly answer: Answer } | { readonly failure: Failure }

/**
 * Judges what an attempt ended in.
 *
 * @param now milliseconds since the epoch
 */
export function judge(outcome: Outcome, request: Request, now: number): Verdict {
  if ('broken' in outcome) return { failure: brokenOff(outcome, request) }
  if ('unreadable' in outcome) return { failure: unreadable(outcome, request, now) }
  const json = parseJson(outcome.body)
  const isOwn = isOwnRefusal(request.service, { ...outcome, json })
  const read = { ...outcome, host: request.host, json, isOwnRefusal: isOwn }
  const isRateLimit = limitsRate(read)
  if (isRateLimit || isOutage(outcome.status)) return { failure: refused(read, isRateLimit, request, now) }
  const trail = { attempts: 1, ...evidenceIn(read, request.quote) }
  return { answer: { ...read, serverTime: timeOf(only(outcome.headers['date'])), trail } }
}

/** Whether an answer is one in which the service itself refuses. See `Answer`. */
export function isOwnRefusal(
  service: Service,
  { json, body, headers }: Pick<Answer, 'json' | 'body' | 'headers'>
): boolean {
  return service === 'GitHub' ? isGithubsRefusal(json, headers) : isVauntsRefusal(json, body)
}

/** GitHub refuses with an object that has a `message`; one without counts when it comes with a header of GitHub's own. */
function isGithubsRefusal(json: unknown, headers: Received['headers']): boolean {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return hasMessage(json) || (isObject && Object.keys(headers).some(name => name.startsWith('x-github-')))
}

function hasMessage(json: unknown): boolean {
  return typeof property(json, 'message') === 'string'
}

/** Vaunt refuses with `{"error":{"message","code"}}`, `{"message","code"}`, or nothing but a status. */
function isVauntsRefusal(json: unknown, body: string): boolean {
  const error = property(json, 'error')
  return body.trim() === '' || [json, error].some(hasMessage) || typeof property(error, 'code') === 'number'
}

/** The words of an error body: GitHub's `message`, Vaunt's `error.message`, `error` or `message`; empty when there are none. */
export function messageIn(json: unknown): string {
  const error = property(json, 'error')
  const message = property(error, 'message') ?? property(json, 'message') ?? error
  return typeof message === 'string' ? message : ''
}

// What a status means for another attempt.

type Read = Omit<Answer, 'serverTime' | 'trail'>

/** Whether a rate limit speaks: a 429, or a 403 that is marked as one or says so, and was not written by something in between. */
function limitsRate({ status, headers, body, json, isOwnRefusal }: Read): boolean {
  if (status === 429) return true
  if (status !== 403 || !(isOwnRefusal || body === '')) return false
  const marked = headers['retry-after'] !== undefined || only(headers['x-ratelimit-remaining']) === '0'
  return marked || RATE_LIMIT_WORDS.test(messageIn(json))
}

/** GitHub's words when somebody logs in with wrong secrets too often. */
export const LOGIN_LIMIT = /login attempts exceeded/i

/** GitHub called its secondary limits "abuse detection" before; Enterprise Server still does. */
const RATE_LIMIT_WORDS = /\brate limit|abuse detection/i

function refused(read: Read, isRateLimit: boolean, request: Request, now: number): Failure {
  const { status, headers } = read
  const evidence = evidenceIn(read, request.quote)
  const waitMs = requestedWaitMs(headers, isRateLimit, now)
  const comeBackAt = waitMs === undefined ? undefined : now + waitMs
  const isBeyond = comeBackAt !== undefined && comeBackAt > LAST_TIME
  return {
    retryReason: `HTTP ${status}`,
    waitMs,
    isRateLimit,
    error: circumstances => {
      const until = dateAfter(circumstances.now, comeBackAt)
      const facts = { attempts: circumstances.attempts, ...evidence, until }
      if (isRateLimit) {
        const limit = LOGIN_LIMIT.test(messageIn(read.json)) ? 'logins' : undefined
        return ActionError.of(named(request.service, 'rate-limited'), { ...facts, limit, isBeyond })
      }
      const { host, limits } = request
      const outage = {
        outage: 'status',
        phase: 'http',
        host,
        detail: `HTTP ${status}`,
        limitMs: limits.actionMs
      } as const
      return ActionError.of(named(request.service, 'unavailable'), { ...facts, ...outage })
    }
  }
}

/** What an answer tells for finding it again: the request id and the server's own words. */
export function evidenceIn(
  { headers, json }: Pick<Answer, 'headers' | 'json'>,
  quote: (raw: string) => Quoted
): Omit<Trail, 'attempts'> {
  const words = [messageIn(json), ...reasonsIn(json)].join(' ').trim()
  return { requestId: requestIdIn(headers, quote), words: words ? quote(words) : undefined }
}

/** GitHub tells in a list what is wrong with a request; its message is then no more than "Validation Failed". */
export function reasonsIn(json: unknown): string[] {
  const errors = property(json, 'errors')
  const messages = Array.isArray(errors) ? errors.slice(0, 5).map(error => property(error, 'message')) : []
  return messages.filter(message => typeof message === 'string')
}

/**
 * How long the server asks to wait, in milliseconds: from `retry-after` (seconds or a date), else from `x-ratelimit-reset`.
 *
 * @returns undefined when it does not say
 */
function requestedWaitMs(headers: Received['headers'], isRateLimit: boolean, now: number): number | undefined {
  // Times are compared on the server's own clock where it tells: the runner's may be wrong.
  const serverNow = timeOf(only(headers['date'])) ?? now
  const retryAfter = only(headers['retry-after'])
  const seconds = wholeNumber(retryAfter)
  if (seconds !== undefined) return seconds * 1000
  const comeBackAt = timeOf(retryAfter)
  if (comeBackAt !== undefined) return Math.max(0, comeBackAt - serverNow)
  const reset = wholeNumber(only(headers['x-ratelimit-reset']))
  // With requests left, the hour's reset is not what the server is waiting for.
  const remaining = only(headers['x-ratelimit-remaining']) ?? '0'
  if (!isRateLimit || remaining !== '0' || reset === undefined) return undefined
  return reset < FIRST_EPOCH_SECOND ? reset * 1000 : Math.max(0, reset * 1000 - serverNow)
}

/** GitHub's reset is a time since the epoch; other services count the seconds from now. No time of today is below this one. */
const FIRST_EPOCH_SECOND = 1_000_000_000

/** The value of a header that was given once, or several times with this one value. */
function only(value: string | undefined): string | undefined {
  const parts = value?.split(',').map(part => part.trim())
  // A date has a comma of its own.
  const length = [1, 2].find(each => parts?.every((part, index) => part === parts[index % each]))
  return length === undefined ? value : parts?.slice(0, length).join(', ')
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

/** The time as a Date, when it is still to come and a Date can hold it. */
function dateAfter(now: number, time = NaN): Date | undefined {
  return time > now && time <= LAST_TIME ? new Date(time) : undefined
}

/** The last millisecond that a Date can hold. */
const LAST_TIME = 8_640_000_000_000_000

function unreadable(outcome: Unreadable, request: Request, now: number): Failure {
  const { unreadable: surprise, status, headers } = outcome
  const { service, path, limits, host, quote } = request
  // Where the status alone means "later", nobody needs the body; unless it is too large to be an honest one.
  if (surprise === 'undecodable' && (status === 429 || isOutage(status))) {
    const read = { status, headers, body: '', host, json: undefined, isOwnRefusal: false }
    return refused(read, status === 429, request, now)
  }
  return {
    isRateLimit: false,
    error: ({ attempts }) =>
      ActionError.of(named(service, 'unexpected'), {
        surprise,
        asked: `${path}`,
        attempts,
        status: surprise === 'too-large' ? undefined : status,
        limitBytes: limits.bodyBytes,
        requestId: requestIdIn(headers, quote)
      })
  }
}
