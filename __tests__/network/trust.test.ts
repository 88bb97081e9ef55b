// Tests that only an unknown issuer makes the client read the system's certificate store, once, within one attempt, and before anything is sent.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { getCACertificates } from 'node:tls'
import type { Client } from '../../src/network/client.ts'
import { Trust } from '../../src/network/trust.ts'
import { answer } from '../../sandbox/network/answers.ts'
import { createCertificates } from '../../sandbox/network/certificates.ts'
import type { Certificates } from '../../sandbox/network/certificates.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { failureOf, quote } from '../support/failures.ts'
import { SHORT, startNetwork } from '../support/network.ts'
import type { Network } from '../support/network.ts'
import { PAT } from '../support/secrets.ts'

let network: Network
/** Of a CA that only the system's store has. */
let company: Certificates
let server: StagedServer

beforeAll(async () => {
  network = await startNetwork()
  company = await createCertificates('Company CA')
  server = await network.startServer(company.server)
})

afterEach(() => {
  network.reset()
  server.reset()
})

afterAll(async () => {
  await network.stop()
  await company.stop()
})

const told: string[] = []

function client(
  store: () => readonly string[],
  options: Parameters<Network['client']>[0] = {}
): ReturnType<Network['client']> {
  told.length = 0
  return network.client({ readSystemStore: store, onSystemStore: host => told.push(`${host}`), ...options })
}

function get(by: Client, url = `${server.url}/path`): ReturnType<Client['request']> {
  return by.request('GitHub', url, { headers: { authorization: `token ${PAT}` } })
}

describe('a certificate of a CA that the system alone trusts', () => {
  test('is trusted within one attempt, without a pause, and the store is read once', async () => {
    const store = jest.fn(() => [company.ca])
    const by = client(store)
    const answers = await Promise.all([get(by), get(by), get(by)])
    expect(answers.map(({ status, trail }) => [status, trail.attempts])).toEqual([
      [200, 1],
      [200, 1],
      [200, 1]
    ])
    await get(by, server.url)
    expect(store).toHaveBeenCalledTimes(1)
    expect(told).toEqual([`localhost:${server.port}`])
    expect(by.retries).toEqual([])
    expect(server.requests).toHaveLength(4)
  })

  test('leaves what Node trusts by itself trusted', async () => {
    const by = client(() => [company.ca])
    await get(by)
    expect((await get(by, network.server.url)).status).toBe(200)
  })

  test('is trusted on an early connection that was opened before the store was read', async () => {
    const other = await network.startServer(company.server)
    // Still being opened when the request takes it.
    other.connectLatencyMs = 300
    const by = client(() => [company.ca])
    by.openEarly(other.url)
    await get(by)
    expect((await get(by, other.url)).trail.attempts).toBe(1)
    expect(told).toHaveLength(1)
  })

  test('is trusted when only the early connection met it before', async () => {
    const by = client(() => [company.ca])
    by.openEarly(server.url)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect((await get(by)).status).toBe(200)
  })

  test('is trusted through a proxy, and of a proxy', async () => {
    const hosts = { 'github.sandbox.test:443': server.port }
    for (const certificate of [undefined, company.server, network.certificates.server]) {
      const proxy = await network.startProxy({ hosts, ...(certificate && { certificate }) })
      const by = client(() => [company.ca], { environment: { HTTPS_PROXY: proxy.url } })
      const { status, trail } = await get(by, 'https://github.sandbox.test/user')
      expect([status, trail.attempts]).toEqual([200, 1])
      expect(JSON.stringify(proxy.connects)).not.toContain(PAT)
    }
  })

  test('does not lengthen the attempts: a failure after it has three of them', async () => {
    server.stageAlways('*', answer(503))
    const by = client(() => [company.ca])
    const error = await failureOf(() => get(by))
    expect(error.code).toBe('github-unavailable')
    expect(server.requests).toHaveLength(3)
    expect(by.retries).toHaveLength(2)
  })
})

describe('a certificate that nobody trusts', () => {
  test.each<[string, () => readonly string[]]>([
    ['an empty store', () => []],
    ['a store with nothing else than Node has', () => getCACertificates('default')],
    [
      'a store that cannot be read',
      () => {
        throw new Error('no store')
      }
    ]
  ])('is refused with %s, and nothing is sent', async (_, store) => {
    const by = client(store)
    for (const error of await Promise.all([failureOf(() => get(by)), failureOf(() => get(by))])) {
      expect(error.code).toBe('tls-untrusted')
      expect(error.message).toContain('CA that this runner')
      for (const named of ['certificate store', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA=1']) {
        expect(error.remedy).toContain(named)
      }
    }
    expect(told).toEqual([])
    expect(server.requests).toEqual([])
    expect(by.retries).toEqual([])
  })

  test('is refused when the store trusts another CA, after one more look', async () => {
    const other = await createCertificates('Other CA')
    const by = client(() => [other.ca])
    expect((await failureOf(() => get(by))).code).toBe('tls-untrusted')
    expect(server.connections).toBe(2)
    expect(server.requests).toEqual([])
    await other.stop()
  })

  test('is not looked for when the time is up', async () => {
    let now = 0
    const by = client(
      () => {
        now = SHORT.actionMs
        return [company.ca]
      },
      { uptime: () => now }
    )
    const error = await failureOf(() => get(by))
    expect(error.code).toBe('github-unavailable')
    expect(server.requests).toEqual([])
  })
})

test.each(['expired', 'wrongHost'] as const)('a certificate that is %s does not lead to the store', async kind => {
  const store = jest.fn(() => [company.ca])
  const bad = await network.startServer(await company[kind]())
  const trusting = client(() => [company.ca])
  await get(trusting)
  expect((await failureOf(() => get(trusting, bad.url))).code).toBe('tls-untrusted')
  const known = await network.startServer(await network.certificates[kind]())
  expect((await failureOf(() => get(client(store), known.url))).code).toBe('tls-untrusted')
  expect(store).not.toHaveBeenCalled()
  expect([...bad.requests, ...known.requests]).toEqual([])
})

test("trusts the system's own store unless a test gives another", () => {
  const trust = new Trust({})
  const isMore = getCACertificates('system').some(each => !getCACertificates('default').includes(each))
  const usual = trust.context
  expect(trust.extend(usual, quote('host.example'))).toBe(isMore)
  expect(trust.context !== usual).toBe(isMore)
})

test('creates one context for all connections, until the store is trusted, too', () => {
  const trust = new Trust({ readSystemStore: () => [company.ca] })
  const usual = trust.context
  expect(trust.context).toBe(usual)
  expect(trust.extend(usual, quote('host.example'))).toBe(true)
  expect(trust.context).not.toBe(usual)
  expect(trust.context).toBe(trust.context)
  expect(trust.extend(trust.context, quote('host.example'))).toBe(false)
})
