// Tests that GitHub's headers take precedence over its messages when a permission is missing, and that the error names the missing permission.

import { describe, expect, test } from '@jest/globals'
import { attest } from '../../src/attestation/attest.ts'
import type { ActionError } from '../../src/errors/action-error.ts'
import { failureOf, quote } from '../support/failures.ts'
import { membershipBody } from '../../sandbox/github/bodies.ts'
import { ACME, ADMIN, clientAnswering, MONA, octokitOver } from '../support/github.ts'

function refusal(status: number, message: string, headers: Record<string, string>): Promise<ActionError> {
  const membership = { status, body: { message, documentation_url: 'https://docs.github.com/rest' }, headers }
  return failureOf(() => attest(octokitOver(clientAnswering({ ...ADMIN, membership })), 'acme-labs', quote))
}

const ACCEPTED = 'x-accepted-github-permissions'
const ACCEPTED_SCOPES = 'x-accepted-oauth-scopes'
const SCOPES = 'x-oauth-scopes'

describe('a fine-grained PAT lacks the permission that GitHub names, whatever its words are', () => {
  test.each([
    ['members=read', 'members=read', 'set Members to Read-only'],
    ['members=write', 'members=write', 'set Members to Read and write'],
    [
      'organization_administration=read; members=read',
      'organization_administration=read or members=read',
      'set Members to Read-only'
    ],
    ['members=read,metadata=read', 'members=read and metadata=read', 'set Members to Read-only'],
    [' metadata=read , members=read ;x ', 'metadata=read and members=read', 'set Members to Read-only'],
    ['organization_events=read', 'organization_events=read', 'grant organization_events=read']
  ])('%s', async (header, required, permission) => {
    for (const words of ['No.', 'You need at least read access to members.', 'Must have admin rights.']) {
      const error = await refusal(403, words, { [ACCEPTED]: header })
      expect(error.code).toBe('members-permission-missing')
      expect(error.message).toBe(
        `Mona's fine-grained PAT isn't allowed to read the membership in Acme-Labs (HTTP 403). GitHub requires the permission ${required}.`
      )
      expect(error.remedy).toContain(`under Organization permissions, ${permission}.`)
    }
  })

  test.each([
    '',
    'allows_permissionless_access=true',
    'members=read; allows_permissionless_access=true',
    'members',
    'members=all',
    'members=read,::add-mask::x',
    '::set-output name=x::y'
  ])('but not when the header names none: %j', async header => {
    const error = await refusal(403, 'No.', { [ACCEPTED]: header })
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub refused the request for the membership \(HTTP 403\): "No\."/)
  })
})

describe('a classic PAT lacks a scope that GitHub names, whatever its words are', () => {
  test.each([
    ['You need at least read:org scope or user scope to see this.', '', 'admin:org, read:org, write:org', 'no scopes'],
    ['No.', 'repo, gist', 'read:org', 'repo, gist'],
    ['Must be an owner.', 'write:packages', 'write:org, admin:org,read:org', 'write:packages']
  ])('%s', async (words, scopes, accepted, told) => {
    const error = await refusal(403, words, { [SCOPES]: scopes, [ACCEPTED_SCOPES]: accepted })
    expect(error.code).toBe('members-permission-missing')
    expect(error.message).toBe(
      `Mona's classic PAT isn't allowed to read the membership in Acme-Labs (HTTP 403). GitHub requires the scope read:org, but the PAT has ${told}.`
    )
    expect(error.remedy).toBe('Edit the PAT at https://github.com/settings/tokens and select the read:org scope.')
  })

  test('which is another one, when GitHub names others only', async () => {
    const error = await refusal(403, 'No.', {
      [SCOPES]: 'read:org',
      [ACCEPTED_SCOPES]: 'read:enterprise, read:audit_log'
    })
    expect(error.code).toBe('members-permission-missing')
    expect(error.message).toContain(
      'GitHub requires the scope read:enterprise or read:audit_log, but the PAT has read:org.'
    )
    expect(error.remedy).toContain('select the read:enterprise or read:audit_log scope.')
  })

  test.each([
    ['read:org', 'read:org'],
    ['write:org', 'read:org'],
    ['admin:org', 'read:org'],
    ['admin:org', 'write:org'],
    ['repo', 'public_repo'],
    ['user', 'read:user'],
    ['gist, project', 'read:org, read:project']
  ])('but not when it has it, or one that includes it: %s for %s', async (scopes, accepted) => {
    const error = await refusal(403, 'No.', { [SCOPES]: scopes, [ACCEPTED_SCOPES]: accepted })
    expect(error.code).toBe('github-unexpected')
  })

  test.each(['', ',', '::x', 'READ:ORG'])('but not when GitHub names none: %j', async accepted => {
    const error = await refusal(403, 'No.', { [SCOPES]: '', [ACCEPTED_SCOPES]: accepted })
    expect(error.code).toBe('github-unexpected')
  })

  test("and by GitHub's words alone; a scope that it has is not asked for", async () => {
    const words = 'You do not have access to this organization membership.'
    const lacking = await refusal(403, words, { [SCOPES]: 'repo', [ACCEPTED_SCOPES]: 'read:org, repo' })
    expect(lacking.code).toBe('members-permission-missing')
    expect(lacking.remedy).toContain('select the read:org scope.')
    const having = await refusal(403, words, { [SCOPES]: 'write:org' })
    expect(having.code).toBe('members-permission-missing')
    expect(having.remedy).toMatch(/^Because the PAT has that scope, another rule blocks it/)
  })
})

test.each([
  ['Resource protected by organization SAML enforcement.', 'sso-required'],
  ['`Acme-Labs` forbids access via a personal access token (classic).', 'policy-forbidden'],
  ['The organization has an IP allow list enabled', 'policy-forbidden'],
  ['Resource not accessible by integration', 'pat-unsupported']
])('a reason that GitHub names counts more than the permission that it requires: %s', async (words, code) => {
  for (const headers of [{ [ACCEPTED]: 'members=read' }, { [SCOPES]: '', [ACCEPTED_SCOPES]: 'read:org' }]) {
    expect((await refusal(403, words, headers)).code).toBe(code)
  }
})

describe('no membership (404)', () => {
  test.each([
    ['', 'no scopes'],
    ['repo, user', 'repo, user'],
    ['read:user', 'read:user']
  ])('with a classic PAT that lacks read:org has two causes: %j', async (scopes, told) => {
    const error = await refusal(404, 'Not Found', { [SCOPES]: scopes })
    expect(error.code).toBe('not-a-member')
    expect(error.message).toBe(
      `GitHub found no membership of Mona in Acme-Labs (HTTP 404). Either Mona isn't a member, or this classic PAT lacks the read:org scope (it has ${told}).`
    )
    expect(error.remedy).toContain('select the read:org scope')
    expect(error.remedy).toContain('use a PAT created by an owner of Acme-Labs')
  })

  test.each(['read:org', 'write:org', 'repo, admin:org'])('with %s has one', async scopes => {
    const error = await refusal(404, 'Not Found', { [SCOPES]: scopes })
    expect(error.message).toContain("(HTTP 404). Mona isn't a member.")
    expect(error.remedy).not.toContain('read:org')
  })
})

test.each(['Other-Org', 'acme', 'acme-labs-2', ''])(
  'a membership in %j, by the same ID, is not the one asked for',
  async login => {
    const membership = { body: membershipBody({ ...ACME, login }, MONA, { state: 'active', role: 'admin' }) }
    const error = await failureOf(() =>
      attest(octokitOver(clientAnswering({ ...ADMIN, membership })), 'acme-labs', quote)
    )
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub returned a different account when the action requested the membership\./)
  }
)
