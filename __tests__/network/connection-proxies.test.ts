// Tests which requests go through a proxy, and what each kind of broken proxy leads to.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import type { ActionError } from '../../src/errors/action-error.ts'
import type { Client } from '../../src/network/client.ts'
import { hang } from '../../sandbox/network/answers.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import type { Proxy } from '../../sandbox/network/proxy.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { failureOf, quote } from '../support/failures.ts'
import { broken, SHORT, startNetwork } from '../support/network.ts'
import type { Network } from '../support/network.ts'
import { PAT } from '../support/secrets.ts'

/** A name that only the proxy can resolve, so nothing can bypass it unnoticed. */
const GITHUB = 'github.sandbox.test'
const VAUNT = 'vaunt.sandbox.test'
const PASSWORD = 'LOUDFAKE p%ss:w@rd/ü'

let network: Network
let server: StagedServer
let proxy: Proxy
let locked: Proxy
let secure: Proxy

beforeAll(async () => {
  network = await startNetwork()
  server = network.server
  const hosts = {
    [`${GITHUB}:443`]: server.port,
    [`${VAUNT}:8443`]: server.port,
    [`localhost:${server.port}`]: server.port
  }
  proxy = await network.startProxy({ hosts })
  locked = await network.startProxy({ hosts, credentials: { user: 'us er', password: PASSWORD } })
  secure = await network.startProxy({ hosts, certificate: network.certificates.server })
})

afterEach(() => {
  network.reset()
  for (const each of [proxy, locked, secure]) each.reset()
})

afterAll(async () => {
  await network.stop()
})

type Environment = Record<string, string>

function client(
  environment: Environment,
  options: Parameters<Network['client']>[0] = {}
): ReturnType<Network['client']> {
  return network.client({ environment, ...options })
}

function get(by: Client, url = `https://${GITHUB}/user`): ReturnType<Client['request']> {
  return by.request('GitHub', url, { headers: { authorization: `token ${PAT}` } })
}

function refused(by: Client, url?: string): Promise<ActionError> {
  return failureOf(() => get(by, url))
}

describe('through the proxy', () => {
  test('goes every request, to either service, in a tunnel that hides it', async () => {
    const through = client({ HTTPS_PROXY: proxy.url })
    expect((await get(through)).json).toEqual({ fine: true })
    expect((await through.request('Vaunt', `https://${VAUNT}:8443/x`, { headers: {} })).json).toEqual({ fine: true })
    expect(proxy.connects.map(({ method, authority, status }) => [method, authority, status])).toEqual([
      ['CONNECT', `${GITHUB}:443`, 200],
      ['CONNECT', `${VAUNT}:8443`, 200]
    ])
    expect(JSON.stringify(proxy.connects)).not.toContain('LOUDFAKE')
    expect(server.requests).toHaveLength(2)
  })

  test('goes the next request in the same tunnel', async () => {
    const through = client({ https_proxy: proxy.url })
    for (let turn = 0; turn < 3; turn++) await get(through)
    expect(proxy.connects).toHaveLength(1)
  })

  test.each([
    ['in upper case', () => ({ HTTPS_PROXY: proxy.url })],
    ['in lower case', () => ({ https_proxy: proxy.url })],
    ['in lower case first', () => ({ https_proxy: proxy.url, HTTPS_PROXY: 'http://localhost:1' })],
    ['in upper case, when the other is empty', () => ({ https_proxy: ' ', HTTPS_PROXY: proxy.url })],
    ['padded', () => ({ HTTPS_PROXY: `  ${proxy.url}\n` })],
    ['without a scheme', () => ({ HTTPS_PROXY: `localhost:${proxy.port}` })],
    ['with a slash', () => ({ HTTPS_PROXY: `${proxy.url}/` })],
    ['of TLS', () => ({ HTTPS_PROXY: secure.url })]
  ])('named %s', async (_, environment) => {
    expect((await get(client(environment()))).json).toEqual({ fine: true })
    expect(proxy.connects.length + secure.connects.length).toBe(1)
  })

  test('goes the password, in whatever it is spelled', async () => {
    const spellings = [
      locked.urlWithPassword,
      locked.urlWithPassword.replace('http://', ''),
      // A lone % encodes nothing, and is what it is.
      locked.urlWithPassword.replace('p%25ss', 'p%ss')
    ]
    expect(new Set(spellings).size).toBe(3)
    for (const HTTPS_PROXY of spellings) {
      locked.reset()
      expect((await get(client({ HTTPS_PROXY }))).json).toEqual({ fine: true })
      expect(locked.connects.map(({ authorized }) => authorized)).toEqual([true])
    }
  })

  test.each(['%', '%a', '%4z', '%%%41'])('go a name and a password with %s in it, which encodes nothing', async odd => {
    const written = odd.replace('%41', 'A')
    const odder = await network.startProxy({
      hosts: { [`${GITHUB}:443`]: server.port },
      credentials: { user: `us${written}`, password: `pass${written}` }
    })
    const HTTPS_PROXY = `http://us${odd}:pass${odd}@localhost:${odder.port}`
    expect((await get(client({ HTTPS_PROXY }))).json).toEqual({ fine: true })
    expect(odder.connects.map(({ authorized }) => authorized)).toEqual([true])
  })

  test.each([
    ['HTTP_PROXY', 'HTTP_PROXY'],
    ['http_proxy', 'http_proxy']
  ])('goes nothing for %s alone, for every address is https', async (_, name) => {
    await get(client({ [name]: proxy.url }), `${server.url}/x`)
    expect(proxy.connects).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  test('goes an early connection: no request in it, and the next one uses it', async () => {
    const through = client({ HTTPS_PROXY: proxy.url })
    through.openEarly(`https://${GITHUB}/`)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect([proxy.connects.length, server.requests.length]).toEqual([1, 0])
    await get(through)
    await get(through)
    expect([proxy.connects.length, server.requests.length]).toEqual([1, 2])
  })

  test('does not go an early connection that the proxy refuses; the request tells', async () => {
    proxy.behavior = { refuse: 403 }
    const through = client({ HTTPS_PROXY: proxy.url })
    through.openEarly(`https://${GITHUB}/`)
    await new Promise(resolve => setTimeout(resolve, 100))
    const error = await refused(through)
    expect(error.code).toBe('proxy-failed')
    // At no cost of an attempt.
    expect(error.message).toMatch(/ was not reached\.$/)
    expect(proxy.connects).toHaveLength(2)
  })

  test('goes nothing in clear, when the proxy refuses an early connection and keeps it open', async () => {
    const heard: Buffer[] = []
    const refusing = await listen(
      createServer(socket => {
        socket.on('data', chunk => {
          heard.push(chunk)
          socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
        })
      })
    )
    const through = client({ HTTPS_PROXY: `http://localhost:${refusing.port}` })
    through.openEarly(`https://${GITHUB}/`)
    await new Promise(resolve => setTimeout(resolve, 100))
    const error = await refused(through)
    await refusing.stop()
    expect(error.code).toBe('proxy-failed')
    const lines = Buffer.concat(heard)
      .toString()
      .match(/^[A-Z]+ .*$/gm)
    expect(lines).toEqual([`CONNECT ${GITHUB}:443 HTTP/1.1`, `CONNECT ${GITHUB}:443 HTTP/1.1`])
    expect(Buffer.concat(heard).toString()).not.toContain('LOUDFAKE')
  })

  test('does not go an early connection to a proxy that is unusable', () => {
    expect(() => {
      client({ HTTPS_PROXY: 'socks5://localhost:1' }).openEarly(`https://${GITHUB}/`)
    }).not.toThrow()
  })
})

describe('the way of a request', () => {
  test.each(['*', 'localhost', '.localhost', '127.0.0.1'])(
    'past the proxy goes what %s lists, for real',
    async list => {
      const past = client({ HTTPS_PROXY: proxy.url, NO_PROXY: list })
      const host = list.startsWith('1') ? '127.0.0.1' : 'localhost'
      await get(past, `https://${host}:${server.port}/x`)
      expect([proxy.connects.length, server.requests.length]).toEqual([0, 1])
    }
  )
})

describe('a proxy that cannot be used', () => {
  test.each([
    ['another scheme', 'ftp://localhost:3128'],
    ['a scheme that ends like one', 'shttp://localhost:3128'],
    ['no host', 'http://'],
    ['a port that is none', 'localhost:port'],
    ['a space inside', 'http://pro xy:3128'],
    ['bytes that are no text', 'http://u:%ff@localhost:3128'],
    ['bytes that are a text only together', 'http://a%C3:%A9b@localhost:3128']
  ])('%s: refused at once', async (_, HTTPS_PROXY) => {
    const error = await refused(client({ HTTPS_PROXY }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toBe(
      `The proxy in HTTPS_PROXY isn't an http:// or https:// URL, so ${GITHUB} was not reached.`
    )
  })

  test.each([
    [{ HTTPS_PROXY: 'socks5h://u:LOUDFAKE@localhost:1080' }, 'HTTPS_PROXY is a SOCKS proxy'],
    [{ all_proxy: 'socks4a://localhost:1080' }, 'ALL_PROXY is a SOCKS proxy'],
    [{ ALL_PROXY: 'http://u:LOUDFAKE@localhost:3128' }, "ALL_PROXY can't be used, because"]
  ])('%j: refused at once, and what to set instead is said', async (environment, told) => {
    const error = await refused(client(environment))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toContain(`The proxy in ${told}`)
    expect(error.remedy).toMatch(/^Set HTTPS_PROXY=http:\/\/HOST:PORT instead\./)
    expect(`${error.message} ${error.remedy}`).not.toContain('LOUDFAKE')
    expect(server.connections).toBe(0)
  })

  test.each([
    ['23.11.0', false],
    ['24.0.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['24.19.0', true],
    ['24.10.0', true],
    ['25.0.0', true],
    ['', false],
    ['nonsense', false]
  ])('by Node %s: %s', async (nodeVersion, usable) => {
    const by = client({ HTTPS_PROXY: proxy.url }, { nodeVersion })
    if (usable) {
      expect((await get(by)).status).toBe(200)
      return
    }
    const error = await refused(by)
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toBe(
      `The proxy in HTTPS_PROXY can't be used, because this runner's Node.js version is too old for proxies (Node.js ${nodeVersion}), so ${GITHUB} was not reached.`
    )
    expect(error.remedy).toBe('Update the runner: proxies require Node.js 24.5 or later.')
    expect(proxy.connects).toEqual([])
    expect(server.connections).toBe(0)
  })

  test('an old Node matters only when a proxy is wanted', async () => {
    expect((await get(client({}, { nodeVersion: '24.0.0' }), server.url)).status).toBe(200)
    const past = client({ HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost' }, { nodeVersion: '24.0.0' })
    expect((await get(past, server.url)).status).toBe(200)
  })
})

describe('a proxy that fails', () => {
  const name = (): string => `The proxy localhost:${proxy.port}`

  test.each([
    [403, 'refused the connection', 1],
    [404, 'refused the connection', 1],
    [407, 'requires a username and password, but its URL has none', 1],
    [405, 'refused the connection', 1],
    [502, 'refused the connection', 3],
    [503, 'refused the connection', 3],
    [504, 'refused the connection', 3],
    [429, 'refused the connection', 3]
  ])('with %i: %s, after %i attempts', async (status, told, attempts) => {
    proxy.behavior = { refuse: status }
    const error = await refused(client({ HTTPS_PROXY: proxy.url }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toBe(`${name()} ${told} (HTTP ${status}), so ${GITHUB} was not reached.`)
    expect(error.details).toBe(attempts > 1 ? `${attempts} attempts` : '')
    expect(proxy.connects).toHaveLength(attempts)
    expect(server.connections).toBe(0)
  })

  test('with another password', async () => {
    const error = await refused(client({ HTTPS_PROXY: locked.urlWithPassword.replace('LOUDFAKE', 'WRONG') }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toContain('rejected the username and password in its URL (HTTP 407)')
    expect(`${error.message} ${error.remedy} ${error.details}`).not.toContain('WRONG')
    expect(locked.connects.map(({ authorized }) => authorized)).toEqual([false])
  })

  test('with a host that it cannot reach', async () => {
    const error = await refused(client({ HTTPS_PROXY: proxy.url }), 'https://unknown.sandbox.test/x')
    expect(error.message).toBe(`${name()} refused the connection (HTTP 502), so unknown.sandbox.test was not reached.`)
    expect(error.details).toBe('3 attempts')
  })

  test('by hanging', async () => {
    proxy.behavior = 'hang'
    const start = performance.now()
    const error = await refused(client({ HTTPS_PROXY: proxy.url }, { limits: { ...SHORT, attemptMs: 200 } }))
    expect(performance.now() - start).toBeLessThan(3_000)
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toMatch(
      /^The proxy localhost:\d+ didn't open a connection to the host: .*, or it can't reach the host(?: \([A-Z_]+\))?, so github\.sandbox\.test was not reached\.$/
    )
    expect(error.details).toBe('3 attempts')
  })

  test('by hanging up', async () => {
    proxy.behavior = 'close'
    const error = await refused(client({ HTTPS_PROXY: proxy.url }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toMatch(
      /^The proxy localhost:\d+ didn't open a connection to the host: .* was not reached\.$/
    )
    expect(error.details).toBe('3 attempts')
    expect(proxy.connects).toHaveLength(3)
  })

  test('by not being there', async () => {
    const error = await refused(client({ HTTPS_PROXY: 'http://127.0.0.1:1' }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toBe(
      `The proxy 127.0.0.1:1 couldn't be reached (ECONNREFUSED), so ${GITHUB} was not reached.`
    )
    expect(error.details).toBe('3 attempts')
  })

  test.each([
    [
      'a name that is unknown',
      'name',
      { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
      "couldn't be reached (ENOTFOUND)"
    ],
    [
      'a port that is closed',
      'tcp',
      { code: 'ECONNREFUSED', syscall: 'connect' },
      "couldn't be reached (ECONNREFUSED)"
    ],
    [
      'a reset when TLS begins',
      'tls',
      { code: 'ECONNRESET' },
      'closed the connection during the TLS handshake (ECONNRESET)'
    ],
    ['a reset before it answers', 'tunnel', { code: 'ECONNRESET' }, "didn't open a connection to the host"]
  ] as const)('by %s', async (_, phase, fields, told) => {
    const { open } = broken(Object.assign(new Error(PAT), fields), { phase })
    const error = await refused(client({ HTTPS_PROXY: proxy.url }, { open }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toContain(`${name()} ${told}`)
    expect(error.message).toContain('so github.sandbox.test was not reached.')
    expect(error.details).toBe('3 attempts')
  })

  test('by every one of its addresses', async () => {
    const { open } = broken(Object.assign(new AggregateError([], PAT), { code: 'ECONNREFUSED' }))
    const error = await refused(client({ HTTPS_PROXY: proxy.url }, { open }))
    expect(error.message).toContain(`${name()} couldn't be reached (ECONNREFUSED), so`)
  })

  test('with a status that its answer to CONNECT does not have', async () => {
    const { open } = broken(Object.assign(new Error(PAT), { code: 'ECONNRESET', statusCode: 407 }), { phase: 'tunnel' })
    const error = await refused(client({ HTTPS_PROXY: proxy.url }, { open }))
    expect(error.message).toContain("didn't open a connection to the host")
    expect(error.message).toContain('(ECONNRESET), so github.sandbox.test was not reached.')
    expect(error.details).toBe('3 attempts')
  })

  test('by speaking in clear where https:// is written: says what to write, and is not tried again', async () => {
    const error = await refused(client({ HTTPS_PROXY: proxy.url.replace('http:', 'https:') }))
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toContain("doesn't use TLS, although its URL starts with https://")
    expect(error.remedy).toContain(`set HTTPS_PROXY to http://localhost:${proxy.port}.`)
    expect(error.details).toBe('')
  })

  test('by speaking something else than HTTP', async () => {
    const other = await listen(createServer(socket => socket.on('error', () => undefined).end('SSH-2.0-x\r\n')))
    const error = await refused(client({ HTTPS_PROXY: `http://localhost:${other.port}` }))
    await other.stop()
    expect(error.code).toBe('proxy-failed')
    expect(error.message).toContain("sent a response that isn't HTTP (HPE_INVALID_CONSTANT)")
  })

  test('is not the proxy, when the tunnel was cut after it stood', async () => {
    const cutting = await listen(
      createServer(socket =>
        socket
          .on('error', () => undefined)
          .once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n', () => setTimeout(() => socket.destroy(), 20)))
      )
    )
    const error = await refused(client({ HTTPS_PROXY: `http://localhost:${cutting.port}` }))
    await cutting.stop()
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toContain(`through the proxy localhost:${cutting.port} failed: the TLS handshake failed`)
  })

  test('is not the proxy, when the tunnel stood', async () => {
    server.stageAlways('*', hang())
    const limits = { ...SHORT, attemptMs: 300 }
    const error = await refused(client({ HTTPS_PROXY: proxy.url }, { limits }))
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toBe(`GitHub (${GITHUB}) didn't respond in time.`)
    expect(error.details).toBe('3 attempts')
  })

  test('is not the proxy, when the time was up before it was asked', async () => {
    let uptime = 0
    const by = client({ HTTPS_PROXY: proxy.url }, { uptime: () => uptime })
    uptime = SHORT.actionMs
    const error = await refused(by)
    expect(error.code).toBe('github-unavailable')
    expect(error.message).toContain("within this action's 20-second limit")
    expect(proxy.connects).toEqual([])
  })

  test('with a certificate that nobody trusts: the proxy is named beside the host', async () => {
    const bad = await network.startProxy({ hosts: {}, certificate: await network.certificates.untrusted() })
    const error = await refused(client({ HTTPS_PROXY: bad.url }))
    expect(error.code).toBe('tls-untrusted')
    expect(error.message).toContain(
      `The TLS certificate of the proxy localhost:${bad.port} isn't signed by a CA that this runner trusts`
    )
    expect(bad.connects).toEqual([])
  })

  test('is not the proxy, when the certificate can only be the host’s', async () => {
    const bad = await network.startServer(await network.certificates.expired())
    proxy.hosts.set('bad.sandbox.test:443', bad.port)
    const error = await refused(client({ HTTPS_PROXY: proxy.url }), 'https://bad.sandbox.test/')
    expect(error.code).toBe('tls-untrusted')
    expect(error.message).toBe(
      'The TLS certificate of bad.sandbox.test has expired (CERT_HAS_EXPIRED), so nothing was sent to it.'
    )
    expect(bad.requests).toEqual([])
  })
})

test('text from outside is made fit to print in every message', async () => {
  const raws: string[] = []
  const by = client(
    { HTTPS_PROXY: 'http://127.0.0.1:1' },
    {
      quote: raw => {
        raws.push(raw)
        return quote(`<${raw}>`)
      }
    }
  )
  const error = await refused(by, `https://${GITHUB}/path?x`)
  expect(error.message).toContain(`<${GITHUB}>`)
  expect(error.message).toContain('<127.0.0.1:1>')
  expect(raws).toContain('/path')
})
