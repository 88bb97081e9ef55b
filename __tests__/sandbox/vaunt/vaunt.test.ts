// Tests that the sandbox's Vaunt issues signed tokens to those who are entitled to them, and serves requests with a token.

import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { PATS } from '../../../sandbox/github/population.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { get, parseJson } from '../network/client.ts'
import type { Got } from '../network/client.ts'

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

interface Listing {
  readonly meta_data: { readonly count: number; readonly data_type: number }
  readonly data: readonly { readonly name: string }[]
  readonly previous_cursor?: string
  readonly next_cursor?: string
}

/** The frame of every list; its fields are asserted by what uses them. */
function listing({ status, body }: Got): Listing {
  expect(status).toBe(200)
  return parseJson(body) as Listing
}

function namesIn(...pages: Listing[]): string[] {
  return pages.flatMap(({ data }) => data.map(({ name }) => name))
}

/** The fields that Vaunt's documentation lists and its examples show, in alphabetical order. */
const FIELDS = {
  entity:
    'avatar_url created_dttm description display_name experience followers following id level name provider socials type updated_dttm url website',
  repository:
    'created_dttm default_branch_name deleted description fork forks id language license name open_issues owner private provider size stars updated_dttm url',
  contributor: 'avatar_url contributions created_dttm display_name id name provider type url',
  achievement: 'awarded_dttm description icon_url id name repository_name',
  contributions:
    'commits contributed_to discussions discussions_answered issues issues_closed pull_requests pull_requests_merged reviews stars'
}

const fieldsOf = (value: unknown): string =>
  Object.keys(typeof value === 'object' && value !== null ? value : {})
    .sort()
    .join(' ')

describe('the objects have the documented fields', () => {
  test.each([
    ['Mona?format=svg', FIELDS.entity, { name: 'Mona', type: 'user', display_name: 'Mona Fictional' }],
    ['Acme-Labs', FIELDS.entity, { name: 'Acme-Labs', type: 'organization' }],
    ['Acme-Labs/contributors', FIELDS.contributor, { name: 'Mona', type: 'user', contributions: 247 }],
    ['Mona/achievements', FIELDS.achievement, { name: 'First pull request' }],
    ['Mona/repositories', FIELDS.repository, { name: 'anvil', owner: 'Mona', private: true, fork: false }],
    ['Mona/repositories/anvil/contributors', FIELDS.contributor, { name: 'Mona', contributions: 247 }]
  ])('%s', async (path, fields, values) => {
    const token = path.startsWith('Mona/repositories') ? await sandbox.vaunt.model.issueToken('Mona') : undefined
    const { data } = listing(await ask(path, token))
    expect(data.map(fieldsOf)).toEqual([fields])
    expect(data).toMatchObject([values])
  })

  test('contributions are a part of the entity, and private ones count when they are asked for', async () => {
    const [publicOnes, all] = [
      listing(await ask('Mona/contributions')).data,
      listing(await ask('Mona/contributions?private=true')).data
    ]
    expect(fieldsOf(publicOnes[0])).toBe(FIELDS.entity.replace(' created_dttm', ' contributions created_dttm'))
    expect(publicOnes).toMatchObject([{ contributions: { commits: 40 } }])
    expect(all).toMatchObject([{ contributions: { commits: 80 } }])
    expect(fieldsOf(Object.entries(publicOnes[0] ?? {}).find(([name]) => name === 'contributions')?.[1])).toBe(
      FIELDS.contributions
    )
  })

  test.each(['Mona/contributions', 'Mona/achievements'])('%s has a card', async path => {
    const { headers, body } = await ask(`${path}?format=svg&limit=2`)
    expect(headers['content-type']).toBe('image/svg+xml')
    expect(body).toContain('of Mona</title>')
  })
})

describe('with a token', () => {
  test.each([
    ['with a cursor on the last page', true, [3, 3, 1, 0]],
    ['without one', false, [3, 3, 1]]
  ])('repositories come in pages, %s', async (_name, cursorOnLastPage, counts) => {
    sandbox.vaunt.model.settings.cursorOnLastPage = cursorOnLastPage
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    const pages: Listing[] = []
    let cursor: string | undefined = ''
    do {
      const after: string = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`
      const page = listing(await ask(`Acme-Labs/repositories?limit=3${after}`, token))
      pages.push(page)
      cursor = page.next_cursor
    } while (cursor !== undefined)
    expect(pages.map(page => page.meta_data.count)).toEqual(counts)
    expect(pages.map(page => page.data.length)).toEqual(counts)
    expect(namesIn(...pages)).toEqual(sandbox.vaunt.model.settings.repositories)
  })

  test('a cursor is base64 of a time and a UUID, and leads back as well', async () => {
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    const second = listing(await ask('Acme-Labs/repositories?limit=4', token))
    const { previous_cursor: first = '', next_cursor: last = '' } = second
    for (const cursor of [first, last]) {
      expect(Buffer.from(cursor, 'base64').toString()).toMatch(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
      )
    }
    const before = (cursor: string): string => `Acme-Labs/repositories?limit=2&before=${encodeURIComponent(cursor)}`
    expect(namesIn(listing(await ask(before(last), token)))).toEqual(['boomerang', 'catapult'])
    expect(namesIn(listing(await ask(before(first), token)))).toEqual([])
  })

  test('a list has one object when nothing else is asked for', async () => {
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    for (const path of ['repositories', 'repositories/anvil/contributors', 'contributors', 'achievements']) {
      const { meta_data: meta, data } = listing(await ask(`Acme-Labs/${path}`, token))
      expect([path, meta.count, data.length]).toEqual([path, 1, 1])
    }
  })

  test('a repository can be public or deleted', async () => {
    const { settings } = sandbox.vaunt.model
    settings.publicRepositories = ['Mona/anvil']
    settings.deletedRepositories = ['boomerang']
    const token = await sandbox.vaunt.model.issueToken('Mona')
    expect(listing(await ask('Mona/repositories?limit=3', token)).data).toMatchObject([
      { name: 'anvil', private: false, deleted: false },
      { name: 'boomerang', private: false, deleted: true },
      { name: 'catapult', private: true, deleted: false }
    ])
    expect((await ask('Mona/repositories/boomerang/contributors', token)).status).toBe(404)
  })

  test('the card depends on the limit and on who contributes', async () => {
    const token = await sandbox.vaunt.model.issueToken('Acme-Labs')
    const path = 'Acme-Labs/repositories/anvil/contributors?format=svg&limit='
    const first = await ask(`${path}2`, token)
    expect(first.headers['content-type']).toBe('image/svg+xml')
    expect(first.body).toContain('>hubot </text>')
    expect((await ask(`${path}2`, token)).body).toBe(first.body)
    expect((await ask(`${path}1`, token)).body).not.toContain('hubot')
    sandbox.vaunt.model.settings.contributors.unshift('mona_acme')
    expect((await ask(`${path}2`, token)).body).toContain('mona_acme')
  })

  test.each([
    ['Acme-Labs/repositories', 401],
    ['Mona/repositories?limit=0', 400],
    ['Mona/repositories?limit=101', 400],
    ['Mona/repositories?limit=ten', 400],
    ['Mona/repositories?after=nonsense', 400],
    ['Mona/repositories?before=nonsense', 400],
    ['Mona/repositories/anvil/contributors?limit=0&format=svg', 400],
    ['Mona/repositories/anvil/contributors?format=png', 400],
    ['Mona/repositories/nothing/contributors?format=svg', 404],
    ['Mona/contributions?private=maybe', 400],
    ['nobody', 404],
    ['nobody/contributions', 404],
    ['nobody/contributors', 404],
    ['nobody/achievements', 404],
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
