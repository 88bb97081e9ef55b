// Tests the built action behind proxies: which requests use one, what a broken one leads to, and that its password isn't printed. A proxy that hangs is tested in network.test.ts.

import { describe, expect } from '@jest/globals'
import { startProxy } from '../../sandbox/network/proxy.ts'
import type { Proxy } from '../../sandbox/network/proxy.ts'
import { runStep } from '../../sandbox/runner/runner.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { answer } from '../../sandbox/network/answers.ts'
import { startServer } from '../../sandbox/network/server.ts'
import { asAdmin, expectFailure, message, withMain } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'
import { sideBySide } from './side-by-side.ts'

const open = sideBySide(3, { proxy: {} })
const overTls = sideBySide(1, { proxy: { isTls: true } })

const AT_ONCE_MS = 3_000
/** Three attempts, with pauses of 1 to 1.5 s and 5 to 7.5 s between them. */
const RETRIED_MS = 12_000

/** Names that only the proxy knows: whatever goes past it gets nowhere. */
const HIDDEN = { 'github-api-url': 'https://github.sandbox.test', 'vaunt-api-url': 'https://vaunt.sandbox.test' }

const GITHUB = 'github.sandbox.test:443'
const VAUNT = 'vaunt.sandbox.test:443'

type Environment = NonNullable<StepOptions['env']>

/** A step at the hidden names. */
function hidden(env: Environment): StepOptions {
  return asAdmin({ env, with: HIDDEN })
}

function proxyOf({ proxy }: Sandbox): Proxy {
  if (proxy === undefined) throw new Error('the sandbox was started without a proxy')
  return proxy
}

/** Where tunnels were asked for, each once. */
function tunnels(proxy: Proxy): string[] {
  for (const { method } of proxy.connects) expect(method).toBe('CONNECT')
  return [...new Set(proxy.connects.map(({ authority }) => authority))].sort()
}

/** How many requests each service got. */
function arrived({ github, vaunt }: Sandbox): { github: number; vaunt: number } {
  return { github: github.requests.length, vaunt: vaunt.requests.length }
}

function expectSuccess(result: StepResult, sandbox: Sandbox, secrets: readonly string[] = []): void {
  expect({ exit: result.exitCode, log: result.log }).toMatchObject({ exit: 0 })
  expect(result.outputs).toMatchObject({ entity: 'Acme-Labs', token: sandbox.vaunt.model.tokens[0] })
  expect(result.annotations).toEqual([])
  expect(result.stderr).toBe('')
  expect(arrived(sandbox)).toEqual({ github: 3, vaunt: 1 })
  expectNoLeak(result, [result.outputs['token'] ?? '', ...secrets])
}

/** Both services behind the proxy, and no byte of a PAT in the clear. */
function expectThrough(result: StepResult, sandbox: Sandbox, proxy = proxyOf(sandbox)): void {
  expectSuccess(result, sandbox)
  expect(tunnels(proxy)).toEqual([GITHUB, VAUNT])
  expect(proxy.connects.every(({ status }) => status === 200)).toBe(true)
  expect(JSON.stringify(proxy.connects)).not.toContain('LOUDFAKE')
}

/** Neither service was asked anything. */
function expectRefused(result: StepResult, sandbox: Sandbox, words: string, limitMs = AT_ONCE_MS): void {
  expectFailure(result, 'proxy-failed')
  expect(message(result)).toContain(words)
  expect(arrived(sandbox)).toEqual({ github: 0, vaunt: 0 })
  expect(result.durationMs).toBeLessThan(limitMs)
}

describe('both services are reached through the proxy', () => {
  for (const name of ['HTTPS_PROXY', 'https_proxy']) {
    open(`of ${name}`, async sandbox => {
      expectThrough(await sandbox.runStep(hidden({ [name]: proxyOf(sandbox).url })), sandbox)
    })
  }

  open('under the real names of GitHub and Vaunt, with the inputs left out', async sandbox => {
    const { url } = proxyOf(sandbox)
    const step = asAdmin({ env: { HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: sandbox.caFile } })
    const result = await runStep(step)
    expectSuccess(result, sandbox)
    expect(tunnels(proxyOf(sandbox))).toEqual(['api.github.com:443', 'api.vaunt.dev:443'])
  })

  open('whose address has no scheme, or a slash and white space around it', async sandbox => {
    const { port } = proxyOf(sandbox)
    expectThrough(await sandbox.runStep(hidden({ HTTPS_PROXY: ` localhost:${port}/ ` })), sandbox)
  })

  overTls('that is itself spoken to over TLS', async sandbox => {
    const { url } = proxyOf(sandbox)
    expect(url).toMatch(/^https:/)
    expectThrough(await sandbox.runStep(hidden({ HTTPS_PROXY: url })), sandbox)
  })

  // Elsewhere the system's store is no file that a test could name.
  if (process.platform === 'linux') {
    overTls('of a CA that only the store of the system has', async sandbox => {
      const environment = { NODE_EXTRA_CA_CERTS: undefined, SSL_CERT_FILE: sandbox.caFile }
      const step = hidden({ HTTPS_PROXY: proxyOf(sandbox).url })
      expectThrough(await sandbox.runStep({ ...step, environment }), sandbox)
    })
  }

  // Elsewhere the two names are one variable.
  if (process.platform !== 'win32') {
    open('of the lower-case variable when both are set', async sandbox => {
      const env = { https_proxy: proxyOf(sandbox).url, HTTPS_PROXY: 'http://localhost:1' }
      expectThrough(await sandbox.runStep(hidden(env)), sandbox)
    })

    open('of the upper-case variable when the lower-case one is empty', async sandbox => {
      const env = { https_proxy: '', HTTPS_PROXY: proxyOf(sandbox).url }
      expectThrough(await sandbox.runStep(hidden(env)), sandbox)
    })

    open('when the lower-case no_proxy lists neither, whatever NO_PROXY lists', async sandbox => {
      const env = { HTTPS_PROXY: proxyOf(sandbox).url, no_proxy: 'other.test', NO_PROXY: '*' }
      expectThrough(await sandbox.runStep(hidden(env)), sandbox)
    })
  }

  for (const list of [
    'example.test, other.test',
    'hub.sandbox.test,aunt.sandbox.test',
    'sandbox.test.example',
    'github.sandbox.test:444 vaunt.sandbox.test:80',
    '192.0.2.1,[::1],::1'
  ]) {
    open(`when NO_PROXY lists others: ${list}`, async sandbox => {
      const env = { HTTPS_PROXY: proxyOf(sandbox).url, NO_PROXY: list }
      expectThrough(await sandbox.runStep(hidden(env)), sandbox)
    })
  }
})

describe('neither service is reached through the proxy', () => {
  for (const name of ['HTTP_PROXY', 'http_proxy']) {
    open(`of ${name}, which is for http alone`, async sandbox => {
      const result = await sandbox.runStep(asAdmin({ env: { [name]: proxyOf(sandbox).url } }))
      expectSuccess(result, sandbox)
      expect(proxyOf(sandbox).connects).toEqual([])
    })
  }

  for (const list of [
    '*',
    'other.test,*',
    'localhost',
    'LOCALHOST',
    '.localhost',
    '*.localhost',
    'other.test localhost'
  ]) {
    for (const name of list === 'localhost' ? ['NO_PROXY', 'no_proxy'] : ['NO_PROXY']) {
      open(`when ${name} is ${list}`, async sandbox => {
        const env = { HTTPS_PROXY: proxyOf(sandbox).url, [name]: list, NODE_USE_ENV_PROXY: '1' }
        const result = await sandbox.runStep(asAdmin({ env }))
        expectSuccess(result, sandbox)
        expect(proxyOf(sandbox).connects).toEqual([])
      })
    }
  }

  for (const list of [
    'sandbox.test',
    '.sandbox.test',
    '*.sandbox.test',
    'test',
    'github.sandbox.test,vaunt.sandbox.test:443'
  ]) {
    open(`when NO_PROXY is ${list}: the hidden names lead nowhere`, async sandbox => {
      const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxyOf(sandbox).url, NO_PROXY: list }))
      expectFailure(result, 'github-unavailable')
      expect(message(result)).toMatch(/github\.sandbox\.test failed: .* \((?:ENOTFOUND|EAI_AGAIN)\)/)
      expect(proxyOf(sandbox).connects).toEqual([])
      expect(arrived(sandbox)).toEqual({ github: 0, vaunt: 0 })
    })
  }

  open('when NO_PROXY lists both hosts with their ports', async sandbox => {
    const list = `localhost:${sandbox.github.port},localhost:${sandbox.vaunt.port}`
    const result = await sandbox.runStep(asAdmin({ env: { HTTPS_PROXY: proxyOf(sandbox).url, NO_PROXY: list } }))
    expectSuccess(result, sandbox)
    expect(proxyOf(sandbox).connects).toEqual([])
  })
})

describe('each service by its own rule', () => {
  for (const service of ['github', 'vaunt'] as const) {
    open(`NO_PROXY lists the host and port of ${service} alone`, async sandbox => {
      const other = service === 'github' ? sandbox.vaunt : sandbox.github
      const env = { HTTPS_PROXY: proxyOf(sandbox).url, NO_PROXY: `localhost:${sandbox[service].port}` }
      const result = await sandbox.runStep(asAdmin({ env }))
      expectSuccess(result, sandbox)
      expect(tunnels(proxyOf(sandbox))).toEqual([`localhost:${other.port}`])
    })
  }

  open('a proxy that does not know Vaunt fails the exchange, after GitHub was asked through it', async sandbox => {
    const proxy = proxyOf(sandbox)
    const port = proxy.hosts.get(VAUNT) ?? 0
    proxy.hosts.delete(VAUNT)
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxy.url }))
    proxy.hosts.set(VAUNT, port)
    expectFailure(result, 'proxy-failed')
    expect(message(result)).toContain('refused the connection (HTTP 502), so vaunt.sandbox.test was not reached')
    expect(arrived(sandbox)).toEqual({ github: 3, vaunt: 0 })
  })
})

describe('a broken proxy is proxy-failed', () => {
  for (const [status, attempts] of [
    [400, 1],
    [403, 1],
    [404, 1],
    [502, 3],
    [503, 3]
  ] as const) {
    open(`that refuses with ${status}, after ${attempts} attempts`, async sandbox => {
      const proxy = proxyOf(sandbox)
      proxy.behavior = { refuse: status }
      const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxy.url }))
      expectRefused(result, sandbox, `refused the connection (HTTP ${status})`, RETRIED_MS)
      expect(message(result).includes('(3 attempts)')).toBe(attempts === 3)
      expect(proxy.connects.filter(({ authority }) => authority === GITHUB).length).toBeLessThanOrEqual(3 * attempts)
      if (attempts === 1) expect(result.durationMs).toBeLessThan(AT_ONCE_MS)
    })
  }

  open('that hangs up', async sandbox => {
    const proxy = proxyOf(sandbox)
    proxy.behavior = 'close'
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxy.url }))
    expectRefused(result, sandbox, `The proxy localhost:${proxy.port} didn't open a connection to the host`, RETRIED_MS)
  })

  open('that is not there', async sandbox => {
    const gone = await startProxy({ hosts: {} })
    await gone.stop()
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: gone.url }))
    expectRefused(result, sandbox, `The proxy localhost:${gone.port} couldn't be reached`, RETRIED_MS)
    expect(message(result)).toContain('(3 attempts)')
  })

  open('whose name nobody knows', async sandbox => {
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: 'http://proxy.sandbox.test:3128' }))
    expectRefused(result, sandbox, "The proxy proxy.sandbox.test:3128 couldn't be reached", RETRIED_MS)
  })

  for (const address of [
    'ftp://localhost:21',
    'http://',
    'http://localhost:99999',
    'http://[::1',
    'https://exa mple:3128',
    'http://%zz:3128',
    '://localhost'
  ]) {
    open(`whose address is ${address}`, async sandbox => {
      const result = await sandbox.runStep(hidden({ HTTPS_PROXY: address }))
      expectRefused(result, sandbox, "The proxy in HTTPS_PROXY isn't an http:// or https:// URL")
      expect(proxyOf(sandbox).connects).toEqual([])
    })
  }

  for (const [name, address, words] of [
    ['HTTPS_PROXY', 'socks5://localhost:1080', 'The proxy in HTTPS_PROXY is a SOCKS proxy'],
    ['https_proxy', 'socks4a://localhost:1080', 'The proxy in HTTPS_PROXY is a SOCKS proxy'],
    ['ALL_PROXY', 'socks5h://runner:LOUDFAKEproxyPassword@localhost:1080', 'The proxy in ALL_PROXY is a SOCKS proxy'],
    ['all_proxy', 'http://runner:LOUDFAKEproxyPassword@localhost:3128', "The proxy in ALL_PROXY can't be used"]
  ] as const) {
    open(`that is not supported: ${name}=${address}`, async sandbox => {
      const result = await sandbox.runStep(hidden({ [name]: address }))
      expectRefused(result, sandbox, words)
      expect(message(result)).toContain('Set HTTPS_PROXY=http://HOST:PORT')
      if (address.includes('@')) expect(result.masks).toContain('LOUDFAKEproxyPassword')
    })
  }

  open('is HTTPS_PROXY when ALL_PROXY is another', async sandbox => {
    const env = { HTTPS_PROXY: proxyOf(sandbox).url, ALL_PROXY: 'socks5://localhost:1' }
    expectThrough(await sandbox.runStep(hidden(env)), sandbox)
  })

  for (const [list, url] of [
    ['127.0.0.0/8', '127.0.0.1'],
    ['10.0.0.0/8,127.0.0.0/30', '127.0.0.1']
  ] as const) {
    open(`of ALL_PROXY matters to no address in NO_PROXY=${list}`, async sandbox => {
      const inputs = {
        'github-api-url': `https://${url}:${sandbox.github.port}`,
        'vaunt-api-url': `https://${url}:${sandbox.vaunt.port}`
      }
      const env = { ALL_PROXY: 'socks5://localhost:1', NO_PROXY: list }
      expectSuccess(await sandbox.runStep(asAdmin({ env, with: inputs })), sandbox)
    })
  }

  open('that shows a certificate which nobody trusts is tls-untrusted, and named', async sandbox => {
    const impostor = await startProxy({ hosts: {}, certificate: await sandbox.certificates.untrusted() })
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: impostor.url }))
    await impostor.stop()
    expectFailure(result, 'tls-untrusted')
    expect(message(result)).toContain(
      `The TLS certificate of the proxy localhost:${impostor.port} isn't signed by a CA that this runner trusts`
    )
    expect(impostor.connects).toEqual([])
    expect(arrived(sandbox)).toEqual({ github: 0, vaunt: 0 })
  })

  open('that leads to a host with a certificate which nobody trusts is tls-untrusted', async sandbox => {
    const proxy = proxyOf(sandbox)
    const impostor = await startServer({
      model: answer(200, '{}'),
      certificate: await sandbox.certificates.untrusted()
    })
    const port = proxy.hosts.get(GITHUB) ?? 0
    proxy.hosts.set(GITHUB, impostor.port)
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxy.url }))
    proxy.hosts.set(GITHUB, port)
    await impostor.stop()
    expectFailure(result, 'tls-untrusted')
    expect(message(result)).toContain(
      "The TLS certificate of github.sandbox.test isn't signed by a CA that this runner trusts"
    )
    expect(impostor.requests).toEqual([])
    expect(arrived(sandbox)).toEqual({ github: 0, vaunt: 0 })
  })
})

// Passwords.

/** How a password may stand in the variable, and what the proxy is to be told. */
const PASSWORDS: readonly (readonly [name: string, written: string, meant: string])[] = [
  ['plain', 'LOUDFAKEproxyPassword', 'LOUDFAKEproxyPassword'],
  ['percent-encoded', 'LOUDFAKE%40proxy%3Apass%2Fword%20%25', 'LOUDFAKE@proxy:pass/word %'],
  ['percent-encoded in lower case', 'LOUDFAKE%2fproxy%3fpassword', 'LOUDFAKE/proxy?password'],
  ['with a percent sign that encodes nothing', 'LOUDFAKE%proxy100%', 'LOUDFAKE%proxy100%'],
  ['with a colon and other signs', "LOUDFAKE:proxy!$&'()*+,;=~password", "LOUDFAKE:proxy!$&'()*+,;=~password"],
  ['with letters outside ASCII', 'LOUDFAKE%C3%A9pr%C3%B6xy', 'LOUDFAKEépröxy']
]

/** A proxy to the sandbox's servers that asks for a password. */
async function startGuarded({ github, vaunt }: Sandbox, password: string): Promise<Proxy> {
  const hosts = { [GITHUB]: github.port, [VAUNT]: vaunt.port }
  return startProxy({ hosts, credentials: { user: 'runner', password } })
}

/** Nowhere in clear, as written, or in the form in which it is sent. */
function spellings(written: string, meant: string): string[] {
  return [written, meant, Buffer.from(`runner:${meant}`).toString('base64').replace(/=+$/, '')]
}

describe('a proxy with a password', () => {
  for (const [name, written, meant] of PASSWORDS) {
    open(`(${name}) gets it, and nobody else does`, async sandbox => {
      const proxy = await startGuarded(sandbox, meant)
      const result = await sandbox.runStep(hidden({ HTTPS_PROXY: `http://runner:${written}@localhost:${proxy.port}` }))
      await proxy.stop()
      expectSuccess(result, sandbox, spellings(written, meant))
      expect(tunnels(proxy)).toEqual([GITHUB, VAUNT])
      expect(proxy.connects.every(({ authorized }) => authorized)).toBe(true)
      // The proxy's credentials are the proxy's alone.
      for (const { headers } of [...sandbox.github.requests, ...sandbox.vaunt.requests]) {
        expect(headers).not.toHaveProperty('proxy-authorization')
      }
      expect(result.masks).toEqual(expect.arrayContaining([written, meant]))
    })

    open(`(${name}) that is wrong is proxy-failed, at once and without the password`, async sandbox => {
      const proxy = await startGuarded(sandbox, `${meant}-another`)
      const result = await sandbox.runStep(hidden({ HTTPS_PROXY: `http://runner:${written}@localhost:${proxy.port}` }))
      await proxy.stop()
      expectRefused(result, sandbox, `The proxy localhost:${proxy.port} rejected the username and password in its URL`)
      expectNoLeak(result, spellings(written, meant))
      expect(proxy.connects.every(({ status }) => status === 407)).toBe(true)
      expect(result.masks).toEqual(expect.arrayContaining([written, meant]))
    })
  }

  open('that is not given is proxy-failed, at once', async sandbox => {
    const proxy = await startGuarded(sandbox, 'LOUDFAKEproxyPassword')
    const result = await sandbox.runStep(hidden({ HTTPS_PROXY: proxy.url }))
    await proxy.stop()
    expectRefused(result, sandbox, 'requires a username and password, but its URL has none (HTTP 407)')
  })

  for (const address of [
    'socks5://runner:LOUDFAKEproxyPassword@localhost:1080',
    'http://runner:LOUDFAKEproxyPassword@localhost:99999',
    'http://runner:LOUDFAKEproxyPassword@[::1',
    'runner:LOUDFAKEproxyPassword@localhost:1',
    'http://runner:LOUDFAKEproxyPassword@proxy.sandbox.test:3128',
    'http://runner:LOUDFAKEproxyPassword%C3@localhost:3128',
    'http://runner:LOUDFAKEproxyPassword@proxy@localhost:99999'
  ]) {
    open(
      `in an address that is of no use (${address.replace('LOUDFAKEproxyPassword', '…')}) is masked`,
      async sandbox => {
        for (const name of ['HTTPS_PROXY', 'https_proxy']) {
          const result = await sandbox.runStep(hidden({ [name]: address }))
          expectFailure(result, 'proxy-failed')
          expectNoLeak(result, ['LOUDFAKEproxyPassword'])
          expect(result.masks.some(mask => mask.startsWith('LOUDFAKEproxyPassword'))).toBe(true)
        }
      }
    )
  }

  open('in a variable that is not used is masked all the same', async sandbox => {
    const env = { HTTP_PROXY: 'http://runner:LOUDFAKEproxyPassword@localhost:1', NO_PROXY: '*' }
    const result = await sandbox.runStep(asAdmin({ env }))
    expectSuccess(result, sandbox, ['LOUDFAKEproxyPassword'])
    expect(result.masks).toContain('LOUDFAKEproxyPassword')
  })
})

describe('a Node.js that cannot use proxies', () => {
  const pretend = (version: string): string =>
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`

  for (const version of ['24.4.1', '24.0.0', '22.21.1']) {
    open(`(${version}) does not pass over a proxy in silence`, async sandbox => {
      const result = await withMain(pretend(version), main =>
        sandbox.runStep({ ...hidden({ HTTPS_PROXY: proxyOf(sandbox).url }), main })
      )
      expectRefused(result, sandbox, "can't be used, because this runner's Node.js version is too old for proxies")
      expect(message(result)).toContain(`(Node.js ${version})`)
      expect(proxyOf(sandbox).connects).toEqual([])
    })
  }

  open('(24.4.1) works without one', async sandbox => {
    const result = await withMain(pretend('24.4.1'), main => sandbox.runStep({ ...asAdmin(), main }))
    expectSuccess(result, sandbox)
  })

  open('(24.4.1) works past one', async sandbox => {
    const env = { HTTPS_PROXY: proxyOf(sandbox).url, NO_PROXY: 'localhost' }
    const result = await withMain(pretend('24.4.1'), main => sandbox.runStep({ ...asAdmin({ env }), main }))
    expectSuccess(result, sandbox)
    expect(proxyOf(sandbox).connects).toEqual([])
  })

  open('is older than 24.5.0', async sandbox => {
    const result = await withMain(pretend('24.5.0'), main =>
      sandbox.runStep({ ...hidden({ HTTPS_PROXY: proxyOf(sandbox).url }), main })
    )
    expectThrough(result, sandbox)
  })
})
