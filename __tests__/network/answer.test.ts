// Tests the outcome of an attempt: a response, or a failure and its code, and who a response comes from.

import { describe, expect, test } from '@jest/globals'
import type { Request } from '../../src/network/failure.ts'
import { judge, messageIn, surpriseOf } from '../../src/network/answer.ts'
import type { Answer, Outcome } from '../../src/network/answer.ts'
import type { Failure } from '../../src/network/failure.ts'
import { quote } from '../support/failures.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')
/** By the server's clock, which is a day ahead of the runner's. */
const SERVER_NOW = NOW + 86_400_000

function request(service: Request['service'] = 'GitHub'): Request {
  return {
    service,
    path: quote('/path'),
    host: quote('api.example'),
    proxyHost: undefined,
    hasCredentials: false,
    limits: { actionMs: 60_000, bodyBytes: 1_048_576 },
    quote,
    extraCa: () => 'unset'
  }
}

type Headers = Record<string, string>

function judged(
  status: number,
  body = '{}',
  headers: Headers = {},
  service: Request['service'] = 'GitHub'
): Answer | Failure {
  const verdict = judge({ status, headers, body }, request(service), NOW)
  return 'answer' in verdict ? verdict.answer : verdict.failure
}

function answer(...given: Parameters<typeof judged>): Answer {
  const found = judged(...given)
  if ('status' in found) return found
  throw new Error('expected an answer')
}

function failure(...given: Parameters<typeof judged>): Failure {
  const found = judged(...given)
  if ('error' in found) return found
  throw new Error('expected a failure')
}

describe('an answer', () => {
  test('comes with all that is known of it', () => {
    const headers = { date: 'Mon, 23 Nov 2026 12:00:00 GMT', 'x-github-request-id': 'C0DE:1' }
    const found = answer(200, '{"id":1}', headers)
    expect(found).toMatchObject({ status: 200, headers, body: '{"id":1}', json: { id: 1 }, serverTime: NOW })
    expect([`${found.host}`, found.trail.attempts, `${found.trail.requestId}`]).toEqual(['api.example', 1, 'C0DE:1'])
  })

  test.each([
    [{ 'x-request-id': 'V1' }, 'V1'],
    [{ 'x-request-id': 'V1', 'x-github-request-id': 'G1' }, 'G1'],
    [{ 'x-request-id': '' }, undefined],
    [{}, undefined]
  ])('has its id under either name: %j', (headers, id) => {
    expect(answer(200, '{}', headers).trail.requestId?.toString()).toBe(id)
  })

  test.each([
    ['Mon, 23 Nov 2026 12:00:00 GMT', NOW],
    ['Mon Nov 23 12:00:00 2026', undefined],
    ['Mon, 23 Nov 2026 12:00:00 +0100', undefined],
    ['x Mon, 23 Nov 2026 12:00:00 GMT', undefined],
    ['Mon, 23 Nov 2026 12:00:00 GMT x', undefined],
    ['Mon, no date at all GMT', undefined]
  ])('has the time of its server: %s', (date, expected) => {
    expect(answer(200, '{}', { date }).serverTime).toBe(expected)
  })

  test.each([200, 204, 301, 304, 400, 401, 403, 404, 409, 418, 422, 451, 499, 501, 505, 511])(
    'of status %i',
    status => {
      expect(answer(status).status).toBe(status)
    }
  )
})

test.each<[unknown, string]>([
  [{ message: 'a message' }, 'a message'],
  [{ error: { message: 'inner' }, message: 'outer' }, 'inner'],
  [{ error: 'a text', message: 'outer' }, 'outer'],
  [{ error: 'a text' }, 'a text'],
  [{ error: { code: 1 } }, ''],
  [{ message: 7 }, ''],
  [undefined, ''],
  ['message', '']
])('the words of %j', (json, words) => {
  expect(messageIn(json)).toBe(words)
})

describe('whose word a refusal is', () => {
  test.each<[string, Headers, boolean]>([
    ['{"message":"No"}', {}, true],
    ['{"message":""}', {}, true],
    ['{"message":7}', {}, false],
    ['{"message":["No"]}', {}, false],
    ['{"error":"unauthorized"}', {}, false],
    ['{}', {}, false],
    ['{}', { 'x-github-sso': 'required' }, true],
    ['{}', { 'x-github-request-id': '1' }, true],
    ['{}', { 'x-not-x-github-': '1' }, false],
    ['[]', { 'x-github-request-id': '1' }, false],
    ['null', { 'x-github-request-id': '1' }, false],
    ['', { 'x-github-request-id': '1' }, false],
    ['<html>', { 'x-github-request-id': '1' }, false]
  ])('of GitHub: %s with %j: %s', (body, headers, isOwn) => {
    expect(answer(401, body, headers).isOwnRefusal).toBe(isOwn)
  })

  test.each<[string, boolean]>([
    ['', true],
    [' \n', true],
    ['{"message":"No","code":1}', true],
    ['{"error":{"message":"No","code":1}}', true],
    ['{"error":{"code":2}}', true],
    ['{"error":{"code":"2"}}', false],
    ['{"error":"No"}', false],
    ['{"code":2}', false],
    ['{}', false],
    ['[]', false],
    ['null', false],
    ['No', false]
  ])('of Vaunt: %j: %s', (body, isOwn) => {
    expect(answer(404, body, {}, 'Vaunt').isOwnRefusal).toBe(isOwn)
  })
})

describe('a rate limit', () => {
  test.each<[number, string, Headers]>([
    [429, '<html>', {}],
    [403, '{"message":"x"}', { 'retry-after': '0' }],
    [403, '{"message":"x"}', { 'x-ratelimit-remaining': '0' }],
    [403, '{"message":"x"}', { 'x-ratelimit-remaining': '0, 0' }],
    [403, '', { 'retry-after': '0' }],
    [403, '{"message":"API rate limit exceeded"}', {}],
    [403, '{"message":"You have exceeded a secondary Rate Limit."}', {}],
    [403, '{"message":"You have triggered an abuse detection mechanism"}', {}]
  ])('%i %s %j', (status, body, headers) => {
    const found = failure(status, body, headers)
    expect(found).toMatchObject({ isRateLimit: true, retryReason: `HTTP ${status}` })
    expect(found.error({ attempts: 2, late: false, now: NOW }).code).toBe('github-rate-limited')
  })

  test.each<[number, string, Headers]>([
    [403, '<html>', { 'retry-after': '0' }],
    [403, '{"message":"x"}', { 'x-ratelimit-remaining': '1' }],
    [403, '{"message":"separate limits"}', {}],
    [403, '', {}],
    [404, '{"message":"API rate limit exceeded"}', { 'retry-after': '0' }]
  ])('is not %i %s %j', (status, body, headers) => {
    expect(answer(status, body, headers).status).toBe(status)
  })

  const date = new Date(SERVER_NOW).toUTCString()
  test.each<[number, Headers, number | undefined]>([
    [429, {}, undefined],
    [429, { 'retry-after': '7' }, 7_000],
    [429, { 'retry-after': '7, 7' }, 7_000],
    [429, { 'retry-after': '7,7,7' }, 7_000],
    [429, { 'retry-after': '7, 8' }, undefined],
    [429, { 'retry-after': '7.5' }, undefined],
    [429, { 'retry-after': '-7' }, undefined],
    [503, { 'retry-after': new Date(SERVER_NOW + 7_000).toUTCString() }, 7_000],
    [
      503,
      { 'retry-after': `${new Date(SERVER_NOW + 7_000).toUTCString()}, ${new Date(SERVER_NOW + 7_000).toUTCString()}` },
      7_000
    ],
    [503, { 'retry-after': new Date(SERVER_NOW - 7_000).toUTCString() }, 0],
    [429, { 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 7_000],
    [429, { 'x-ratelimit-reset': String(SERVER_NOW / 1000 - 7) }, 0],
    [429, { 'x-ratelimit-reset': '7' }, 7_000],
    [429, { 'x-ratelimit-reset': '999999999' }, 999_999_999_000],
    [429, { 'x-ratelimit-reset': '1000000000' }, 0],
    [429, { 'x-ratelimit-reset': '7', 'x-ratelimit-remaining': '5' }, undefined],
    [429, { 'x-ratelimit-reset': '7', 'x-ratelimit-remaining': '0, 0' }, 7_000],
    [429, { 'x-ratelimit-reset': 'soon' }, undefined],
    [503, { 'x-ratelimit-reset': '7', 'x-ratelimit-remaining': '0' }, undefined]
  ])('%i with %j asks to wait %s ms', (status, headers, expected) => {
    expect(failure(status, '{}', { date, ...headers }).waitMs).toBe(expected)
  })

  test('says until when, on the runner’s clock, as long as that is to come', () => {
    const { error } = failure(429, '{}', { date, 'retry-after': '60' })
    expect(error({ attempts: 1, late: false, now: NOW }).message).toContain('until 2026-11-23T12:01:00.000Z')
    expect(error({ attempts: 1, late: false, now: NOW + 60_000 }).message).not.toContain('until')
    const never = failure(429, '{}', { 'retry-after': '9'.repeat(400) })
    expect(never.error({ attempts: 1, late: false, now: NOW }).message).not.toContain('until')
  })

  test('takes no time worth speaking of, however long the header', () => {
    for (const piece of ['7, ', '7,', ',', ' ', 'a, b, ']) {
      const start = performance.now()
      failure(429, '{}', { 'retry-after': piece.repeat(16_000 / piece.length) })
      expect(performance.now() - start).toBeLessThan(1_000)
    }
  })
})

test.each([408, 500, 502, 503, 504, 520, 530, 599])('status %i is an outage that may pass', status => {
  const found = failure(status, '{"message":"Sorry"}', {}, 'Vaunt')
  expect(found).toMatchObject({ isRateLimit: false, retryReason: `HTTP ${status}` })
  const { code, message, details } = found.error({ attempts: 3, late: false, now: NOW })
  expect([code, message]).toEqual(['vaunt-unavailable', `Vaunt is unavailable (HTTP ${status}).`])
  expect(details).toBe('Vaunt: "Sorry"; 3 attempts')
})

describe('a body that is of no use', () => {
  test.each<[Outcome, string]>([
    [
      { unreadable: 'too-large', status: 200, headers: {} },
      'GitHub sent a response of more than 1 MiB when the action requested /path.'
    ],
    [
      { unreadable: 'undecodable', status: 200, headers: {} },
      'GitHub sent a response in an unsupported compression format (HTTP 200) when the action requested /path.'
    ]
  ])('%j', (outcome, told) => {
    const verdict = judge(outcome, request(), NOW)
    if (!('failure' in verdict)) throw new Error('expected a failure')
    expect(verdict.failure.retryReason).toBeUndefined()
    expect(verdict.failure.isRateLimit).toBe(false)
    const { code, message } = verdict.failure.error({ attempts: 1, late: false, now: NOW })
    expect([code, message]).toEqual(['github-unexpected', told])
  })
})

test.each([
  ['undecodable', 503, {}, 'github-unavailable', undefined],
  ['undecodable', 502, { 'retry-after': '2' }, 'github-unavailable', 2_000],
  ['undecodable', 408, {}, 'github-unavailable', undefined],
  ['undecodable', 429, { 'retry-after': '1' }, 'github-rate-limited', 1_000]
] as const)('a body that is %s does not hide that status %i passes', (unreadable, status, headers, code, waitMs) => {
  const verdict = judge({ unreadable, status, headers }, request(), NOW)
  if (!('failure' in verdict)) throw new Error('expected a failure')
  expect(verdict.failure).toMatchObject({ retryReason: `HTTP ${status}`, waitMs, isRateLimit: status === 429 })
  expect(verdict.failure.error({ attempts: 3, late: false, now: NOW }).code).toBe(code)
})

test.each([403, 501, 505, 511])('a body that cannot be read is what status %i is told by', status => {
  const headers = { 'retry-after': '1', 'x-github-request-id': 'R9' }
  const verdict = judge({ unreadable: 'undecodable', status, headers }, request(), NOW)
  if (!('failure' in verdict)) throw new Error('expected a failure')
  expect(verdict.failure.retryReason).toBeUndefined()
  const { message, details } = verdict.failure.error({ attempts: 1, late: false, now: NOW })
  expect(message).toContain('unsupported compression format')
  expect(details).toBe('request ID R9')
})

test('an answer that broke off is found again by its request id', () => {
  const progress = { phase: 'http', atProxy: false } as const
  for (const broken of ['connection', 'deadline'] as const) {
    const verdict = judge({ broken, progress, headers: { 'x-github-request-id': 'R7' } }, request(), NOW)
    if (!('failure' in verdict)) throw new Error('expected a failure')
    const { details } = verdict.failure.error({ attempts: 3, late: false, now: NOW })
    expect(details).toBe('request ID R7; 3 attempts')
  }
})

test('too many failed logins are told as such, also with a time to come back', () => {
  const body = '{"message":"Maximum number of login attempts exceeded. Please try again later."}'
  const { message, remedy } = failure(403, body, { 'retry-after': '90' }).error({ attempts: 1, late: false, now: NOW })
  expect(message).toMatch(/^GitHub is blocking logins until 2\S+Z after too many failed attempts\./)
  expect(remedy).toContain('wrong PAT')
})

test.each(['9'.repeat(13), '9'.repeat(30)])(
  'a time to come back beyond every calendar, %s, is told as such',
  seconds => {
    const { message, remedy } = failure(429, '{}', { 'retry-after': seconds }).error({
      attempts: 1,
      late: false,
      now: NOW
    })
    expect(message).toContain("GitHub is limiting requests and didn't give a valid time to retry.")
    expect(remedy).toContain('Run the job again in an hour')
  }
)

test("a server's date that is given twice counts once", () => {
  const date = 'Mon, 23 Nov 2026 12:00:00 GMT'
  const found = failure(429, '{}', { date: `${date}, ${date}`, 'retry-after': 'Mon, 23 Nov 2026 12:00:07 GMT' })
  expect(found.waitMs).toBe(7_000)
})

test('what broke off is judged as a fault', () => {
  const broken = { broken: 'connection', progress: { phase: 'tcp', atProxy: false } } as const
  expect(judge(broken, request(), NOW)).toHaveProperty('failure.retryReason', 'connection closed')
})

test.each([
  [301, 'redirect'],
  [399, 'redirect'],
  [304, 'status'],
  [204, 'status'],
  [401, 'foreign'],
  [403, 'foreign'],
  [404, 'foreign'],
  [511, 'foreign'],
  [400, 'status'],
  [418, 'status']
] as const)('names what is unexpected about status %i: %s', (status, expected) => {
  expect(surpriseOf(status)).toBe(expected)
})
