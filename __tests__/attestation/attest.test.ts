// Tests that only the entity's own user, or an active owner of the organization, is verified. The real Octokit runs over a staged client.

import { describe, expect, jest, test } from '@jest/globals'
import { attest } from '../../src/attestation/attest.ts'
import type { Attestation } from '../../src/attestation/attest.ts'
import { ActionError } from '../../src/errors/action-error.ts'
import { parseJson, property } from '../../src/untrusted/json.ts'
import type { Code } from '../../src/errors/catalogue.ts'
import { publicUserBody } from '../../sandbox/github/bodies.ts'
import { failureOf, quote } from '../support/failures.ts'
import { ACME, ADMIN, clientAnswering, HUBOT, MONA, octokitOver, SELF } from '../support/github.ts'
import type { Read, Stage, Staged } from '../support/github.ts'
import { anyText, fc, hostileText } from '../support/properties.ts'
import { PAT } from '../support/secrets.ts'

const ENTITY = 'acme-LABS'

/** Asks for whoever GitHub will answer about, in another letter case, unless a test asks for somebody else. */
function attesting(stages: Readonly<Record<Read, Stage>>, entity = answered(stages)): Promise<Attestation> {
  return attest(octokitOver(clientAnswering(stages)), entity, quote)
}

function refusal(stages: Readonly<Record<Read, Stage>>, entity?: string): Promise<ActionError> {
  return failureOf(() => attesting(stages, entity))
}

function answered({ entity }: Readonly<Record<Read, Stage>>): string {
  if (typeof entity === 'function') return ENTITY
  const login = property(typeof entity.body === 'string' ? parseJson(entity.body) : entity.body, 'login')
  return typeof login === 'string' && /^[\w[\]-]+$/.test(login) && login !== 'Acme-Labs' ? login.toUpperCase() : ENTITY
}

/** A refusal in GitHub's words. */
function said(status: number, message: string, headers: Record<string, string> = {}): Staged {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest' }, headers }
}

const CLASSIC = { 'x-oauth-scopes': '' }
const never = (): Promise<Staged> => new Promise(() => undefined)

/** The admin's membership, with something changed in it. */
function membershipWith(changes: Record<string, unknown>): Staged {
  return { body: { ...ADMIN.membership.body, ...changes } }
}

describe('the reads', () => {
  test('are these three, with the PAT, the version and our name', async () => {
    const client = clientAnswering(ADMIN)
    await attest(octokitOver(client, 'https://ghes.example/api/v3'), ENTITY, quote)
    expect(client.requests.map(({ service, url }) => [service, url])).toEqual([
      ['GitHub', 'https://ghes.example/api/v3/user'],
      ['GitHub', 'https://ghes.example/api/v3/users/acme-LABS'],
      ['GitHub', 'https://ghes.example/api/v3/user/memberships/orgs/acme-LABS']
    ])
    for (const { headers } of client.requests) {
      expect(headers['authorization']).toBe(`token ${PAT}`)
      expect(headers['x-github-api-version']).toBe('2022-11-28')
      expect(headers['user-agent']).toMatch(/^vaunt-token-action /)
      expect(headers['accept']).toBe('application/vnd.github.v3+json')
    }
  })

  test('go out side by side', async () => {
    const client = clientAnswering({ user: never, entity: never, membership: never })
    void attest(octokitOver(client), ENTITY, quote)
    await new Promise(setImmediate)
    expect(client.requests).toHaveLength(3)
  })

  test('print nothing, though GitHub asks Octokit to', async () => {
    const spies = (['debug', 'info', 'log', 'warn', 'error'] as const).map(name =>
      jest.spyOn(console, name).mockImplementation(() => undefined)
    )
    const headers = {
      deprecation: 'true',
      sunset: '::set-output name=token::x',
      link: '<https://x.example/##[error]>; rel="deprecation"'
    }
    const logged: unknown[][] = []
    const stages = {
      ...ADMIN,
      user: { ...ADMIN.user, headers },
      entity: { status: 403, body: { message: 'No' }, headers }
    }
    await failureOf(() => attest(octokitOver(clientAnswering(stages), undefined, PAT, logged), ENTITY, quote))
    expect(logged).toEqual([])
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })
})

describe('attested', () => {
  test('the user itself, in any letter case, as GitHub spells it', async () => {
    for (const entity of ['Mona', 'mona', 'MONA']) {
      expect(await attesting(SELF, entity)).toEqual({
        entity: { login: 'Mona', id: '1001', type: 'user' },
        attestedBy: { login: 'Mona', id: '1001', type: 'User' },
        patExpiresAt: undefined,
        excessScopes: []
      })
    }
  })

  test('the user itself, also when it goes by another login by now', async () => {
    const renamed = { ...SELF, entity: { body: publicUserBody({ ...MONA, login: 'Mona-2' }) } }
    expect(await attesting(renamed, 'mona-2')).toMatchObject({
      entity: { login: 'Mona-2' },
      attestedBy: { login: 'Mona' }
    })
  })

  test('an admin of the organization', async () => {
    expect(await attesting(ADMIN)).toEqual({
      entity: { login: 'Acme-Labs', id: '2001', type: 'organization' },
      attestedBy: { login: 'Mona', id: '1001', type: 'User' },
      patExpiresAt: undefined,
      excessScopes: []
    })
  })

  test.each([
    ['null', { user: null }],
    ['absent', { user: undefined }],
    ['there, with nothing but its id', { user: { id: 1001 } }]
  ])('an admin whose membership has a user that is %s', async (_, changes) => {
    expect(await attesting({ ...ADMIN, membership: membershipWith(changes) })).toMatchObject({
      entity: { type: 'organization' }
    })
  })

  test.each(['a', 'mona_acme', 'old-', 'a'.repeat(100), 'octocat[bot]'])('whoever is called %s', async login => {
    const body = publicUserBody({ ...MONA, login })
    expect(await attesting({ ...SELF, user: { body }, entity: { body } })).toMatchObject({
      entity: { login },
      attestedBy: { login }
    })
  })

  test.each([
    ['UTC', '2026-12-30 10:15:26 UTC', '2026-12-30T10:15:26.000Z'],
    ['an offset', '2026-12-30 10:15:26 +0200', '2026-12-30T08:15:26.000Z'],
    ['nonsense', 'never', undefined]
  ])('with the end of the PAT in %s', async (_, header, expected) => {
    const headers = { 'github-authentication-token-expiration': header }
    const { patExpiresAt } = await attesting({ ...SELF, user: { ...SELF.user, headers } })
    expect(patExpiresAt?.toISOString()).toBe(expected)
    const ofOrganization = await attesting({ ...ADMIN, user: { ...ADMIN.user, headers } })
    expect(ofOrganization.patExpiresAt?.toISOString()).toBe(expected)
  })
})

describe('ids decide', () => {
  const user = (json: string): Staged => ({ body: `{"login":"Mona","id":${json},"type":"User"}` })

  test.each(['1', '1001', '9007199254740991', '9007199254740992', '9007199254740993', '9223372036854775807', '1e3'])(
    '%s is an id',
    async id => {
      const { entity, attestedBy } = await attesting({ ...SELF, user: user(id), entity: user(id) })
      expect([entity.id, attestedBy.id]).toEqual(id === '1e3' ? ['1000', '1000'] : [id, id])
    }
  )

  test('two ids that look the same as numbers are two ids', async () => {
    const error = await refusal({ ...SELF, user: user('9007199254740992'), entity: user('9007199254740993') })
    expect(error.code).toBe('entity-mismatch')
    expect(error.message).toContain('Mona (ID 9007199254740992)')
    expect(error.message).toContain('Mona (ID 9007199254740993)')
  })

  test.each([
    ...[
      '"1001"',
      '"1001n"',
      '1001.5',
      '0',
      '-1',
      '-9007199254740993',
      '1e300',
      '1e400',
      'null',
      'true',
      '[1001]',
      '{}'
    ],
    ...['{"id":1001}', '9223372036854775808', '1'.repeat(100)]
  ])('%s is none', async id => {
    for (const stages of [
      { ...SELF, user: user(id) },
      { ...SELF, entity: user(id) },
      { ...SELF, user: user(id), entity: user(id) },
      { ...ADMIN, membership: { body: `{"state":"active","role":"admin","user":null,"organization":{"id":${id}}}` } },
      {
        ...ADMIN,
        membership: {
          body: `{"state":"active","role":"admin","organization":{"id":2001},"user":{"id":${id === 'null' ? '0' : id}}}`
        }
      }
    ]) {
      const error = await refusal(stages)
      expect(error.code).toBe('github-unexpected')
      expect(error.message).toContain("doesn't match its documented API (HTTP 200)")
    }
  })

  test.each([
    ['the organization', { organization: { ...publicUserBody(ACME), id: 2002 } }],
    ['the user', { user: { ...publicUserBody(MONA), id: 1002 } }],
    ['the user, though its login is right', { user: { login: 'Mona', id: 1 } }]
  ])('a membership of another: %s', async (_, changes) => {
    for (const also of [{}, { state: 'pending' }, { role: 'member' }]) {
      const error = await refusal({ ...ADMIN, membership: membershipWith({ ...changes, ...also }) })
      expect(error.code).toBe('github-unexpected')
      expect(error.message).toBe(
        "GitHub's responses are inconsistent: it returned a membership of a different user or organization."
      )
    }
  })
})

describe('refused', () => {
  const evidence = { 'x-github-request-id': 'C0DE:1A2B' }
  const EVIDENCE = 'request ID C0DE:1A2B; 2 attempts'

  test('another user', async () => {
    const entity = { body: publicUserBody(HUBOT), headers: evidence, attempts: 2 }
    const error = await refusal({ ...SELF, entity }, 'HUBOT')
    expect(error.code).toBe('entity-mismatch')
    for (const named of ['Mona (ID 1001)', 'hubot (ID 1002)']) expect(error.message).toContain(named)
    expect(error.details).toBe(EVIDENCE)
  })

  test('another user of the same login, as after a renaming', async () => {
    const entity = { body: publicUserBody({ ...MONA, id: 7 }) }
    expect((await refusal({ ...SELF, entity }, 'Mona')).code).toBe('entity-mismatch')
  })

  test.each(['Bot', 'Mannequin', 'Enterprise', 'user', 'organization', '', '::x'])(
    'an account of type %j',
    async type => {
      const body = publicUserBody({ id: 1001, login: 'Mona', type })
      const error = await refusal({ ...ADMIN, entity: { body, headers: evidence, attempts: 2 } })
      expect(error.code).toBe('entity-unsupported')
      expect(error.message).toContain(`Mona is a GitHub account of type ${quote(type).toString()}.`)
      expect(error.details).toBe(EVIDENCE)
    }
  )

  test('an entity that GitHub does not know, told as the user spelled it', async () => {
    const error = await refusal({ ...ADMIN, entity: { ...said(404, 'Not Found', evidence), attempts: 2 } })
    expect(error.code).toBe('entity-not-found')
    expect(error.message).toContain('named acme-LABS (HTTP 404)')
    expect(error.details).toBe(`GitHub: "Not Found"; ${EVIDENCE}`)
  })

  test('a pending invitation, even as an admin', async () => {
    for (const role of ['admin', 'member']) {
      const membership = { ...membershipWith({ state: 'pending', role }), headers: evidence, attempts: 2 }
      const error = await refusal({ ...ADMIN, membership })
      expect(error.code).toBe('membership-pending')
      expect(error.message).toContain('Mona was invited to Acme-Labs')
      expect(error.details).toBe(EVIDENCE)
    }
  })

  test.each(['member', 'billing_manager', 'Admin', 'ADMIN', 'owner', '', 'x::y'])('the role %j', async role => {
    const membership = { ...membershipWith({ role }), headers: evidence, attempts: 2 }
    const error = await refusal({ ...ADMIN, membership })
    expect(error.code).toBe('not-an-admin')
    expect(error.message).toContain(`Mona isn't an owner of Acme-Labs (role: "${quote(role).toString()}").`)
    expect(error.details).toBe(EVIDENCE)
  })

  test.each([
    ['classic', { 'x-oauth-scopes': 'admin:org' }],
    ['classic', { 'x-oauth-scopes': 'repo, read:org' }],
    ['fine-grained', {}]
  ])('no membership, with a %s PAT', async (kind, headers) => {
    const membership = { ...said(404, 'Not Found', { ...evidence, ...headers }), attempts: 2 }
    const error = await refusal({ ...ADMIN, membership })
    expect(error.code).toBe('not-a-member')
    expect(error.message).toBe(
      'GitHub found no membership of Mona in Acme-Labs (HTTP 404). ' +
        (kind === 'classic'
          ? "Mona isn't a member."
          : "Either Mona isn't a member, or this fine-grained PAT's resource owner isn't Acme-Labs.")
    )
    expect(error.details).toBe(`GitHub: "Not Found"; ${EVIDENCE}`)
  })

  test.each([
    ['Resource not accessible by personal access token', 'fine-grained', {}],
    ['RESOURCE NOT ACCESSIBLE BY PERSONAL ACCESS TOKEN.', 'fine-grained', {}],
    ['Resource not accessible by personal access token', 'classic', CLASSIC],
    ['You do not have access to this organization membership.', 'classic', { 'x-oauth-scopes': 'repo' }],
    ['You do not have access to this organization membership.', 'fine-grained', {}]
  ])('no permission to read it: %s (%s)', async (message, kind, headers) => {
    const error = await refusal({ ...ADMIN, membership: said(403, message, headers) })
    expect(error.code).toBe('members-permission-missing')
    expect(error.message).toContain(`Mona's ${kind} PAT isn't allowed to read the membership in Acme-Labs (HTTP 403).`)
    expect(error.details).toBe(`GitHub: "${message}"`)
  })

  test('but on another read the same words are words that we do not know', async () => {
    const answer = said(403, 'Resource not accessible by personal access token')
    expect((await refusal({ ...ADMIN, user: answer })).code).toBe('github-unexpected')
    expect((await refusal({ ...ADMIN, entity: answer })).code).toBe('github-unexpected')
    expect((await refusal({ ...ADMIN, membership: { ...answer, status: 400 } })).code).toBe('github-unexpected')
    expect((await refusal({ ...ADMIN, user: said(404, 'Not Found') })).code).toBe('github-unexpected')
  })
})

describe.each(['user', 'entity', 'membership'] as const)('what GitHub says to the read of the %s', read => {
  const about = { user: "the PAT's user", entity: 'the entity', membership: 'the membership' }[read]
  const answered = (answer: Stage): Promise<ActionError> => refusal({ ...ADMIN, [read]: answer })

  test.each<[string, Code, Staged]>([
    ['401', 'pat-rejected', said(401, 'Bad credentials')],
    ['401 without words', 'github-unexpected', { status: 401, body: '' }],
    ['an app', 'pat-unsupported', said(403, 'Resource not accessible by integration')],
    ['single sign-on by header', 'sso-required', said(403, 'No', { 'x-github-sso': 'required; url=https://x' })],
    ['single sign-on by a bare header', 'sso-required', said(403, 'No', { 'x-github-sso': 'Required' })],
    [
      'single sign-on by words',
      'sso-required',
      said(403, 'Resource protected by organization SAML enforcement. You must…')
    ],
    [
      'classic PATs are forbidden',
      'policy-forbidden',
      said(403, '`Acme-Labs` forbids access via a personal access token (classic). Please use a GitHub App, …')
    ],
    [
      'fine-grained PATs are forbidden',
      'policy-forbidden',
      said(403, '`Acme-Labs` forbids access via a personal access token with fine-grained permissions. Please use …')
    ],
    [
      'the lifetime is forbidden',
      'policy-forbidden',
      said(
        403,
        "The 'Acme-Labs' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 90 days."
      )
    ],
    [
      'the IP allow list',
      'policy-forbidden',
      said(
        403,
        'Although …, the `Acme-Labs` organization has an IP allow list enabled, and your IP address is not permitted …'
      )
    ],
    ['suspended', 'policy-forbidden', said(403, 'Sorry. Your account was suspended.')],
    ['too many failed logins', 'github-rate-limited', said(403, 'Maximum number of login attempts exceeded.')],
    ['403 without words', 'github-unexpected', { status: 403, body: '' }],
    ['403 with other words', 'github-unexpected', said(403, 'Must have admin rights to Repository.')],
    ['403 with words that are none', 'github-unexpected', { status: 403, body: { message: { not: 'text' } } }],
    ['400', 'github-unexpected', said(400, 'Problems parsing JSON')],
    ['another status that says so', 'github-unexpected', said(410, 'Your account was suspended. SAML enforcement')],
    ['451', 'github-unexpected', said(451, 'Unavailable for legal reasons')],
    ['501', 'github-unexpected', said(501, 'Not implemented')],
    ['204', 'github-unexpected', { status: 204, body: '' }],
    ['202', 'github-unexpected', { status: 202, body: ADMIN[read].body }]
  ])('%s: %s', async (_, code, answer) => {
    const error = await answered({
      ...answer,
      attempts: 3,
      headers: { ...answer.headers, 'x-github-request-id': 'ID1' }
    })
    expect(error.code).toBe(code)
    expect(error.details).toMatch(/request ID ID1; 3 attempts$/)
    if (code === 'github-unexpected') {
      const { status = 200, body } = answer
      const words = property(body, 'message')
      const told =
        status >= 400 && typeof words === 'string'
          ? `GitHub refused the request for ${about} (HTTP ${status}): "${words}".`
          : typeof words !== 'undefined'
            ? `GitHub refused the request for ${about} (HTTP ${status}).`
            : [401, 403, 404].includes(status)
              ? `Something other than GitHub responded at service.example (HTTP ${status})`
              : `GitHub returned an unexpected response (HTTP ${status}) when the action requested ${about}.`
      expect(error.message).toContain(told)
    }
  })

  test.each([
    ['classic', '`A` forbids access via a personal access token (classic).', 'forbids access with classic PATs'],
    [
      'classic, beside the other kind',
      '`A` forbids access via a personal access token (classic). Please use a personal access token with fine-grained permissions.',
      'forbids access with classic PATs'
    ],
    [
      'fine-grained, beside the other kind',
      '`A` forbids access via a personal access token with fine-grained permissions. Please use a personal access token (classic).',
      'with fine-grained PATs'
    ],
    [
      'lifetime',
      'fine-grained … if the token’s lifetime is greater than 90 days',
      'longer than the organization allows'
    ],
    ['lifetime', 'fine-grained personal access token (classic): token lifetime', 'longer than the organization allows'],
    ['lifetime', 'adjust your token’s or tokens lifetime', 'longer than the organization allows'],
    ['lifetime', "adjust your token's lifetime", 'longer than the organization allows'],
    ['the IP allow list', 'an ip ALLOW list is enabled', 'IP allow list blocks this runner'],
    ['the IP allow list', 'an IP  allow-list is enabled', 'IP allow list blocks this runner'],
    ['suspended', 'Your account is currently suspended.', 'is suspended'],
    ['suspended', 'account is suspended', 'is suspended'],
    ['suspended', 'Account has been suspended', 'is suspended']
  ])('a policy (%s) is told apart', async (_, message, told) => {
    const error = await answered(said(403, message))
    expect(error.code).toBe('policy-forbidden')
    expect(error.message).toContain(told)
  })

  test.each([
    'access via',
    'access via (classi',
    'access via fine-graine',
    'personal access token ',
    "token's ",
    'lifetime ',
    'IP allow ',
    'account has been ',
    'You have exceeded a rate ',
    'SAML ',
    'x'
  ])('256 KiB of %j in its words take no time worth speaking of', async piece => {
    const message = piece.repeat(262_144 / piece.length)
    const start = performance.now()
    expect((await answered(said(403, message))).code).toBe('github-unexpected')
    // Quadratic time would need many seconds.
    expect(performance.now() - start).toBeLessThan(3_000)
  })

  test.each([300, 301, 302, 307, 308, 399])('redirect %i', async status => {
    const location = 'https://else.example/x'
    const error = await answered({ status, body: '', headers: { location } })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toBe(
      `GitHub redirected the request for ${about} to https://else.example/x (HTTP ${status}). This action never follows redirects.`
    )
    expect((await answered({ status, body: ADMIN[read].body })).message).toContain(
      `redirected the request for ${about} (HTTP ${status}).`
    )
  })

  test('not modified is no redirect', async () => {
    const error = await answered({ status: 304, body: '', headers: { location: 'https://else.example/x' } })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub returned an unexpected response \(HTTP 304\)/)
    expect(error.message).not.toContain('redirect')
  })

  test.each([
    ['no JSON', '<!DOCTYPE html><title>Sign in</title>'],
    ['nothing', ''],
    ['truncated JSON', '{"id":1001,"login":"Mo'],
    ['null', 'null'],
    ['a number', '1001'],
    ['a text', '"Mona"'],
    ['a list', '[{"id":1001,"login":"Mona","type":"User"}]'],
    ['an empty object', '{}'],
    ['nested deeply', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects nested deeply', '{"id":'.repeat(50_000) + '1' + '}'.repeat(50_000)],
    ['half a million of digits', `{"login":"Mona","type":"User","id":${'7'.repeat(500_000)}}`]
  ])('a body with %s', async (_, body) => {
    const error = await answered({ body })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toBe(
      `GitHub sent a response that doesn't match its documented API (HTTP 200) when the action requested ${about}.`
    )
  })

  test('whatever the client throws is passed on as it is', async () => {
    const thrown = ActionError.of('github-rate-limited', { attempts: 3 })
    expect(await answered(() => Promise.reject(thrown))).toBe(thrown)
  })

  test('an unknown error is passed on without being taken for an answer', async () => {
    for (const thrown of [
      new Error('no idea'),
      new TypeError('fetch failed', { cause: new Error('x') }),
      'a text',
      null
    ]) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever is thrown
      const attested = attesting({ ...ADMIN, [read]: () => Promise.reject(thrown) })
      await expect(attested).rejects.toMatchObject({ status: 500 })
      await expect(attested).rejects.not.toBeInstanceOf(ActionError)
    }
  })
})

describe('single sign-on', () => {
  test.each([
    'https://github.com/orgs/Acme-Labs/sso?authorization_request=AZSCKL4U5BDDTXPLQVBOZC2KSPMVRAZ',
    'https://github.com/enterprises/acme/sso?authorization_request=A&return_to=%2F',
    `https://github.com/orgs/${'x'.repeat(160)}`,
    `https://github.com/orgs/${'x'.repeat(176)}`
  ])('the address is shown: %s', async url => {
    for (const tail of ['', '; x', ' ', ',y']) {
      const headers = { 'x-github-sso': `required; url=${url}${tail}` }
      const error = await refusal({ ...ADMIN, membership: said(403, 'SAML', headers) })
      expect(error.code).toBe('sso-required')
      expect(error.remedy).toMatch(/one hour/)
      expect(error.remedy).toContain(`Authorize the PAT at ${url},`)
    }
  })

  test.each([
    'required',
    'required; url=',
    'required; url=http://github.com/orgs/Acme-Labs/sso',
    'required; url=https://github.com.evil.example/orgs/x',
    'required; url=https://github.com@evil.example/orgs/x',
    'required; url=https://evil.example/orgs/x',
    'required; url=https://evil.example/?https://github.com/orgs/x',
    'required; url=https://github.com/settings',
    'required; url=https://github.com/orgsx/y',
    'required; url=https://github.com/orgs/',
    `required; url=https://github.com/orgs/${'x'.repeat(177)}`,
    'required; url=https://github.com/orgs/x"onclick',
    'required; url=https://github.com/orgs/x::y',
    'required; curl=https://github.com/orgs/x'
  ])('no other address is shown: %s', async header => {
    const error = await refusal({ ...ADMIN, membership: said(403, 'SAML', { 'x-github-sso': header }) })
    expect(error.code).toBe('sso-required')
    expect(error.remedy).toMatch(/^At https:\/\/github.com\/settings\/tokens, click "Configure SSO"/)
  })

  test.each(['partial-results; organizations=21955855', 'not-required', 'requiredness', ''])(
    'is not demanded by the header %j',
    async header => {
      const error = await refusal({ ...ADMIN, membership: said(403, 'No', { 'x-github-sso': header }) })
      expect(error.code).toBe('github-unexpected')
    }
  )

  test('is demanded by one of several values of the header, and the good address is found among others', async () => {
    const url = 'https://github.com/orgs/Acme-Labs/sso?authorization_request=A'
    for (const header of [
      `partial-results; organizations=1,2, required; url=${url}`,
      `required; url=https://evil.example/orgs/x, required; url=${url}`
    ]) {
      const error = await refusal({ ...ADMIN, membership: said(403, 'No', { 'x-github-sso': header }) })
      expect(error.code).toBe('sso-required')
      expect(error.remedy).toContain(url)
    }
  })

  test('counts more than the words that miss a permission', async () => {
    const words = 'Resource not accessible by personal access token'
    const headers = { 'x-github-sso': 'required; url=https://github.com/orgs/Acme-Labs/sso' }
    expect((await refusal({ ...ADMIN, membership: said(403, words, headers) })).code).toBe('sso-required')
  })

  test('is told by words without any header', async () => {
    const error = await refusal({ ...ADMIN, membership: said(403, 'protected by organization SAML Enforcement') })
    expect(error.code).toBe('sso-required')
    expect(error.remedy).toMatch(/^At https:\/\/github.com\/settings\/tokens/)
  })
})

describe('what an account or a membership must have', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no login', { login: undefined }],
    ['a login that is no text', { login: 7 }],
    ['an empty login', { login: '' }],
    ['a login with a slash', { login: 'a/b' }],
    ['a login of dots', { login: '..' }],
    ['a login with a line break', { login: 'Mona\n' }],
    ['a login with a command', { login: 'x::add-mask::y' }],
    ['a login that is too long', { login: 'a'.repeat(101) }],
    ['a login that begins with a hyphen', { login: '-a' }],
    ['a login that only ends like a bot', { login: 'a[bot]x' }],
    ['no id', { id: undefined }],
    ['no type', { type: undefined }],
    ['a type that is no text', { type: ['User'] }]
  ])('an account with %s is not described', async (_, changes) => {
    const body = { ...publicUserBody(MONA), ...changes }
    for (const stages of [
      { ...SELF, user: { body } },
      { ...SELF, entity: { body } }
    ]) {
      const error = await refusal(stages)
      expect(error.code).toBe('github-unexpected')
      expect(error.message).toContain("doesn't match its documented API")
    }
  })

  test.each<[string, Record<string, unknown>]>([
    ['no state', { state: undefined }],
    ['an unknown state', { state: 'suspended' }],
    ['a state in another case', { state: 'Active' }],
    ['a state that is no text', { state: ['active'] }],
    ['no role', { role: undefined }],
    ['a role that is no text', { role: ['admin'] }],
    ['no organization', { organization: undefined }],
    ['null as the organization', { organization: null }],
    ['an organization without id', { organization: { login: 'Acme-Labs' } }],
    ['a user without id', { user: { login: 'Mona' } }],
    ['a user that is a text', { user: 'Mona' }],
    ['a user that is false', { user: false }]
  ])('a membership with %s is not described', async (_, changes) => {
    const error = await refusal({ ...ADMIN, membership: membershipWith(changes) })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toBe(
      "GitHub sent a response that doesn't match its documented API (HTTP 200) when the action requested the membership."
    )
  })
})

describe('when several reads fail', () => {
  const wrong: Record<Read, Staged> = {
    user: said(401, 'Bad credentials'),
    entity: said(404, 'Not Found'),
    membership: said(403, 'Resource not accessible by personal access token')
  }
  const CODE: Record<Read, Code> = {
    user: 'pat-rejected',
    entity: 'entity-not-found',
    membership: 'members-permission-missing'
  }
  const orders: readonly (readonly Read[])[] = [
    ['user', 'entity', 'membership'],
    ['user', 'membership', 'entity'],
    ['entity', 'user', 'membership'],
    ['entity', 'membership', 'user'],
    ['membership', 'user', 'entity'],
    ['membership', 'entity', 'user']
  ]
  const subsets: readonly (readonly Read[])[] = [
    ['user', 'entity', 'membership'],
    ['user', 'entity'],
    ['user', 'membership'],
    ['entity', 'membership'],
    ['membership']
  ]

  test.each(subsets.flatMap(failing => orders.map(order => [failing, order] as const)))(
    'of %j the first decides, though they answer in the order %j',
    async (failing, order) => {
      const turns = Object.fromEntries(order.map(read => [read, Promise.withResolvers<Staged>()]))
      const stage = (read: Read): Stage => {
        return () => turns[read]?.promise ?? Promise.reject(new Error(read))
      }
      const stages = { user: stage('user'), entity: stage('entity'), membership: stage('membership') }
      const error = refusal(stages)
      for (const read of order) {
        turns[read]?.resolve(failing.includes(read) ? wrong[read] : ADMIN[read])
        await new Promise(setImmediate)
      }
      expect((await error).code).toBe(CODE[failing[0] ?? 'user'])
    }
  )
})

describe('a read that no longer matters', () => {
  /** Hangs until it is given up, and tells when. */
  function hanging(): { stage: Stage; givenUp: Promise<unknown> } {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    return {
      givenUp: promise,
      stage: signal =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            resolve(signal.reason)
            reject(new Error('given up'))
          })
        })
    }
  }

  test('neither delays nor fails: the membership of a user', async () => {
    const { stage, givenUp } = hanging()
    expect(await attesting({ ...SELF, membership: stage }, 'mona')).toMatchObject({ entity: { type: 'user' } })
    await givenUp
    for (const membership of [said(500, 'x'), said(401, 'x'), () => Promise.reject(new Error('x'))]) {
      expect(await attesting({ ...SELF, membership }, 'mona')).toMatchObject({ entity: { type: 'user' } })
    }
  })

  test('neither delays nor fails: everything after a rejected PAT', async () => {
    const [entity, membership] = [hanging(), hanging()]
    const error = await refusal({
      user: said(401, 'Bad credentials'),
      entity: entity.stage,
      membership: membership.stage
    })
    expect(error.code).toBe('pat-rejected')
    await Promise.all([entity.givenUp, membership.givenUp])
  })

  test.each<[string, Staged, Code]>([
    ['an unknown entity', said(404, 'Not Found'), 'entity-not-found'],
    ['an unsupported entity', { body: publicUserBody({ ...ACME, type: 'Bot' }) }, 'entity-unsupported'],
    ['another user', { body: publicUserBody(HUBOT) }, 'entity-mismatch']
  ])('neither delays nor fails: the membership after %s', async (_, entity, code) => {
    const { stage, givenUp } = hanging()
    expect((await refusal({ ...ADMIN, entity, membership: stage })).code).toBe(code)
    await givenUp
  })

  test('that fails late, after the end, is nobody’s unhandled rejection', async () => {
    const unhandled = jest.fn()
    process.on('unhandledRejection', unhandled)
    try {
      const late = Promise.withResolvers<Staged>()
      await attesting({ ...SELF, membership: () => late.promise }, 'mona')
      late.reject(new Error('late'))
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(unhandled).not.toHaveBeenCalled()
    } finally {
      process.off('unhandledRejection', unhandled)
    }
  })
})

describe('an answer that is not what it should be', () => {
  test('a header that nobody sends leaves the PAT fine-grained, and one attempt', async () => {
    const error = await refusal({ ...ADMIN, membership: said(404, 'Not Found') })
    expect(error.code).toBe('not-a-member')
    expect(error.message).toContain('fine-grained')
    expect(error.toldFor('https://github.com')).not.toContain('attempt')
  })

  test('words in a list are no words of GitHub', async () => {
    const membership = { status: 403, body: { message: ['Your account was suspended.'] } }
    expect((await refusal({ ...ADMIN, membership })).code).toBe('github-unexpected')
  })

  test.each([401, 403, 404])('a %i that is not in the form of GitHub is of something in between', async status => {
    for (const body of ['<html>', '', '{"error":"unauthorized"}', '[]', 'null', '"Bad credentials"']) {
      for (const read of ['user', 'entity', 'membership'] as const) {
        const error = await refusal({ ...ADMIN, [read]: { status, body } })
        expect(error.code).toBe('github-unexpected')
        expect(error.message).toMatch(/^Something other than GitHub responded at /)
        expect(error.remedy).not.toMatch(/[Rr]egenerate/)
      }
    }
  })

  test.each<[string, Partial<Record<Read, Staged>>]>([
    ['the entity', { entity: { body: publicUserBody({ ...ACME, login: 'Other-Org' }) } }],
    [
      "the membership's organization",
      { membership: membershipWith({ organization: { id: 2001, login: 'Other-Org' } }) }
    ]
  ])('about another login: %s', async (_, stages) => {
    const error = await refusal({ ...ADMIN, ...stages }, ENTITY)
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub returned a different account/)
  })

  test("that is about the PAT's own user, but not the login that was asked for, attests nothing", async () => {
    // The IDs are the same: only the login shows that somebody else was asked for.
    for (const login of ['Mona-2', 'mon', 'monaa']) {
      const error = await refusal({ ...SELF, entity: { body: publicUserBody({ ...MONA, login }) } }, 'mona')
      expect(error.code).toBe('github-unexpected')
      expect(error.message).toMatch(/^GitHub returned a different account when the action requested the entity\./)
    }
  })

  test("that is about an organization's membership, but not the login that was asked for, attests nothing", async () => {
    const other = { ...ACME, login: 'Other-Org' }
    const stages = {
      ...ADMIN,
      entity: { body: publicUserBody(other) },
      membership: membershipWith({ organization: publicUserBody(other) })
    }
    const error = await refusal(stages, ENTITY)
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub returned a different account when the action requested the entity\./)
  })

  test('in another letter case is about the same login', async () => {
    const membership = membershipWith({
      organization: { id: 2001, login: 'ACME-labs' },
      user: { id: 1001, login: 'MONA' }
    })
    expect((await attesting({ ...ADMIN, membership })).entity.login).toBe('Acme-Labs')
  })

  test('too many failed logins are a limit, told as that', async () => {
    const words = 'Maximum number of login attempts exceeded. Please try again later.'
    const error = await refusal({ ...ADMIN, user: said(403, words) })
    expect(error.code).toBe('github-rate-limited')
    expect(error.message).toContain('too many failed attempts')
  })

  test("an organization's OAuth App restrictions are a policy", async () => {
    const words =
      'Although you appear to have the correct authorization credentials, the `x` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.'
    const error = await refusal({ ...ADMIN, membership: said(403, words) })
    expect(error.code).toBe('policy-forbidden')
    expect(error.remedy).toContain('Create a personal access token')
  })

  test('an unknown refusal is told in the words of GitHub', async () => {
    const error = await refusal({ ...ADMIN, membership: said(403, 'The moon is full.') })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub refused the request for the membership \(HTTP 403\): "The moon is full\."/)
  })
})

describe('whatever GitHub answers', () => {
  const id = fc.oneof(
    fc.constantFrom<unknown>(1001, 1002, 2001, '1001', null, 0, -1, 1.5),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n })
  )
  const account = fc.record(
    {
      login: fc.oneof(fc.constantFrom('Mona', 'Acme-Labs', 'hubot'), hostileText),
      id,
      type: fc.oneof(fc.constantFrom('User', 'Organization', 'Bot'), anyText)
    },
    { requiredKeys: [] }
  )
  const membership = fc.record(
    {
      state: fc.constantFrom('active', 'pending', 'Active'),
      role: fc.oneof(fc.constantFrom('admin', 'member'), hostileText),
      user: fc.oneof(fc.constant(null), account),
      organization: fc.oneof(fc.constant(null), account)
    },
    { requiredKeys: [] }
  )
  const bigJson = (value: unknown): string =>
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `big:${each}` : each)).replace(
      /"big:(-?\d+)"/g,
      '$1'
    )
  const body = fc.oneof(account.map(bigJson), membership.map(bigJson), fc.json(), hostileText)
  const headers = fc.dictionary(
    fc.constantFrom(
      'x-github-sso',
      'x-oauth-scopes',
      'x-github-request-id',
      'location',
      'github-authentication-token-expiration'
    ),
    hostileText
  )
  const status = fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 }))
  const answer: fc.Arbitrary<Staged> = fc.record({ status, body, headers })

  test('nothing is attested but what the three answers prove, and no answer is beyond us', async () => {
    const staged = fc.record({
      user: fc.oneof(
        fc.constant(ADMIN.user),
        account.map(each => ({ body: bigJson(each) })),
        answer
      ),
      entity: fc.oneof(
        fc.constantFrom(ADMIN.entity, SELF.entity),
        account.map(each => ({ body: bigJson(each) })),
        answer
      ),
      membership: fc.oneof(
        fc.constant(ADMIN.membership),
        membership.map(each => ({ body: bigJson(each) })),
        answer
      )
    })
    let attested = 0
    await fc.assert(
      fc.asyncProperty(staged, async stages => {
        try {
          const { entity, attestedBy } = await attesting(stages)
          attested++
          const parsed = (stage: Staged): string =>
            typeof stage.body === 'string' ? stage.body : JSON.stringify(stage.body)
          expect(entity.login).toMatch(/^[A-Za-z\d][\w-]*(?:\[bot\])?$/)
          if (entity.type === 'user') expect(entity.id).toBe(attestedBy.id)
          else {
            expect(parsed(stages.membership)).toContain('"state":"active"')
            expect(parsed(stages.membership)).toContain('"role":"admin"')
            expect(parsed(stages.membership)).toContain(`"id":${entity.id}`)
          }
        } catch (thrown) {
          if (!(thrown instanceof ActionError)) throw thrown
          expect(thrown.code).not.toBe('internal')
          expect(`${thrown.message} ${thrown.remedy} ${thrown.details}`).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|::|##\[/u)
        }
      }),
      { numRuns: 1_500 }
    )
    expect(attested).toBeGreaterThan(20)
  })
})

describe('an address for single sign-on', () => {
  const told = async (url: string, server?: string): Promise<string> => {
    const membership = said(403, 'No', { 'x-github-sso': `required; url=${url}` })
    const reader = octokitOver(clientAnswering({ ...ADMIN, membership }))
    return (await failureOf(() => attest(reader, ENTITY, quote, server))).remedy
  }

  test('is that of the GitHub that was asked', async () => {
    expect(await told('https://ghe.example/orgs/x/sso?a=b', 'https://ghe.example')).toContain(
      'https://ghe.example/orgs/x/sso?a=b'
    )
    expect(await told('https://github.com/orgs/x/sso')).toContain('https://github.com/orgs/x/sso')
  })

  test.each([
    ['https://ghe.example/orgs/x', undefined],
    ['https://ghe.example.evil/orgs/x', 'https://ghe.example']
  ])('%s is not taken for one of %s', async (url, server) => {
    expect(await told(url, server)).not.toContain(url)
  })
})

test.each<[string, string | undefined, string[], string[]]>([
  ['a fine-grained PAT, which does not tell', undefined, [], []],
  ['no scopes', '', [], []],
  ['what an organization needs', 'read:org', [], ['read:org']],
  ['more', 'repo, read:org, admin:org', ['repo', 'admin:org'], ['repo', 'read:org', 'admin:org']],
  ['what is no scope', 'repo, ::x, <b>, read:org', ['repo'], ['repo', 'read:org']]
])('the scopes beyond what is needed: %s', async (_, header, ofOrganization, ofUser) => {
  const headers: Record<string, string> = header === undefined ? {} : { 'x-oauth-scopes': header }
  const asked = async (stages: typeof ADMIN | typeof SELF): Promise<readonly string[]> =>
    (await attesting({ ...stages, user: { ...stages.user, headers } })).excessScopes
  expect(await asked(ADMIN)).toEqual(ofOrganization)
  expect(await asked(SELF)).toEqual(ofUser)
})
