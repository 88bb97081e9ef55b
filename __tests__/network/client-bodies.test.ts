// Tests which requests are sent with a body, and which are sent again, against a real TLS server on loopback.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import * as staged from '../../sandbox/network/answers.ts'
import { failureOf } from '../support/failures.ts'
import { startNetwork } from '../support/network.ts'
import type { Network } from '../support/network.ts'

let network: Network
/** What has arrived: the method, the body, and the length that was told. */
let arrived: unknown[][]

beforeAll(async () => {
  network = await startNetwork()
})

afterEach(() => {
  network.reset()
})

afterAll(async () => {
  await network.stop()
})

/** Reads each body, and then gives the next of the answers. */
function answering(...answers: [staged.Answer, ...staged.Answer[]]): void {
  const next = staged.inTurn(...answers)
  arrived = []
  network.server.stageAlways('*', async (request: IncomingMessage, response) => {
    arrived.push([request.method, await text(request), request.headers['content-length']])
    await next(request, response)
  })
}

const BODY = JSON.stringify({ name: 'Zoë' })
const headers = { 'content-type': 'application/json' }

test.each(['POST', 'PATCH', 'PUT'] as const)('%s sends its body whole, and tells its length in bytes', async method => {
  answering(staged.answer(201, { made: true }))
  const client = network.client()
  const answer = await client.request('GitHub', network.server.url, { method, headers, body: BODY })
  expect([answer.status, answer.json]).toEqual([201, { made: true }])
  expect(arrived).toEqual([[method, BODY, `${Buffer.byteLength(BODY)}`]])
})

test('a body goes out on the connection that was opened early', async () => {
  answering(staged.answer(201, {}))
  const client = network.client()
  client.openEarly(network.server.url)
  await new Promise(resolve => setTimeout(resolve, 100))
  await client.request('GitHub', network.server.url, { method: 'POST', headers, body: BODY })
  expect(arrived).toEqual([['POST', BODY, `${Buffer.byteLength(BODY)}`]])
  expect(network.server.connections).toBe(1)
})

test('a body is sent whole with each attempt', async () => {
  answering(staged.answer(502), staged.resetBeforeAnswer(), staged.answer(201, {}))
  const client = network.client()
  const { trail } = await client.request('GitHub', network.server.url, { method: 'POST', headers, body: BODY })
  expect([trail.attempts, arrived.map(([, body]) => body)]).toEqual([3, [BODY, BODY, BODY]])
})

test.each([
  ['an outage', staged.answer(502)],
  ['a connection that breaks off', staged.resetBeforeAnswer()]
])('what may arrive once only is not sent again after %s', async (_, answer) => {
  answering(answer, staged.answer(200, {}))
  const client = network.client()
  const error = await failureOf(() =>
    client.request('GitHub', network.server.url, { method: 'PATCH', headers, body: BODY, once: true })
  )
  expect([error.code, arrived.length, client.retries]).toEqual(['github-unavailable', 1, []])
})

test('what may arrive once only is sent again after a rate limit, which refuses it', async () => {
  answering(staged.answer(429, { message: 'Too many' }), staged.answer(200, {}))
  const client = network.client()
  const message = { method: 'PATCH', headers, body: BODY, once: true } as const
  const { status, trail } = await client.request('GitHub', network.server.url, message)
  expect([status, trail.attempts, arrived.length]).toEqual([200, 2, 2])
})
