// Tests the client's rules against real TLS servers on loopback: attempts, pauses, deadlines, sizes, and certificates. Proxies are tested in connection-proxies.test.ts.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { ActionError } from '../../src/errors/action-error.ts'
import type { Client } from '../../src/network/client.ts'
import { LIMITS } from '../../src/network/retry.ts'
import type { Answer } from '../../src/network/answer.ts'
import * as staged from '../../sandbox/network/answers.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { CERTIFICATE_CODES, failureOf, quote } from '../support/failures.ts'
import { broken, SHORT, startNetwork } from '../support/network.ts'
import type { Network } from '../support/network.ts'
import { fc } from '../support/properties.ts'
import { PAT } from '../support/secrets.ts'

let network: Network
let server: StagedServer

beforeAll(async () => {
  network = await startNetwork()
  server = network.server
})

afterEach(() => {
  network.reset()
})

afterAll(async () => {
  await network.stop()
})

function get(client: Client, path = '/path', signal?: AbortSignal): Promise<Answer> {
  return client.request('GitHub', `${server.url}${path}`, {
    headers: { accept: 'application/json', 'x-test': PAT },
    signal
  })
}

function refused(client: Client, path = '/path'): Promise<ActionError> {
  return failureOf(() => get(client, path))
}

/** The end of a connection takes a moment to arrive. */
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 100))

const always = (...answers: [staged.Answer, ...staged.Answer[]]): void => {
  server.stageAlways('*', staged.inTurn(...answers))
}

describe('limits', () => {
  test('are those of the contract', () => {
    expect(LIMITS).toEqual({
      attemptMs: 10_000,
      actionMs: 60_000,
      attempts: 3,
      bodyBytes: 1_048_576,
      pausesMs: [1_000, 5_000],
      unsaidLimitMs: 10_000,
      spreadMs: 10_000,
      roomMs: 5_000
    })
  })

  test('are those of the contract unless told otherwise', async () => {
    always(staged.answer(503))
    const aborting = new AbortController()
    const client = network.client({
      limits: undefined as unknown as typeof LIMITS,
      random: () => 1,
      onRetry: ({ waitMs }) => {
        expect(waitMs).toBe(1_500)
        aborting.abort()
      }
    })
    await expect(get(client, '/path', aborting.signal)).rejects.toHaveProperty('name', 'AbortError')
    expect.assertions(2)
  })
})

describe('an answer', () => {
  test('comes with all that is known of it', async () => {
    server.stage(
      'GET /path',
      staged.answer(
        200,
        { id: 1 },
        {
          date: 'Mon, 23 Nov 2026 12:00:00 GMT',
          'X-GitHub-Request-Id': 'C0DE:1',
          'X-Double': ['a', 'b']
        }
      )
    )
    const answer = await get(network.client())
    expect(answer).toMatchObject({
      status: 200,
      body: '{"id":1}',
      json: { id: 1 },
      serverTime: Date.parse('2026-11-23T12:00:00Z'),
      headers: { 'x-double': 'a, b', 'content-type': 'application/json; charset=utf-8' }
    })
    expect(answer.trail.attempts).toBe(1)
    expect(answer.trail.requestId?.toString()).toBe('C0DE:1')
    expect(answer.trail.words).toBeUndefined()
  })

  test('is asked for with a GET and the headers given', async () => {
    await get(network.client(), '/some/path')
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/some/path',
      headers: { accept: 'application/json', 'x-test': PAT }
    })
  })

  test.each([
    ['text/plain', '{"id":1}', { id: 1 }],
    ['text/html', '[1]', [1]],
    ['application/json', '<html>', undefined],
    ['application/json', '', undefined],
    ['application/json', '{"id":', undefined],
    ['application/json', 'null', null]
  ])('is JSON or not by its body, whatever it claims: %s', async (type, body, expected) => {
    server.stage('*', staged.answer(200, body, { 'content-type': type }))
    const { json, body: text } = await get(network.client())
    expect(json).toEqual(expected)
    expect(text).toBe(body)
  })

  test('has its words in one of the forms that are known', async () => {
    const words = async (body: unknown): Promise<string | undefined> => {
      server.stage('*', staged.answer(400, body))
      return (await get(network.client())).trail.words?.toString()
    }
    expect(await words({ message: 'a message' })).toBe('a message')
    expect(await words({ message: 'x ::add-mask::y\n##[z]' })).toBe('x : :add-mask: :y # #[z]')
    expect(await words({ error: { message: 'inner' }, message: 'outer' })).toBe('inner')
    expect(await words({ error: 'a text', message: 'outer' })).toBe('outer')
    expect(await words({ error: 'a text' })).toBe('a text')
    expect(await words({ error: { code: 1 } })).toBeUndefined()
    expect(await words({ message: 7 })).toBeUndefined()
    expect(await words({ message: '' })).toBeUndefined()
    expect(await words('no JSON')).toBeUndefined()
    expect(await words('null')).toBeUndefined()
    expect(await words('"message"')).toBeUndefined()
    expect(await words('{"__proto__":{"message":"inherited"}}')).toBeUndefined()
  })

  test('has its id under either name', async () => {
    server.stage('*', staged.answer(200, '', { 'x-request-id': 'V1' }))
    expect((await get(network.client())).trail.requestId?.toString()).toBe('V1')
    server.stage('*', staged.answer(200, '', { 'x-request-id': 'V1', 'x-github-request-id': 'G::1' }))
    expect((await get(network.client())).trail.requestId?.toString()).toBe('G: :1')
    server.stage('*', staged.answer(200, '', { 'x-request-id': '' }))
    expect((await get(network.client())).trail.requestId).toBeUndefined()
  })

  test.each([
    ['Mon, 23 Nov 2026 12:00:00 GMT', Date.parse('2026-11-23T12:00:00Z')],
    ['Mon Nov 23 12:00:00 2026', undefined],
    ['Monday, 23-Nov-26 12:00:00 GMT', undefined],
    ['2026-11-23T12:00:00Z', undefined],
    ['Mon, 23 Nov 2026 12:00:00 +0100', undefined],
    ['x Mon, 23 Nov 2026 12:00:00 GMT', undefined],
    ['Mon, 23 Nov 2026 12:00:00 GMT x', undefined],
    ['Mon, 23 Nov 2026 12:00:00 GMT+0100', undefined],
    ['Mon, no date at all GMT', undefined],
    ['1795435200', undefined]
  ])('has the time of its server: %s', async (date, expected) => {
    server.stage('*', staged.answer(200, '', { date }))
    expect((await get(network.client())).serverTime).toBe(expected)
  })

  test('without a date has no time', async () => {
    server.stage('*', (_request, response) => {
      response.sendDate = false
      response.end('{}')
    })
    expect((await get(network.client())).serverTime).toBeUndefined()
  })

  test.each([
    200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 402, 404, 405, 409, 410, 418, 422, 451, 501, 505,
    511
  ])('of status %i is final: one request, and nobody is asked elsewhere', async status => {
    always(
      staged.answer(status, status === 204 || status === 304 ? undefined : '{}', { location: `${server.url}/else` })
    )
    const client = network.client()
    expect((await get(client)).status).toBe(status)
    expect(server.requests.map(({ path }) => path)).toEqual(['/path'])
    expect(client.retries).toEqual([])
  })

  test.each([
    ['no marker', {}],
    ['requests left', { 'x-ratelimit-remaining': '1' }],
    ['a limit that it is not', { 'x-ratelimit-reset': '1' }]
  ])('of status 403 with %s is final', async (_, headers) => {
    always(staged.answer(403, '{}', headers))
    expect((await get(network.client())).status).toBe(403)
    expect(server.requests).toHaveLength(1)
  })

  test.each([200, 301, 400, 401, 404, 409, 422, 501])(
    'of status %i is final, marked as a limit or not',
    async status => {
      always(staged.answer(status, '{}', { 'retry-after': '0', 'x-ratelimit-remaining': '0' }))
      expect((await get(network.client())).status).toBe(status)
      expect(server.requests).toHaveLength(1)
    }
  )
})

describe('attempts', () => {
  test.each([408, 500, 502, 503, 504, 506, 507, 520, 530, 599])(
    'three for status %i, then it is given up',
    async status => {
      always(staged.answer(status, { message: 'Sorry' }, { 'x-github-request-id': 'R9' }))
      const client = network.client()
      const error = await refused(client)
      expect(error.code).toBe('github-unavailable')
      expect(error.message).toBe(`GitHub is unavailable (HTTP ${status}).`)
      expect(error.details).toBe('GitHub: "Sorry"; request ID R9; 3 attempts')
      expect(server.requests).toHaveLength(3)
      expect(
        client.retries.map(({ service, path, reason, nextAttempt }) => [service, path.toString(), reason, nextAttempt])
      ).toEqual([
        ['GitHub', '/path', `HTTP ${status}`, 2],
        ['GitHub', '/path', `HTTP ${status}`, 3]
      ])
    }
  )

  test('three for status 429 and for 403 with a marker, then it is a limit', async () => {
    for (const [status, headers] of [
      [429, {}],
      [403, { 'retry-after': '0' }],
      [403, { 'x-ratelimit-remaining': ' 0 ' }],
      [403, { 'retry-after': 'soon' }]
    ] as const) {
      server.reset()
      always(staged.answer(status, { message: 'Slow down' }, headers))
      const error = await refused(network.client())
      expect(error.code).toBe('github-rate-limited')
      expect(error.message).toMatch(/^GitHub is limiting requests/)
      expect(error.details).toBe('GitHub: "Slow down"; 3 attempts')
      expect(server.requests).toHaveLength(3)
    }
  })

  test('are told of Vaunt in the same way', async () => {
    const ask = (): Promise<ActionError> =>
      failureOf(() => network.client().request('Vaunt', server.url, { headers: {} }))
    always(staged.answer(500))
    expect((await ask()).code).toBe('vaunt-unavailable')
    always(staged.answer(429))
    expect((await ask()).code).toBe('vaunt-rate-limited')
    always(staged.endless())
    expect((await ask()).code).toBe('vaunt-unexpected')
  })

  test.each([
    ['second', [staged.answer(500)], 2],
    ['third', [staged.answer(502), staged.resetBeforeAnswer()], 3]
  ] as const)('end with the %s, when it succeeds', async (_, failing, attempts) => {
    server.stage('*', ...failing)
    const answer = await get(network.client())
    expect(answer.json).toEqual({ fine: true })
    expect(answer.trail.attempts).toBe(attempts)
    expect(server.requests).toHaveLength(attempts)
  })

  test.each([
    ['a reset before the answer', staged.resetBeforeAnswer(), 'ECONNRESET'],
    ['a reset in the middle of the body', staged.resetMidBody(), 'ECONNRESET'],
    ['an end before the answer', staged.closeBeforeAnswer(), 'ECONNRESET'],
    ['an end in the middle of the body', staged.closeMidBody(), 'connection closed']
  ])('three for %s', async (_, answer, code) => {
    always(answer)
    const client = network.client()
    const error = await refused(client)
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toBe(
      `The request to GitHub at localhost:${server.port} failed: the connection closed before the complete response arrived (${code}).`
    )
    expect(error.details).toBe('3 attempts')
    expect(server.requests).toHaveLength(3)
    expect(client.retries.map(({ reason }) => reason)).toEqual([code, code])
  })

  test.each([
    ['no HTTP at all', staged.raw('220 mail.example ESMTP\r\n'), /HPE_INVALID_CONSTANT/],
    ['a broken head', staged.raw('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), /HPE_/],
    [
      'a head that is too large',
      staged.raw(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`),
      /HPE_HEADER_OVERFLOW/
    ]
  ])('one for %s: something was reached, and the PAT is not sent again', async (_, answer, code) => {
    always(answer)
    const client = network.client()
    const error = await refused(client)
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(code)
    expect(server.requests).toHaveLength(1)
    expect(client.retries).toEqual([])
  })

  test('after a rate limit, an outage is told as the limit', async () => {
    server.stage('*', staged.answer(429, { message: 'Slow down' }, { 'retry-after': '0' }))
    server.stageAlways('*', staged.resetBeforeAnswer())
    const error = await refused(network.client())
    expect(error.code).toBe('github-rate-limited')
    expect(error.details).toMatch(/3 attempts$/)
  })

  test.each(['You have exceeded a secondary rate limit.', 'You have triggered an abuse detection mechanism.'])(
    'three for a 403 in the words of a limit: %s',
    async message => {
      always(staged.answer(403, { message }))
      expect((await refused(network.client())).code).toBe('github-rate-limited')
      expect(server.requests).toHaveLength(3)
    }
  )

  test('one for a marked 403 that something in between wrote', async () => {
    always(staged.answer(403, '<html>', { 'retry-after': '0' }))
    expect(await get(network.client())).toMatchObject({ status: 403, isOwnRefusal: false })
    expect(server.requests).toHaveLength(1)
  })

  test('three for a port where nobody listens', async () => {
    const { port, stop } = await listen(createServer())
    await stop()
    const client = network.client()
    const error = await failureOf(() => client.request('Vaunt', `https://127.0.0.1:${port}/x`, { headers: {} }))
    expect(error.code).toBe('vaunt-unavailable')
    expect(error.message).toBe(
      `The request to Vaunt at 127.0.0.1:${port} failed: no connection could be opened (ECONNREFUSED).`
    )
    expect(error.details).toBe('3 attempts')
    expect(client.retries).toHaveLength(2)
  })

  test('are counted for each request by itself', async () => {
    const client = network.client()
    for (let turn = 0; turn < 3; turn++) {
      server.stage('*', staged.answer(500), staged.answer(500))
      expect((await get(client)).trail.attempts).toBe(3)
    }
  })

  test('survive connections that the server closes between requests', async () => {
    const client = network.client()
    server.stage('*', staged.hangUpAfter(staged.answer(200, {})), staged.closeAfter(staged.answer(200, {})))
    for (let turn = 0; turn < 4; turn++) {
      expect((await get(client)).trail.attempts).toBe(1)
      // The end of a connection takes a moment to arrive.
      await new Promise(resolve => setTimeout(resolve, 30))
    }
    expect(server.connections).toBe(3)
    server.stage('*', staged.resetNextAfter(staged.answer(200, {})))
    expect((await get(client)).trail.attempts).toBe(1)
    expect((await get(client)).trail.attempts).toBe(2)
  })

  test('use a connection again', async () => {
    const client = network.client()
    for (let turn = 0; turn < 5; turn++) await get(client)
    expect(server.connections).toBe(1)
    await Promise.all([get(client), get(client), get(client)])
    expect(server.connections).toBe(3)
    always(staged.answer(500))
    await refused(client)
    expect(server.connections).toBe(3)
  })
})

describe('waiting', () => {
  test.each([
    ['the least', 0, [10, 20]],
    ['the middle', 0.5, [12.5, 25]],
    ['the most', 1, [15, 30]]
  ])('is jittered and doubles: %s', async (_, random, expected) => {
    always(staged.answer(500))
    const client = network.client({ random: () => random })
    const start = performance.now()
    await refused(client)
    expect(client.retries.map(({ waitMs }) => waitMs)).toEqual(expected)
    // It really waits. (Timers may be early by a millisecond.)
    expect(performance.now() - start).toBeGreaterThan(expected.reduce((sum, each) => sum + each) - 3)
    const [first, second, third] = server.requests.map(({ at }) => at)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan((expected[0] ?? 0) - 3)
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThan((expected[1] ?? 0) - 3)
  })

  test('is jittered by chance unless told otherwise', async () => {
    always(staged.answer(500))
    const spy = jest.spyOn(Math, 'random').mockReturnValue(0)
    const client = network.client()
    await refused(client)
    expect(client.retries.map(({ waitMs }) => waitMs)).toEqual([10, 20])
    expect(spy).toHaveBeenCalled()
  })

  test('never follows the last attempt', async () => {
    always(staged.answer(500))
    const client = network.client({ limits: { ...SHORT, attempts: 2, pausesMs: [400, 800] }, random: () => 0 })
    const start = performance.now()
    await refused(client)
    // 0.4 s after the first; after the second it would be 0.8 s more.
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(server.requests).toHaveLength(2)
  })

  const NOW = Date.parse('2026-11-23T12:00:00Z')
  const httpDate = (time: number): string => new Date(time).toUTCString()
  /** By the server's clock, which is a day ahead of the runner's. */
  const SERVER_NOW = NOW + 86_400_000

  /** How long the client would wait, or what it says when it does not. */
  async function waits(status: number, headers: Record<string, string>): Promise<number | ActionError> {
    server.reset()
    always(staged.answer(status, { message: 'Slow' }, { date: httpDate(SERVER_NOW), ...headers }))
    const aborting = new AbortController()
    let waited: number | undefined
    const client = network.client({
      now: () => NOW,
      uptime: () => 0,
      limits: LIMITS,
      random: () => 0,
      onRetry: ({ waitMs }) => {
        waited = waitMs
        aborting.abort()
      }
    })
    const error: unknown = await get(client, '/path', aborting.signal).catch((thrown: unknown) => thrown)
    if (waited !== undefined) return waited
    expect(server.requests).toHaveLength(1)
    return error as ActionError
  }

  test.each<[number, Record<string, string>, number]>([
    [429, {}, 10_000],
    [503, {}, 1_000],
    [429, { 'retry-after': '7' }, 7_000],
    [503, { 'retry-after': '7' }, 7_000],
    [408, { 'retry-after': ' 7 ' }, 7_000],
    [403, { 'retry-after': '7' }, 7_000],
    [429, { 'retry-after': '55' }, 55_000],
    // Given twice with one value.
    [429, { 'retry-after': '7, 7' }, 7_000],
    [429, { 'x-ratelimit-remaining': '0, 0', 'x-ratelimit-reset': '7, 7' }, 7_000],
    // Below 10^9 it counts from now.
    [429, { 'x-ratelimit-reset': '7' }, 7_000],
    // The back-off is the least, whatever the server says.
    [429, { 'retry-after': '0' }, 1_000],
    [429, { 'retry-after': httpDate(SERVER_NOW + 7_000) }, 7_000],
    [503, { 'retry-after': httpDate(SERVER_NOW + 7_000) }, 7_000],
    [429, { 'retry-after': httpDate(SERVER_NOW - 7_000) }, 1_000],
    // By the runner's clock, when the server's is not known.
    [429, { 'retry-after': httpDate(NOW + 7_000), date: 'unknown' }, 7_000],
    // Not understood.
    [429, { 'retry-after': 'soon' }, 10_000],
    [429, { 'retry-after': '-7' }, 10_000],
    [429, { 'retry-after': '7.5' }, 10_000],
    [429, { 'retry-after': '7 s' }, 10_000],
    [429, { 'retry-after': '' }, 10_000],
    // The reset of the limit counts only when it is what the server waits for.
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 7_000],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 7_000],
    [429, { 'x-ratelimit-remaining': ' 0 ', 'x-ratelimit-reset': ` ${SERVER_NOW / 1000 + 7} ` }, 7_000],
    [429, { 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 7_000],
    [429, { 'x-ratelimit-reset': String(NOW / 1000 + 7), date: 'unknown' }, 7_000],
    [429, { 'x-ratelimit-reset': String(SERVER_NOW / 1000 - 7) }, 1_000],
    [429, { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 10_000],
    [429, { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7000) }, 10_000],
    [403, { 'retry-after': '7', 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '9999999999' }, 7_000],
    [403, { 'retry-after': '7', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '9999999999' }, 7_000],
    [
      403,
      { 'retry-after': 'soon', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) },
      7_000
    ],
    [503, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 7) }, 1_000],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'later' }, 10_000],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7.5' }, 10_000],
    [429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'x7' }, 10_000]
  ])('%i with %j: %i ms', async (status, headers, expected) => {
    expect(await waits(status, headers)).toBe(expected)
  })

  test.each<[number, Record<string, string>, string]>([
    [429, { 'retry-after': '60' }, '2026-11-23T12:01:00.000Z'],
    // It must leave some seconds for the attempt after it.
    [429, { 'retry-after': '56' }, '2026-11-23T12:00:56.000Z'],
    [403, { 'retry-after': '3600' }, '2026-11-23T13:00:00.000Z'],
    [429, { 'retry-after': httpDate(SERVER_NOW + 3_600_000) }, '2026-11-23T13:00:00.000Z'],
    [
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SERVER_NOW / 1000 + 3600) },
      '2026-11-23T13:00:00.000Z'
    ]
  ])('%i with %j does not fit: told at once, by the runner’s clock', async (status, headers, until) => {
    const error = await waits(status, headers)
    expect(error).toMatchObject({
      code: 'github-rate-limited',
      message: `GitHub is limiting requests until ${until}.`,
      details: 'GitHub: "Slow"',
      remedy: expect.stringMatching(/^Run the job again after that time\./)
    })
  })

  test('of an outage that does not fit is told at once as well', async () => {
    expect(await waits(503, { 'retry-after': '3600' })).toMatchObject({
      code: 'github-unavailable',
      message: 'GitHub is unavailable (HTTP 503). Its response asks clients to retry after 2026-11-23T13:00:00.000Z.',
      details: 'GitHub: "Slow"'
    })
  })

  test.each(['9'.repeat(13), '9'.repeat(30), '9'.repeat(400)])(
    'for %s seconds names no time, for no calendar has it',
    async seconds => {
      for (const headers of [{ 'retry-after': seconds }, { 'x-ratelimit-reset': seconds }]) {
        const error = await waits(429, headers)
        expect(error).toMatchObject({
          code: 'github-rate-limited',
          message: expect.stringMatching(/valid time to retry\.$/),
          details: 'GitHub: "Slow"'
        })
      }
    }
  )

  test('of a server is honored for real, and the next attempt is made', async () => {
    server.stage('*', staged.answer(429, '', { 'retry-after': '1' }))
    const client = network.client()
    expect((await get(client)).trail.attempts).toBe(2)
    const [first, second] = server.requests.map(({ at }) => at)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(995)
  })

  test('after the last attempt still says until when', async () => {
    always(staged.answer(429, '', { 'retry-after': '7' }))
    const error = await refused(network.client({ now: () => NOW, limits: { ...SHORT, attempts: 1 } }))
    expect(error.message).toBe('GitHub is limiting requests until 2026-11-23T12:00:07.000Z.')
  })
})

describe('deadlines', () => {
  const HASTY = { ...SHORT, attemptMs: 150 }

  test.each([
    ['a server that never answers', staged.hang()],
    ['a body that drips for ever', staged.drip(20)]
  ])('%s: three attempts, each ended in time', async (_, answer) => {
    always(answer)
    const client = network.client({ limits: HASTY })
    // The first connection takes its time; it is not what is measured here.
    server.stage('*', staged.answer(200))
    await get(client)
    const start = performance.now()
    const error = await refused(client)
    expect(performance.now() - start).toBeLessThan(3 * 150 + 60 + 1_000)
    expect(performance.now() - start).toBeGreaterThan(3 * 150 - 10)
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toBe(`GitHub (localhost:${server.port}) didn't respond in time.`)
    expect(error.details).toBe('3 attempts')
    expect(error.remedy).toContain('https://www.githubstatus.com')
    expect(server.requests).toHaveLength(4)
    expect(client.retries.map(({ reason }) => reason)).toEqual([
      'no complete response in time',
      'no complete response in time'
    ])
  })

  test('a connection that never becomes usable', async () => {
    server.connectLatencyMs = 60_000
    const error = await refused(network.client({ limits: HASTY }))
    server.connectLatencyMs = 0
    expect(error.message).toBe(
      `GitHub (localhost:${server.port}) didn't respond in time: the TLS handshake didn't finish.`
    )
    expect(error.details).toBe('3 attempts')
    expect(server.requests).toHaveLength(0)
  })

  test('an answer just before the deadline is good', async () => {
    server.stage('*', staged.after(100, staged.answer(200, { late: true })))
    expect((await get(network.client({ limits: { ...SHORT, attemptMs: 2_000 } }))).json).toEqual({ late: true })
  })

  test('a hopeless connection is closed, not left behind', async () => {
    const relay = await network.startRelay()
    server.stage('*', staged.hang())
    const client = network.client({ limits: HASTY })
    expect((await client.request('Vaunt', relay.url, { headers: {} })).trail.attempts).toBe(2)
    expect(relay.accepted()).toBe(2)
    await settled()
    expect(relay.open()).toBe(1)
  })

  test('the time of the whole action ends the attempt that it ends in', async () => {
    always(staged.hang())
    const client = network.client({ limits: { ...SHORT, attemptMs: 10_000, actionMs: 300 } })
    const start = performance.now()
    const error = await refused(client)
    expect(performance.now() - start).toBeLessThan(1_500)
    expect(error.code).toBe('github-unavailable')
    // A timer may be early by a millisecond, and then it is the deadline that is told.
    expect(error.message).toMatch(/^GitHub \(localhost:\d+\) didn't respond/)
    expect(client.retries).toEqual([])
  })

  test('the time of the whole action is shared by all requests, and counts from the start', async () => {
    let uptime = 1_000
    const client = network.client({ uptime: () => uptime, limits: { ...SHORT, actionMs: 60_000 } })
    uptime = 55_000
    expect((await get(client)).status).toBe(200)
    uptime = 61_000
    const error = await failureOf(() => client.request('Vaunt', server.url, { headers: {} }))
    expect(error.code).toBe('vaunt-unavailable')
    expect(error.message).toBe(`Vaunt (localhost:${server.port}) didn't respond within this action's 60-second limit.`)
    expect(error.remedy).toContain('Vaunt support')
    expect(server.requests).toHaveLength(1)
  })

  test('a pause that would outlast the action is not begun', async () => {
    always(staged.answer(500))
    let uptime = 0
    const limits = { ...SHORT, actionMs: 1_000, pausesMs: [100, 200] }
    const client = network.client({ uptime: () => uptime, limits, random: () => 1 })
    uptime = 901
    const error = await refused(client)
    expect([error.message, error.details]).toEqual(['GitHub is unavailable (HTTP 500).', ''])
    expect(client.retries).toEqual([])
    uptime = 900
    const other = await refused(client)
    expect([other.message, other.details]).toEqual(['GitHub is unavailable (HTTP 500).', '2 attempts'])
    expect(client.retries.map(({ waitMs }) => waitMs)).toEqual([100])
  })

  test('a clock that is set, forward or back, moves no limit', async () => {
    let now = Date.parse('2026-11-23T12:00:00Z')
    const client = network.client({ now: () => now, limits: LIMITS })
    now += 3_600_000
    expect((await get(client)).status).toBe(200)
    now -= 7_200_000
    always(staged.answer(503, '', { 'retry-after': '61' }))
    expect((await refused(client)).message).toBe(
      'GitHub is unavailable (HTTP 503). Its response asks clients to retry after 2026-11-23T11:01:01.000Z.'
    )
    expect(client.retries).toEqual([])
  })

  test('a network error at the end of the time is still told as what it is', async () => {
    always(staged.resetBeforeAnswer())
    const limits = { ...SHORT, actionMs: 60_000, pausesMs: [100_000, 100_000] }
    const client = network.client({ limits, random: () => 1 })
    expect((await refused(client)).message).toBe(
      `The request to GitHub at localhost:${server.port} failed: the connection closed before the complete response arrived (ECONNRESET).`
    )
  })
})

test('an answer that wants to speak something else is an answer, and the PAT is not sent again', async () => {
  let asked = 0
  const switching = await listen(
    createTlsServer(network.certificates.server, socket => {
      socket.on('error', () => undefined)
      socket.on('data', () => {
        asked++
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
      })
    })
  )
  const client = network.client()
  const answer = await client.request('GitHub', `https://localhost:${switching.port}/x`, { headers: {} })
  client.close()
  await switching.stop()
  expect([answer.status, answer.body, asked]).toEqual([101, '', 1])
})

describe('the size of a body', () => {
  const LIMIT = 1_048_576
  const inChunks = (size: number): staged.Answer => {
    return (_request, response) => {
      response.writeHead(200)
      for (let left = size; left > 0; left -= 100_000) response.write('x'.repeat(Math.min(left, 100_000)))
      response.end()
    }
  }

  test.each([
    ['with its length told', staged.answer(200, 'x'.repeat(LIMIT))],
    ['in chunks', inChunks(LIMIT)]
  ])('may be 1 MiB, %s', async (_, answer) => {
    server.stage('*', answer)
    expect((await get(network.client({ limits: LIMITS }))).body).toHaveLength(LIMIT)
  })

  test.each([
    ['with its length told', staged.answer(200, 'x'.repeat(LIMIT + 1))],
    ['in chunks', inChunks(LIMIT + 1)],
    ['without end', staged.endless()],
    ['without end, and with a status that is tried again', staged.endless(500)]
  ])('may not be one byte more, %s: refused at once, and not tried again', async (_, answer) => {
    always(answer)
    const client = network.client({ limits: LIMITS })
    const error = await refused(client, '/path/of::it')
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toBe('GitHub sent a response of more than 1 MiB when the action requested /path/of: :it.')
    expect(server.requests).toHaveLength(1)
    expect(client.retries).toEqual([])
  })

  test('ends the connection when it is too large, and nothing more is read', async () => {
    const relay = await network.startRelay()
    always(staged.endless())
    const client = network.client()
    expect((await failureOf(() => client.request('Vaunt', relay.url, { headers: {} }))).code).toBe('vaunt-unexpected')
    await settled()
    expect(relay.open()).toBe(0)
  })

  test('is counted in bytes', async () => {
    const limits = { ...SHORT, bodyBytes: 4 }
    server.stage('*', staged.answer(200, '🎉'))
    expect((await get(network.client({ limits }))).body).toBe('🎉')
    server.stage('*', staged.answer(200, '🎉!'))
    expect((await refused(network.client({ limits }))).code).toBe('github-unexpected')
  })
})

describe('a body that was packed, though nobody asked for it', () => {
  const text = '{"packed":"ü"}'
  const packed = (coding: string, body: Buffer): staged.Answer =>
    staged.answer(200, body, { 'content-encoding': coding })

  test('is not asked for', async () => {
    await get(network.client())
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  test.each([
    ['identity', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))]
  ])('%s is unpacked', async (coding, body) => {
    server.stage('*', packed(coding, body))
    expect((await get(network.client())).json).toEqual({ packed: 'ü' })
  })

  test('of no bytes is empty', async () => {
    server.stage('*', packed('gzip', Buffer.alloc(0)))
    expect((await get(network.client())).body).toBe('')
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(1_048_577))],
    ['br', brotliCompressSync(Buffer.alloc(1_048_577))],
    ['deflate', deflateSync(Buffer.alloc(1_048_577))]
  ])('%s that is more than 1 MiB when unpacked is refused', async (coding, body) => {
    server.stage('*', packed(coding, body))
    const error = await refused(network.client({ limits: LIMITS }))
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toContain('more than 1 MiB')
  })

  test.each([
    ['a coding that we do not know', 'zstd', Buffer.from(text)],
    ['a coding that every object has', 'constructor', Buffer.from(text)],
    ['what is no gzip', 'gzip', Buffer.from(text)],
    ['half a gzip', 'gzip', gzipSync(text).subarray(0, 12)],
    ['what is no deflate', 'deflate', Buffer.from([0xff, 0xff, 0xff])]
  ])('%s is refused, and not asked again', async (_, coding, body) => {
    always(packed(coding, body))
    const error = await refused(network.client())
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toContain('in an unsupported compression format (HTTP 200)')
    expect(server.requests).toHaveLength(1)
  })

  test('may begin with one byte-order mark, and not with two', async () => {
    server.stage('*', staged.answer(200, `\ufeff${text}`))
    expect((await get(network.client())).json).toEqual({ packed: 'ü' })
    server.stage('*', staged.answer(200, `\ufeff\ufeff${text}`))
    expect((await get(network.client())).json).toBeUndefined()
  })
})

describe('certificates', () => {
  test.each([
    ['untrusted', "isn't signed by a CA that this runner trusts", /^(?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/],
    ['expired', 'has expired', /^CERT_HAS_EXPIRED$/],
    ['wrongHost', 'was issued for another host', /^ERR_TLS_CERT_ALTNAME_INVALID$/]
  ] as const)('%s: refused at once, and no request is sent', async (kind, told, detail) => {
    const bad = await network.startServer(await network.certificates[kind]())
    const client = network.client()
    const error = await failureOf(() => client.request('Vaunt', `${bad.url}/x`, { headers: {} }))
    expect(error.code).toBe('tls-untrusted')
    expect(error.message).toContain(`The TLS certificate of localhost:${bad.port} ${told} (`)
    expect(/\((\w+)\), so nothing was sent to it\.$/.exec(error.message)?.[1]).toMatch(detail)
    expect(bad.requests).toEqual([])
    expect(bad.connections).toBe(1)
    expect(client.retries).toEqual([])
  })

  test.each(CERTIFICATE_CODES)('%s: the certificate %s, and asking again would not help', async (code, told) => {
    const connections = broken(Object.assign(new Error(PAT), { code }), { phase: 'tls' })
    const error = await refused(network.client({ open: connections.open }))
    expect(error.code).toBe('tls-untrusted')
    expect(error.message).toBe(
      `The TLS certificate of localhost:${server.port} ${told} (${code}), so nothing was sent to it.`
    )
    expect(connections.times()).toBe(1)
  })

  test('are checked even if the environment tells Node not to', async () => {
    const bad = await network.startServer(await network.certificates.untrusted())
    const source = new URL('../../src/', import.meta.url).href
    const script = `
      import { createClient } from '${source}network/client.ts'
      import { Quoted } from '${source}untrusted/quoted.ts'
      const client = createClient({
        environment: process.env, nodeVersion: process.versions.node, onRetry() {},
        now: Date.now, uptime: () => performance.now(),
        quote: raw => new Quoted(raw, [])
      })
      await client.request('GitHub', process.argv[1], { headers: {} }).then(() => console.log('answered'), error => console.log(error.code))
      client.close()`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', script, bad.url],
      { env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' } }
    )
    expect(stdout.trim()).toBe('tls-untrusted')
    expect(bad.requests).toEqual([])
  })
})

describe('errors of the network', () => {
  test.each([
    ['ENOTFOUND', 'ENOTFOUND'],
    ['EAI_AGAIN', 'EAI_AGAIN'],
    ['EPROTO', 'EPROTO'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['toString', 'connection closed'],
    ['__proto__', 'connection closed'],
    ['lower', 'connection closed'],
    ['A', 'connection closed'],
    [`E${'X'.repeat(61)}`, 'connection closed'],
    [`E${'X'.repeat(60)}`, `E${'X'.repeat(60)}`],
    ['E::X', 'connection closed'],
    ['x ENOTFOUND', 'connection closed'],
    [undefined, 'connection closed']
  ])('%s is told as %s, and tried again', async (code, told) => {
    const connections = broken(Object.assign(new Error(PAT), code === undefined ? {} : { code }))
    const client = network.client({ open: connections.open })
    const error = await refused(client)
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toBe(
      `The request to GitHub at localhost:${server.port} failed: no connection could be opened (${told}).`
    )
    expect(error.details).toBe('3 attempts')
    expect(client.retries.map(({ reason }) => reason)).toEqual([told, told])
    expect(connections.times()).toBe(3)
    expect(error.cause).toBeInstanceOf(Error)
  })
})

describe('giving up by a signal', () => {
  const reason = new Error('not needed any more')

  test('before anything is sent', async () => {
    await expect(get(network.client(), '/path', AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(server.connections).toBe(0)
  })

  test.each([
    ['while the server hangs', staged.hang()],
    ['in the middle of the body', staged.drip(10)]
  ])('%s: at once, and the connection is closed', async (_, answer) => {
    always(answer)
    const aborting = new AbortController()
    const client = network.client()
    const start = performance.now()
    const asked = get(client, '/path', aborting.signal)
    setTimeout(() => {
      aborting.abort(reason)
    }, 100)
    await expect(asked).rejects.toBe(reason)
    expect(performance.now() - start).toBeLessThan(2_000)
    expect(client.retries).toEqual([])
    server.stage('*', staged.answer(200))
    await get(client)
    expect(server.connections).toBe(2)
  })

  test('with a reason that is no error', async () => {
    always(staged.hang())
    const aborting = new AbortController()
    const asked = get(network.client(), '/path', aborting.signal)
    setTimeout(() => {
      aborting.abort('a text')
    }, 50)
    await expect(asked).rejects.toBe('a text')
  })

  test('during the pause between two attempts', async () => {
    always(staged.answer(500))
    const aborting = new AbortController()
    const client = network.client({
      limits: { ...SHORT, pausesMs: [8_000, 8_000] },
      onRetry: () => {
        setTimeout(() => {
          aborting.abort(reason)
        }, 50)
      }
    })
    const start = performance.now()
    await expect(get(client, '/path', aborting.signal)).rejects.toMatchObject({ name: 'AbortError', cause: reason })
    expect(performance.now() - start).toBeLessThan(2_000)
    expect(server.requests).toHaveLength(1)
  })

  test('after the answer changes nothing, and leaves no listener behind', async () => {
    const aborting = new AbortController()
    const remove = jest.spyOn(aborting.signal, 'removeEventListener')
    const client = network.client()
    const answer = await get(client, '/path', aborting.signal)
    expect(remove.mock.calls[0]?.[0]).toBe('abort')
    aborting.abort(reason)
    expect(answer.json).toEqual({ fine: true })
    await get(client)
    expect(server.connections).toBe(1)
  })
})

test('closing the client ends the connections that were used', async () => {
  const relay = await network.startRelay()
  const client = network.client()
  await client.request('Vaunt', relay.url, { headers: {} })
  expect(relay.open()).toBe(1)
  client.close()
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(relay.open()).toBe(0)
})

test('whatever a server writes, there is an answer or a known failure, and no secret in it', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.1 403 ::add-mask::x',
      'HTTP/1.0 500 ##[error]',
      'HTTP/1.1 200',
      'HTTP/9 x'
    ),
    fc.constantFrom('content-length: 5', 'content-length: -1', 'transfer-encoding: chunked', 'connection: close', ''),
    fc.constantFrom('location: ::x', 'retry-after: 0', 'retry-after: 99', 'x-ratelimit-remaining: 0', `x-echo: ${PAT}`),
    fc.string({ maxLength: 20 })
  )
  const written = fc.tuple(fc.boolean(), fc.array(line, { maxLength: 6 }), fc.string({ maxLength: 30 }))
  await fc.assert(
    fc.asyncProperty(written, async ([isHttp, lines, body]) => {
      server.reset()
      always(staged.raw(`${isHttp ? 'HTTP/1.1 200 OK\r\n' : ''}${lines.join('\r\n')}\r\n\r\n${body}`))
      const client = network.client({
        limits: { ...SHORT, pausesMs: [0, 0], unsaidLimitMs: 0, spreadMs: 0, attemptMs: 1_000 },
        quote
      })
      try {
        expect(await get(client)).toHaveProperty('status')
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'ActionError' })
        const { code, message, details } = thrown as ActionError
        expect(['github-unavailable', 'github-rate-limited', 'github-unexpected']).toContain(code)
        expect(`${message} ${details}`).not.toContain(PAT)
        expect(`${message} ${details}`).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|::|##\[/u)
      } finally {
        client.close()
      }
    }),
    { numRuns: 100 }
  )
})
