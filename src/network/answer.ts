// Judges the outcome of an attempt: an answer, or a failure with its code and whether a retry can help. Failures without a response are named in failure.ts.

import { ActionError } from '../errors/action-error.ts'
import { brokenOff, isOutage, named, requestIdIn } from './failure.ts'
import type { Broken, Failure, Request } from './failure.ts'
import { parseJson, property, textIn } from '../untrusted/json.ts'
import type { Service, Trail } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** A complete response. Names of headers are lowercase, and several values are joined by commas. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A response whose body can't be used: it is too large, or can't be decompressed. */
export interface Unreadable extends Pick<Received, 'status' | 'headers'> {
  readonly unreadable: 'too-large' | 'undecodable'
}

/** The outcome of one attempt. */
export type Outcome = Received | Broken | Unreadable

/** A response with any status that isn't retried. */
export interface Answer extends Received {
  /** The host of the request, fit to print. */
  readonly host: Quoted
  /** The body parsed as JSON, whatever its content type is; undefined if it isn't JSON. */
  readonly json: unknown
  /**
   * Whether the body has the format in which the service itself refuses: its JSON, or nothing (Vaunt). Any other body comes from
   * something in between, such as a proxy, a firewall, or a login page.
   */
  readonly isOwnRefusal: boolean
  /** The time in the header `date`, in milliseconds since the epoch. */
  readonly serverTime: number | undefined
  readonly trail: Trail
}

export type Verdict = { readonly answer: Answer } | { readonly failure: Failure }

/**
 * Judges the outcome of an attempt.
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

/** Tells whether a body has the format in which the service itself refuses; see `Answer`. */
export function isOwnRefusal(
  service: Service,
  { json, body, headers }: Pick<Answer, 'json' | 'body' | 'headers'>
): boolean {
  return service === 'GitHub' ? isGithubsRefusal(json, headers) : isVauntsRefusal(json, body)
}

/** GitHub refuses with an object that has a `message`. Without one, the response must have one of GitHub's own headers. */
function isGithubsRefusal(json: unknown, headers: Received['headers']): boolean {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return hasMessage(json) || (isObject && Object.keys(headers).some(name => name.startsWith('x-github-')))
}

function hasMessage(json: unknown): boolean {
  return textIn(json, 'message') !== undefined
}

/** Vaunt refuses with `{"error":{"message","code"}}`, with `{"message","code"}`, or with an empty body. */
function isVauntsRefusal(json: unknown, body: string): boolean {
  const error = property(json, 'error')
  return body.trim() === '' || [json, error].some(hasMessage) || typeof property(error, 'code') === 'number'
}

/** Names what is unexpected about a status, if the response isn't a refusal in the service's own format. */
export function surpriseOf(status: number): 'redirect' | 'foreign' | 'status' {
  // A 304 means that nothing changed; it isn't a redirect.
  if (status >= 300 && status < 400 && status !== 304) return 'redirect'
  return [401, 403, 404, 511].includes(status) ? 'foreign' : 'status'
}

/** Returns the message of an error: GitHub's `message`, or Vaunt's `error.message`, `error`, or `message`; empty if there is none. */
export function messageIn(json: unknown): string {
  const error = property(json, 'error')
  const message = property(error, 'message') ?? property(json, 'message') ?? error
  return typeof message === 'string' ? message : ''
}

type Read = Omit<Answer, 'serverTime' | 'trail'>

/** Tells whether a response is a rate limit: a 429, or a 403 with its headers or words that isn't from something in between. */
function limitsRate({ status, headers, body, json, isOwnRefusal }: Read): boolean {
  if (status === 429) return true
  if (status !== 403 || !(isOwnRefusal || body === '')) return false
  const marked = headers['retry-after'] !== undefined || only(headers['x-ratelimit-remaining']) === '0'
  return marked || RATE_LIMIT_WORDS.test(messageIn(json))
}

/** GitHub's words after too many failed logins. */
export const LOGIN_LIMIT = /login attempts exceeded/i

/** GitHub used to call its secondary limits "abuse detection"; GitHub Enterprise Server still does. */
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

/** The evidence in an answer: the request ID and the server's own words. */
export function evidenceIn(
  { headers, json }: Pick<Answer, 'headers' | 'json'>,
  quote: (raw: string) => Quoted
): Omit<Trail, 'attempts'> {
  const words = [messageIn(json), ...reasonsIn(json)].join(' ').trim()
  return { requestId: requestIdIn(headers, quote), words: words ? quote(words) : undefined }
}

/** GitHub can list what is wrong with a request. Its message is then only "Validation Failed". */
export function reasonsIn(json: unknown): string[] {
  const errors = property(json, 'errors')
  const messages = Array.isArray(errors) ? errors.slice(0, 5).map(error => property(error, 'message')) : []
  return messages.filter(message => typeof message === 'string')
}

/**
 * Reads how long the server asks to wait, in milliseconds, from `retry-after` (seconds or a date) or `x-ratelimit-reset`.
 *
 * @returns undefined if neither header says it
 */
function requestedWaitMs(headers: Received['headers'], isRateLimit: boolean, now: number): number | undefined {
  // Times are compared with the server's clock, if the response shows it, because the runner's clock can be wrong.
  const serverNow = timeOf(only(headers['date'])) ?? now
  const retryAfter = only(headers['retry-after'])
  const seconds = wholeNumber(retryAfter)
  if (seconds !== undefined) return seconds * 1000
  const comeBackAt = timeOf(retryAfter)
  if (comeBackAt !== undefined) return Math.max(0, comeBackAt - serverNow)
  const reset = wholeNumber(only(headers['x-ratelimit-reset']))
  // If requests remain, the limit that resets each hour isn't the one that was exceeded.
  const remaining = only(headers['x-ratelimit-remaining']) ?? '0'
  if (!isRateLimit || remaining !== '0' || reset === undefined) return undefined
  return reset < FIRST_EPOCH_SECOND ? reset * 1000 : Math.max(0, reset * 1000 - serverNow)
}

/** GitHub's reset time counts from the epoch; other services count the seconds from now. A larger number is a time since the epoch. */
const FIRST_EPOCH_SECOND = 1_000_000_000

/** Returns the value of a header that was sent once, or several times with the same value. */
function only(value: string | undefined): string | undefined {
  const parts = value?.split(',').map(part => part.trim())
  // A date contains a comma, too.
  const length = [1, 2].find(each => parts?.every((part, index) => part === parts[index % each]))
  return length === undefined ? value : parts?.slice(0, length).join(', ')
}

/** Parses a number that consists only of digits; undefined for anything else. */
function wholeNumber(text = ''): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** Converts an HTTP date to milliseconds since the epoch; undefined for anything else, including obsolete formats without a time zone. */
function timeOf(httpDate = ''): number | undefined {
  const time = /^[A-Z][a-z]{2}, .* GMT$/.test(httpDate) ? Date.parse(httpDate) : NaN
  return Number.isNaN(time) ? undefined : time
}

/** Returns a time as a Date, if it is in the future and not too large for a Date. */
function dateAfter(now: number, time = NaN): Date | undefined {
  return time > now && time <= LAST_TIME ? new Date(time) : undefined
}

/** The largest time of a Date, in milliseconds since the epoch. */
const LAST_TIME = 8_640_000_000_000_000

function unreadable(outcome: Unreadable, request: Request, now: number): Failure {
  const { unreadable: surprise, status, headers } = outcome
  const { service, path, limits, host, quote } = request
  // If the status alone means "try again later", the body isn't needed. A body that is too large remains a failure.
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
