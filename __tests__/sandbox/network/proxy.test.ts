// Tests that the sandbox's proxy connects, requires its password, and refuses connections on demand.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { PATS } from '../../../sandbox/github/population.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { Proxy } from '../../../sandbox/network/proxy.ts'
import { codeOf, get } from './client.ts'
import type { Got } from './client.ts'

const CREDENTIALS = { user: 'us-er', password: 'p@ss:w/rd' }
let sandbox: Sandbox
let open: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox({ proxy: { credentials: CREDENTIALS } })
  open = await startSandbox({ proxy: { isTls: true } })
})

afterEach(() => {
  sandbox.reset()
})

afterAll(async () => {
  await sandbox.stop()
  await open.stop()
})

function proxyOf({ proxy }: Sandbox): Proxy {
  if (proxy === undefined) throw new Error('no proxy')
  return proxy
}

async function through(box: Sandbox, proxyUrl: string, url: string): Promise<Got> {
  const agent = new Agent({ ca: box.certificates.ca, proxyEnv: { HTTPS_PROXY: proxyUrl } })
  try {
    const headers = { authorization: `token ${PATS.monaFineGrained.token}` }
    // While Node waits for the proxy, it does not heed the request's own signal.
    const late = sleep(1_000).then(() => Promise.reject(new Error('late')))
    return await Promise.race([get(url, { ca: box.certificates.ca, agent, headers }), late])
  } finally {
    agent.destroy()
  }
}

const USER = 'https://github.sandbox.test/user'

test('leads to both services by names that nobody else can resolve', async () => {
  const proxy = proxyOf(sandbox)
  expect(await codeOf(get(USER, { ca: sandbox.certificates.ca }))).toMatch(/ENOTFOUND|EAI_AGAIN/)
  expect((await through(sandbox, proxy.urlWithPassword, USER)).status).toBe(200)
  expect((await through(sandbox, proxy.urlWithPassword, 'https://vaunt.sandbox.test/x')).status).toBe(404)
  expect((await through(sandbox, proxy.urlWithPassword, 'https://api.github.com/user')).status).toBe(200)
  expect(proxy.connects.map(({ authority, authorized, status }) => ({ authority, authorized, status }))).toEqual([
    { authority: 'github.sandbox.test:443', authorized: true, status: 200 },
    { authority: 'vaunt.sandbox.test:443', authorized: true, status: 200 },
    { authority: 'api.github.com:443', authorized: true, status: 200 }
  ])
})

test('asks for its password', async () => {
  const proxy = proxyOf(sandbox)
  expect(await codeOf(through(sandbox, proxy.url, USER))).not.toBe('no error')
  expect(proxy.connects).toMatchObject([{ authorized: false, status: 407 }])
  expect(sandbox.github.requests).toHaveLength(0)
})

test.each([
  [{ refuse: 403 }, 403],
  [{ refuse: 502 }, 502],
  ['close', 0],
  ['hang', 0]
] as const)('can be told to %j', async (behavior, status) => {
  const proxy = proxyOf(sandbox)
  proxy.behavior = behavior
  expect(await codeOf(through(sandbox, proxy.urlWithPassword, USER))).not.toBe('no error')
  expect(proxy.connects).toMatchObject([{ status }])
  expect(sandbox.github.connections).toBe(0)
})

test('refuses hosts that it does not know', async () => {
  const proxy = proxyOf(sandbox)
  expect(await codeOf(through(sandbox, proxy.urlWithPassword, 'https://elsewhere.example/'))).not.toBe('no error')
  expect(proxy.connects).toMatchObject([{ authority: 'elsewhere.example:443', status: 502 }])
})

test('speaks TLS, and takes nothing but CONNECT', async () => {
  const proxy = proxyOf(open)
  expect(proxy.url).toMatch(/^https:/)
  expect((await get(`${proxy.url}/`, { ca: open.certificates.ca })).status).toBe(405)
  // Only the whole process's trust reaches the connection to the proxy itself.
  const directory = await mkdtemp(join(tmpdir(), 'proxy-test-'))
  const main = join(directory, 'main.mjs')
  await writeFile(
    main,
    `import { Agent, get } from 'node:https'
     const agent = new Agent({ proxyEnv: process.env })
     get('${USER}', { agent }, response => { console.log(response.statusCode); response.resume() })`
  )
  expect((await open.runStep({ main, env: { HTTPS_PROXY: proxy.url } })).log).toEqual(['401'])
  await rm(directory, { recursive: true, force: true })
})
