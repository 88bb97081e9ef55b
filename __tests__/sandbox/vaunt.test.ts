// Owns the proof that the sandbox's Vaunt hands out real tokens to those entitled and serves those who bring one.

import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { PATS } from '../../sandbox/github.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { get, parseJson } from './client.ts'
import type { Got } from './client.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})

afterEach(() => {
  sandbox.reset()
})

afterAll(async () => {
  await sandbox.stop()
})

function ask(path: string, bearer?: string): Promise<Got> {
  return get(`${sandbox.vaunt.url}/v1/github/entities/${path}`, {
    ca: sandbox.certificates.ca,
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  })
}

describe('the exchange', () => {
  test.each([
    ['Mona', PATS.monaFineGrained.token, 200],
    ['Acme-Labs', PATS.monaForAcme.token, 200],
    ['mona_acme', PATS.monaAcme.token, 200],
    ['Acme-Labs', PATS.hubotFineGrained.token, 401],
    ['Acme-Labs', PATS.newcomerClassic.token, 401],
    ['Mona', PATS.hubotFineGrained.token, 401],
    ['Mona', 'ghp_unknown', 401],
    ['Mona', undefined, 401],
    ['mona', PATS.monaFineGrained.token, 404],
    ['Other-Org', PATS.monaClassic.token, 404]
  ])('%s', async (entity, pat, status) => {
    const got = await ask(`${entity}/token`, pat)
    expect(got.status).toBe(status)
    const [token = ''] = sandbox.vaunt.model.tokens
    expect(parseJson(got.body)).toMatchObject(
      status === 200
        ? { meta_data: { count: 1, data_type: 4 }, data: { token } }
        : { error: { message: expect.any(String), code: expect.any(Number) } }
    )
    if (status !== 200) return
    expect(decodeProtectedHeader(token).alg).toBe('ES256')
    const { sub, iat = 0, exp } = decodeJwt(token)
    expect({ sub, exp }).toEqual({ sub: entity, exp: iat + 3600 })
  })

  test('what Vaunt does not document can be chosen', async () => {
    const { settings, tokens } = sandbox.vaunt.model
    settings.lifetimeSeconds = undefined
    settings.contentType = undefined
    settings.clockAheadMs = 3_600_000
    const got = await ask('Mona/token', PATS.monaFineGrained.token)
    expect(got.headers['content-type']).toBeUndefined()
    expect(Date.parse(got.headers.date ?? '')).toBeGreaterThan(Date.now() + 3_500_000)
    expect(decodeJwt(tokens[0] ?? '').exp).toBeUndefined()
    settings.lifetimeSeconds = -60
    settings.contentType = 'text/plain'
    expect((await ask('Mona/token', PATS.monaFineGrained.token)).headers['content-type']).toBe('text/plain')
    const { exp = 0, iat = 0 } = decodeJwt(tokens[1] ?? '')
    expect(exp - iat).toBe(-60)
    sandbox.reset()
    expect(settings.lifetimeSeconds).toBe(3600)
  })
})

describe('with a token', () => {
  test('repositories come in pages', async () => {
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    const pages: unknown[] = []
    let cursor = ''
    do {
      const got = await ask(`Acme-Labs/repositories?limit=3${cursor && `&after=${cursor}`}`, token)
      pages.push(parseJson(got.body))
      cursor = /"next_cursor":"([^"]+)"/.exec(got.body)?.[1] ?? ''
    } while (cursor !== '')
    expect(pages).toMatchObject([
      { meta_data: { count: 3 }, data: [{ name: 'anvil', owner: 'Acme-Labs', private: true }, {}, {}] },
      { meta_data: { count: 3 } },
      { meta_data: { count: 1 }, data: [{ name: 'giant-magnet' }] }
    ])
  })

  test('the card depends on the limit and on who contributes', async () => {
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    const path = 'Acme-Labs/repositories/anvil/contributors?format=svg&limit='
    const first = await ask(`${path}2`, token)
    expect(first.headers['content-type']).toBe('image/svg+xml')
    expect(first.body).toContain('<text x="8" y="48">hubot</text>')
    expect((await ask(`${path}2`, token)).body).toBe(first.body)
    expect((await ask(`${path}1`, token)).body).not.toContain('hubot')
    sandbox.vaunt.model.settings.contributors.unshift('mona_acme')
    expect((await ask(`${path}2`, token)).body).toContain('mona_acme')
  })

  test.each([
    ['Acme-Labs/repositories', 401],
    ['Mona/repositories?limit=0', 400],
    ['Mona/repositories?limit=101', 400],
    ['Mona/repositories?after=nonsense', 400],
    ['Mona/repositories/anvil/contributors', 400],
    ['Mona/repositories/nothing/contributors?format=svg', 404],
    ['Mona/else', 404],
    ['Mona/token/anvil/contributors', 404]
  ])('%s is refused', async (path, status) => {
    expect((await ask(path, await sandbox.vaunt.model.issueToken('Mona'))).status).toBe(status)
  })

  test('a token is really verified', async () => {
    const token = await sandbox.vaunt.model.issueToken('Mona')
    const [header = '', , signature = ''] = token.split('.')
    const forged = [header, Buffer.from('{"sub":"Acme-Labs"}').toString('base64url'), signature].join('.')
    expect((await ask('Mona/repositories', token)).status).toBe(200)
    expect((await ask('Acme-Labs/repositories', forged)).status).toBe(401)
    sandbox.vaunt.model.settings.lifetimeSeconds = -1
    expect((await ask('Mona/repositories', await sandbox.vaunt.model.issueToken('Mona'))).status).toBe(401)
    expect((await ask('Mona/repositories', PATS.monaFineGrained.token)).status).toBe(401)
  })
})
