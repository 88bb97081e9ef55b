// Tests that the sandbox's GitHub responds in the shapes of GitHub's own OpenAPI description, and by its rules.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { PATS, findAccount } from '../../../sandbox/github/population.ts'
import { refusals, refusal } from '../../../sandbox/github/responses.ts'
import { answer } from '../../../sandbox/network/answers.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { get, parseJson } from '../network/client.ts'
import type { Got } from '../network/client.ts'

const DESCRIPTION = join(import.meta.dirname, '../../../sandbox/github/github-openapi.json')
const USER = '/user'
const ACCOUNT = '/users/{username}'
const MEMBERSHIP = '/user/memberships/orgs/{org}'

// OpenAPI's `nullable` is known to Ajv; its other additions say nothing about what is valid.
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
const description = parseJson(readFileSync(DESCRIPTION, 'utf8'))
if (typeof description !== 'object' || description === null) throw new Error('no description')
ajv.addSchema(description, 'github')

/** Complaints about an answer of an endpoint, by the description's schema for its status; null when there are none. */
function complaints(endpoint: string, got: Got): unknown {
  const path = `/paths/${endpoint.replaceAll('/', '~1')}/get/responses/${got.status}`
  const content = '/content/application~1json/schema'
  const shared = lookUp(`${path}/$ref`)
  const pointer = (typeof shared === 'string' ? shared.slice(1) : path) + content
  const validate = ajv.compile({ $ref: `github#${encodeURI(pointer)}` })
  return validate(parseJson(got.body)) ? null : validate.errors
}

function lookUp(pointer: string): unknown {
  let value: unknown = description
  for (const key of pointer
    .slice(1)
    .split('/')
    .map(each => each.replaceAll('~1', '/'))) {
    value =
      typeof value === 'object' && value !== null ? Object.entries(value).find(([k]) => k === key)?.[1] : undefined
  }
  return value
}

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

function ask(path: string, token?: string, scheme = 'token'): Promise<Got> {
  return get(sandbox.github.url + path, {
    ca: sandbox.certificates.ca,
    headers: {
      'x-github-api-version': '2022-11-28',
      ...(token === undefined ? {} : { authorization: `${scheme} ${token}` })
    }
  })
}

test('the validator refuses what GitHub would not answer', async () => {
  const got = await ask('/user', PATS.monaFineGrained.token)
  expect(complaints(USER, { ...got, body: got.body.replace('"login"', '"logout"') })).not.toBeNull()
  expect(complaints(MEMBERSHIP, { ...got, body: '{"state":"asleep"}' })).not.toBeNull()
  expect(complaints(ACCOUNT, { ...got, status: 404, body: '{"message":7}' })).not.toBeNull()
})

describe('answers', () => {
  test.each(Object.entries(PATS))('GET /user with %s', async (_name, pat) => {
    const got = await ask('/user', pat.token)
    expect(got.status).toBe(200)
    expect(complaints(USER, got)).toBeNull()
    expect(parseJson(got.body)).toMatchObject({ login: pat.user, id: findAccount(sandbox.population, pat.user)?.id })
  })

  test.each([
    ['MONA', 1001, 'Mona', 'User'],
    ['acme-labs', 2001, 'Acme-Labs', 'Organization'],
    ['robo-bot', 3001, 'robo-bot', 'Bot'],
    ['mona_acme', 1004, 'mona_acme', 'User']
  ])('GET /users/%s in any letter case', async (login, id, spelled, type) => {
    for (const token of [undefined, PATS.hubotFineGrained.token]) {
      const got = await ask(`/users/${login}`, token)
      expect(complaints(ACCOUNT, got)).toBeNull()
      expect(parseJson(got.body)).toMatchObject({ id, login: spelled, type })
    }
  })

  test.each([
    ['monaForAcme', 'active', 'admin'],
    ['monaClassic', 'active', 'admin'],
    ['hubotFineGrained', 'active', 'member'],
    ['newcomerClassic', 'pending', 'admin']
  ] as const)('GET /user/memberships/orgs/acme-LABS with %s', async (name, state, role) => {
    const got = await ask('/user/memberships/orgs/acme-LABS', PATS[name].token, 'Bearer')
    expect(got.status).toBe(200)
    expect(complaints(MEMBERSHIP, got)).toBeNull()
    expect(parseJson(got.body)).toMatchObject({ state, role, organization: { id: 2001, login: 'Acme-Labs' } })
  })

  test('a membership may hide its user', async () => {
    const [membership] = sandbox.population.memberships
    if (membership !== undefined) membership.hidesUser = true
    const got = await ask('/user/memberships/orgs/Acme-Labs', PATS.monaForAcme.token)
    expect(complaints(MEMBERSHIP, got)).toBeNull()
    expect(parseJson(got.body)).toMatchObject({ user: null })
    sandbox.reset()
    const again = await ask('/user/memberships/orgs/Acme-Labs', PATS.monaForAcme.token)
    expect(parseJson(again.body)).toMatchObject({ user: { id: 1001 } })
  })
})

describe('refusals by the rules', () => {
  const ACME = '/user/memberships/orgs/Acme-Labs'
  test.each([
    [USER, '/user', 'ghp_unknown', 401, 'Bad credentials'],
    [USER, '/user', undefined, 401, 'Requires authentication'],
    [USER, '/users/Mona', 'ghp_unknown', 401, 'Bad credentials'],
    [ACCOUNT, '/users/nobody', PATS.monaFineGrained.token, 404, 'Not Found'],
    [ACCOUNT, '/elsewhere', PATS.monaFineGrained.token, 404, 'Not Found'],
    [MEMBERSHIP, ACME, PATS.monaOtherOwner.token, 404, 'Not Found'],
    [MEMBERSHIP, ACME, PATS.monaFineGrained.token, 404, 'Not Found'],
    [MEMBERSHIP, ACME, PATS.monaNoMembers.token, 403, 'Resource not accessible by personal access token'],
    [MEMBERSHIP, ACME, PATS.monaClassicNoScopes.token, 403, 'You do not have access to this organization membership.'],
    [MEMBERSHIP, '/user/memberships/orgs/Other-Org', PATS.monaClassic.token, 404, 'Not Found'],
    [MEMBERSHIP, '/user/memberships/orgs/Mona', PATS.monaClassic.token, 404, 'Not Found']
  ])('%s: %s', async (endpoint, path, token, status, message) => {
    const got = await ask(path, token)
    expect(got.status).toBe(status)
    expect(parseJson(got.body)).toMatchObject({ message, status: `${status}` })
    expect(complaints(endpoint, got)).toBeNull()
  })
})

describe('headers', () => {
  test('scopes come with classic PATs only, even when there are none', async () => {
    const scopesOf = async (token: string): Promise<unknown> => (await ask('/user', token)).headers['x-oauth-scopes']
    expect(await scopesOf(PATS.monaClassic.token)).toBe('read:org, user')
    expect(await scopesOf(PATS.monaClassicNoScopes.token)).toBe('')
    expect(await scopesOf(PATS.monaForAcme.token)).toBeUndefined()
    const membership = await ask('/user/memberships/orgs/Acme-Labs', PATS.monaForAcme.token)
    expect(membership.headers['x-accepted-oauth-scopes']).toBeUndefined()
  })

  test('expiry comes as GitHub spells it, request ids never twice', async () => {
    const one = await ask('/user', PATS.monaExpiring.token)
    const other = await ask('/user', PATS.monaExpiringWithOffset.token)
    expect(one.headers['github-authentication-token-expiration']).toBe('2099-12-30 10:15:26 UTC')
    expect(other.headers['github-authentication-token-expiration']).toBe('2099-12-30 10:15:26 +0200')
    expect(one.headers['x-github-request-id']).toMatch(/^C0DE:1A2B:[0-9A-F:]+$/)
    expect(one.headers['x-github-request-id']).not.toBe(other.headers['x-github-request-id'])
    expect(one.headers['x-github-api-version-selected']).toBe('2022-11-28')
    expect(Number(one.headers['x-ratelimit-remaining'])).toBeGreaterThan(0)
  })
})

describe('refusals to stage', () => {
  test.each([
    ['badCredentials', refusals.badCredentials(), 401, 'Bad credentials', {}],
    ['notFound', refusals.notFound(), 404, 'Not Found', {}],
    ['patFineGrainedForbidden', refusals.patFineGrainedForbidden(), 403, 'by personal access token', {}],
    ['integration', refusals.integration(), 403, 'Resource not accessible by integration', {}],
    ['membershipForbidden', refusals.membershipForbidden(), 403, 'You do not have access', { 'x-oauth-scopes': '' }],
    ['sso', refusals.sso('https://x'), 403, 'SAML enforcement', { 'x-github-sso': 'required; url=https://x' }],
    ['classicForbidden', refusals.classicForbidden('acme'), 403, '`acme` forbids access via a personal', {}],
    ['fineGrainedForbidden', refusals.fineGrainedForbidden('acme'), 403, 'with fine-grained permissions', {}],
    ['lifetimeForbidden', refusals.lifetimeForbidden('acme'), 403, 'lifetime is greater than 90 days', {}],
    ['ipAllowList', refusals.ipAllowList('acme'), 403, 'has an IP allow list enabled', {}],
    ['suspended', refusals.suspended(), 403, 'Your account was suspended.', {}],
    [
      'primaryRateLimit',
      refusals.primaryRateLimit(1_900_000_000),
      403,
      'API rate limit exceeded for user ID',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1900000000' }
    ],
    ['secondaryRateLimit', refusals.secondaryRateLimit(7, 429), 429, 'secondary rate limit', { 'retry-after': '7' }],
    ['any other', refusal(451, 'Unavailable'), 451, 'Unavailable', {}]
  ])('%s', async (_name, staged, status, message, headers) => {
    sandbox.github.stage('GET /user/memberships/orgs/:org', staged)
    const got = await ask('/user/memberships/orgs/Acme-Labs', PATS.monaForAcme.token)
    expect(got).toMatchObject({ status, headers })
    expect(parseJson(got.body)).toMatchObject({ message: expect.stringContaining(message) })
    expect(got.headers['x-github-request-id']).toBeDefined()
    if (status === 403 || status === 404) expect(complaints(MEMBERSHIP, got)).toBeNull()
    if (status === 401) expect(complaints(USER, got)).toBeNull()
  })

  test('a secondary limit may say nothing of when', async () => {
    sandbox.github.stage('*', refusals.secondaryRateLimit(), answer(200))
    expect((await ask('/user')).headers['retry-after']).toBeUndefined()
  })
})
