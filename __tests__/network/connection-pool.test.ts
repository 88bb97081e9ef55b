// Tests the early connection: it carries one later request, delays no other, and accepts no bytes before the request.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { connect, createServer } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { openConnection } from '../../src/network/connection.ts'
import type { Opener } from '../../src/network/connection.ts'
import type { Client } from '../../src/network/client.ts'
import type { Answer } from '../../src/network/answer.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { failureOf } from '../support/failures.ts'
import { broken, SHORT, startNetwork } from '../support/network.ts'
import type { Network } from '../support/network.ts'
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

/** The end of a connection takes a moment to arrive. */
const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 100))

describe('an early connection', () => {
  test('is opened without a request, and the next request uses it', async () => {
    const client = network.client()
    client.openEarly(`${server.url}/path`)
    await settled()
    expect([server.connections, server.requests.length]).toEqual([1, 0])
    await get(client)
    await get(client)
    expect([server.connections, server.requests.length]).toEqual([1, 2])
  })

  test('is waited for, when the request comes before it is there', async () => {
    server.connectLatencyMs = 100
    const client = network.client()
    client.openEarly(server.url)
    await get(client)
    server.connectLatencyMs = 0
    expect(server.connections).toBe(1)
  })

  test('serves one request; others open their own', async () => {
    const client = network.client()
    client.openEarly(server.url)
    await settled()
    await Promise.all([get(client), get(client), get(client)])
    expect(server.connections).toBe(3)
  })

  test('is of no use for another host or port', async () => {
    const other = await network.startServer(network.certificates.server)
    const client = network.client()
    client.openEarly(other.url)
    await settled()
    await get(client)
    expect([server.connections, other.connections, other.requests.length]).toEqual([1, 1, 0])
    await client.request('Vaunt', `https://127.0.0.1:${other.port}/`, { headers: {} })
    expect(other.connections).toBe(2)
    await client.request('Vaunt', other.url, { headers: {} })
    expect(other.connections).toBe(2)
  })

  test('of an address without a name works as well', async () => {
    const client = network.client()
    client.openEarly(`https://127.0.0.1:${server.port}`)
    await settled()
    await client.request('Vaunt', `https://127.0.0.1:${server.port}/`, { headers: {} })
    expect(server.connections).toBe(1)
  })

  test('that fails is nobody’s concern; the request opens afresh and tells', async () => {
    const bad = await network.startServer(await network.certificates.untrusted())
    const client = network.client()
    client.openEarly(bad.url)
    await settled()
    expect(bad.connections).toBe(1)
    const error = await failureOf(() => client.request('Vaunt', bad.url, { headers: {} }))
    expect(error.code).toBe('tls-untrusted')
    expect(bad.connections).toBe(2)
  })

  test('that failed leads to an answer, when the host has recovered since', async () => {
    const connections = broken(new Error('x'))
    let isDown = true
    const open: Opener = (host, proxy, progress) => (isDown ? connections.open : openConnection)(host, proxy, progress)
    const client = network.client({ open })
    client.openEarly(server.url)
    await settled()
    expect(connections.times()).toBe(1)
    isDown = false
    expect((await get(client)).trail.attempts).toBe(1)
  })

  test('that was cut meanwhile is replaced, at no cost of an attempt', async () => {
    const relay = await network.startRelay()
    const client = network.client()
    client.openEarly(relay.url)
    await settled()
    expect(relay.open()).toBe(1)
    relay.cut()
    await settled()
    expect((await client.request('Vaunt', relay.url, { headers: {} })).trail.attempts).toBe(1)
    expect(relay.accepted()).toBe(2)
  })

  test('that hangs does not delay beyond the deadline, and the next attempt does not wait for it', async () => {
    server.connectLatencyMs = 60_000
    const client = network.client({ limits: { ...SHORT, attemptMs: 300 } })
    client.openEarly(server.url)
    await settled()
    server.connectLatencyMs = 0
    expect((await get(client)).trail.attempts).toBe(2)
  })

  test('to nowhere is nothing', () => {
    const client = network.client()
    expect(() => {
      client.openEarly('no URL')
    }).not.toThrow()
  })

  test('that nobody used is closed with the client', async () => {
    const relay = await network.startRelay()
    const client = network.client()
    client.openEarly(relay.url)
    await settled()
    expect(relay.open()).toBe(1)
    client.close()
    await settled()
    expect(relay.open()).toBe(0)
  })

  test.each([
    ['a 408', 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'],
    ['a 200', 'HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{"stray":"bytes"}'],
    ['half a head', 'HTTP/1.1 404 Not'],
    ['bytes of something else', 'SSH-2.0-x\r\n']
  ])('on which %s came unasked is dropped, and the request is made afresh', async (_, bytes) => {
    let connections = 0
    const stray = await listen(
      createTlsServer(network.certificates.server, socket => {
        socket.on('error', () => undefined)
        if (++connections === 1) socket.write(bytes)
        socket.on('data', () => {
          if (connections > 1) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"asked":true}')
        })
      })
    )
    const client = network.client()
    client.openEarly(`https://localhost:${stray.port}`)
    await settled()
    const answer = await client.request('Vaunt', `https://localhost:${stray.port}/x`, { headers: {} })
    client.close()
    await stray.stop()
    expect(answer.json).toEqual({ asked: true })
    expect(answer.trail.attempts).toBe(1)
    expect(connections).toBe(2)
  })

  test.each([
    ['early', true],
    ['not early', false]
  ])('on which an answer came together with the end of the handshake is dropped: %s', async (_, isEarly) => {
    let connections = 0
    const hasty = await listen(
      // In TLS 1.2 the server has the last word of the handshake: no request can have been sent yet.
      createTlsServer({ ...network.certificates.server, maxVersion: 'TLSv1.2' }, socket => {
        socket.on('error', () => undefined)
        if (++connections === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{"stray":"bytes"}')
        socket.on('data', () => {
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"asked":true}')
        })
      })
    )
    const relay = await listen(
      createServer(socket => {
        const onwards = connect({ port: hasty.port, host: '127.0.0.1' })
        for (const end of [socket, onwards]) end.on('error', () => undefined)
        socket.pipe(onwards).on('close', () => setTimeout(() => socket.end(), 100))
        const waiting: Buffer[] = []
        onwards.on('data', chunk => {
          waiting.push(chunk)
          // What comes within this time arrives as one piece.
          setTimeout(() => socket.write(Buffer.concat(waiting.splice(0))), 50)
        })
        socket.on('close', () => onwards.destroy())
      })
    )
    const client = network.client()
    const url = `https://localhost:${relay.port}`
    if (isEarly) client.openEarly(url)
    await nextTurn()
    const answer = await client.request('Vaunt', `${url}/x`, { headers: {} })
    client.close()
    await relay.stop()
    await hasty.stop()
    expect(answer.json).toEqual({ asked: true })
    expect(connections).toBe(2)
  })

  test('that is still being opened is closed with the client', async () => {
    server.connectLatencyMs = 60_000
    const relay = await network.startRelay()
    const client = network.client()
    client.openEarly(relay.url)
    await settled()
    expect(relay.open()).toBe(1)
    client.close()
    await settled()
    server.connectLatencyMs = 0
    expect(relay.open()).toBe(0)
  })
})
