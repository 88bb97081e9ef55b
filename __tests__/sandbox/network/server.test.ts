// Tests that the staged server records requests and fails on demand, and that TLS rejects its invalid certificates.

import { Agent } from 'node:https'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import * as answers from '../../../sandbox/network/answers.ts'
import { createCertificates } from '../../../sandbox/network/certificates.ts'
import type { Certificates } from '../../../sandbox/network/certificates.ts'
import { startServer } from '../../../sandbox/network/server.ts'
import type { StagedServer } from '../../../sandbox/network/server.ts'
import { codeOf, get } from './client.ts'
import type { Got } from './client.ts'

let certificates: Certificates
let staged: StagedServer
const model = answers.answer(200, { from: 'model' })

beforeAll(async () => {
  certificates = await createCertificates()
  staged = await startServer({ model, certificate: certificates.server })
})

afterEach(() => {
  staged.reset()
})

afterAll(async () => {
  await staged.stop()
  await certificates.stop()
})

const fetchIt = (path = '/', timeoutMs = 5_000, agent?: Agent): Promise<Got> =>
  get(staged.url + path, { ca: certificates.ca, timeoutMs, ...(agent === undefined ? {} : { agent }) })

describe('certificates', () => {
  test.each([
    ['untrusted', 'SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID']
  ] as const)('%s is refused', async (kind, code) => {
    const certificate = await certificates[kind]()
    const bad = await startServer({ model, certificate })
    expect(await codeOf(get(bad.url, { ca: certificates.ca }))).toMatch(new RegExp(`^(?:${code})$`))
    expect(bad.requests).toHaveLength(0)
    await bad.stop()
  })

  test('the good one is refused without the CA, and accepted by address with it', async () => {
    expect(await codeOf(get(staged.url, { ca: '' }))).toMatch(/UNABLE_TO|SELF_SIGNED/)
    expect((await get(`https://127.0.0.1:${staged.port}/`, { ca: certificates.ca })).status).toBe(200)
  })

  test('the CA file is removed at the end', async () => {
    const others = await createCertificates()
    expect(existsSync(others.caFile)).toBe(true)
    await others.stop()
    expect(existsSync(others.caFile)).toBe(false)
  })
})

describe('staging', () => {
  test('answers once and in turn, then the model again', async () => {
    staged.stage('GET /users/:any', answers.answer(500, 'one'), answers.answer(501, 'two'))
    const bodies = []
    for (const path of ['/users/a?x=1', '/users/b', '/users/c', '/other']) bodies.push((await fetchIt(path)).body)
    expect(bodies).toEqual(['one', 'two', '{"from":"model"}', '{"from":"model"}'])
    expect(staged.requests.map(request => request.path)).toEqual(['/users/a?x=1', '/users/b', '/users/c', '/other'])
    expect(staged.requests.map(request => request.socket)).toEqual([1, 2, 3, 4])
    expect(staged.connections).toBe(4)
  })

  test('finds a route whose slashes the client encoded', async () => {
    staged.stageAlways('GET /git/ref/heads/main', answers.answer(500, 'staged'))
    const bodies: string[] = []
    for (const path of ['/git/ref/heads/main', '/git/ref/heads%2Fmain', '/git/ref/heads%2Fother', '/git/ref/%']) {
      bodies.push((await fetchIt(path)).body)
    }
    expect(bodies).toEqual(['staged', 'staged', '{"from":"model"}', '{"from":"model"}'])
  })

  test('stages for ever, for every route, and in turn', async () => {
    staged.stageAlways('*', answers.inTurn(answers.answer(500), answers.redirect(302, 'https://elsewhere.example/')))
    const got = [await fetchIt('/a'), await fetchIt('/b'), await fetchIt('/c')]
    expect(got.map(each => each.status)).toEqual([500, 302, 302])
    expect(got[2]?.headers.location).toBe('https://elsewhere.example/')
  })

  test('a mistake in an answer is a 500 that says so', async () => {
    staged.stage('*', () => {
      throw new Error('a mistake')
    })
    expect(await fetchIt()).toMatchObject({ status: 500, body: 'sandbox: Error: a mistake' })
  })

  test('a base path is cut off, and nothing lies outside it', async () => {
    const based = await startServer({ model, certificate: certificates.server, basePath: '/api/v3' })
    based.stage('GET /user', answers.answer(418))
    expect(based.url).toBe(`https://localhost:${based.port}/api/v3`)
    expect((await get(`${based.url}/user`, { ca: certificates.ca })).status).toBe(418)
    expect((await get(`https://localhost:${based.port}/user`, { ca: certificates.ca })).status).toBe(404)
    expect(based.requests.map(request => request.path)).toEqual(['/api/v3/user', '/user'])
    await based.stop()
  })
})

describe('timing', () => {
  test('answers late', async () => {
    staged.latencyMs = 120
    const start = performance.now()
    await fetchIt()
    staged.latencyMs = 0
    expect(performance.now() - start).toBeGreaterThan(115)
  })

  test('connects late, and only once for a kept connection', async () => {
    staged.connectLatencyMs = 150
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const start = performance.now()
    await fetchIt('/', 5_000, agent)
    const first = performance.now() - start
    await fetchIt('/', 5_000, agent)
    staged.connectLatencyMs = 0
    agent.destroy()
    expect(first).toBeGreaterThan(145)
    expect(performance.now() - start - first).toBeLessThan(100)
    expect(staged.requests.map(request => request.socket)).toEqual([1, 1])
    expect(staged.connectedAt).toHaveLength(1)
  })

  test('stops at once, whatever is under way', async () => {
    const slow = await startServer({ model, certificate: certificates.server, latencyMs: 60_000 })
    const hanging = codeOf(get(slow.url, { ca: certificates.ca }))
    while (slow.requests.length === 0) await sleep(5)
    await slow.stop()
    expect(await hanging).toBe('ECONNRESET')
  })
})

describe('faults', () => {
  test.each([
    ['resetBeforeAnswer', answers.resetBeforeAnswer(), 'ECONNRESET'],
    ['resetMidBody', answers.resetMidBody(), 'ECONNRESET'],
    ['closeBeforeAnswer', answers.closeBeforeAnswer(), 'ECONNRESET'],
    ['closeMidBody', answers.closeMidBody(), 'ECONNRESET'],
    ['hang', answers.hang(), 'ABORT_ERR'],
    ['drip', answers.drip(10), 'ABORT_ERR'],
    ['endless', answers.endless(), 'ABORT_ERR'],
    ['raw nonsense', answers.raw('nonsense\r\n\r\n'), 'HPE_INVALID_CONSTANT']
  ])('%s', async (_name, answer, code) => {
    staged.stage('*', answer)
    expect(await codeOf(fetchIt('/', 300))).toBe(code)
    expect((await fetchIt()).status).toBe(200)
  })

  test.each([
    ['html', answers.html(), '<!DOCTYPE html>', 'text/html; charset=utf-8'],
    ['truncatedJson', answers.truncatedJson(), '{"id":1001,"login":"Mo', 'application/json; charset=utf-8'],
    ['deeplyNestedJson', answers.deeplyNestedJson(3), '[[[]]]', 'application/json; charset=utf-8'],
    ['an object', answers.answer(200, { a: 1 }), '{"a":1}', 'application/json; charset=utf-8'],
    ['a string', answers.answer(200, 'as is'), 'as is', undefined],
    ['late', answers.after(20, answers.answer(200, 'late')), 'late', undefined]
  ])('%s', async (_name, answer, start, type) => {
    staged.stage('*', answer)
    const got = await fetchIt()
    expect(got.body.startsWith(start)).toBe(true)
    expect(got.headers['content-type']).toBe(type)
  })

  test('raw bytes can say what Node would not', async () => {
    staged.stage(
      '*',
      answers.raw('HTTP/1.1 200 ::error::forged\r\nX-Odd: ##[add-mask]a\r\nContent-Length: 2\r\n\r\nok')
    )
    expect(await fetchIt()).toMatchObject({ status: 200, body: 'ok', headers: { 'x-odd': '##[add-mask]a' } })
  })

  test('connections end as told', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    staged.stage('GET /a', answers.closeAfter(model))
    staged.stage('GET /c', answers.resetNextAfter(model))
    staged.stage('GET /e', answers.hangUpAfter(model))
    expect((await fetchIt('/a', 5_000, agent)).headers.connection).toBe('close')
    expect((await fetchIt('/b', 5_000, agent)).headers.connection).toBe('keep-alive')
    expect((await fetchIt('/c', 5_000, agent)).headers.connection).toBe('keep-alive')
    expect(await codeOf(fetchIt('/d', 5_000, agent))).toBe('ECONNRESET')
    expect((await fetchIt('/e', 5_000, agent)).headers.connection).toBe('keep-alive')
    await sleep(50)
    expect((await fetchIt('/f', 5_000, agent)).status).toBe(200)
    agent.destroy()
    expect(staged.requests.map(request => request.socket)).toEqual([1, 2, 2, 2, 3, 4])
  })
})
