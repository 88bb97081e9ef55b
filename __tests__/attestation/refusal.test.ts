// Tests how refusals are recognized: a renamed account by the redirect in GitHub's own JSON, and the end of an API version by its status and message.

import { describe, expect, test } from '@jest/globals'
import { attest } from '../../src/attestation/attest.ts'
import type { ActionError } from '../../src/errors/action-error.ts'
import { failureOf, quote } from '../support/failures.ts'
import { ADMIN, clientAnswering, octokitOver, SELF } from '../support/github.ts'
import type { Read, Staged } from '../support/github.ts'

function refusal(stages: Partial<Record<Read, Staged>>, entity = 'acme-LABS'): Promise<ActionError> {
  return failureOf(() => attest(octokitOver(clientAnswering({ ...ADMIN, ...stages })), entity, quote))
}

/** As GitHub answers about an account that has another login by now. */
function moved(url: string, more: Staged = {}): Staged {
  const documentation_url = 'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects'
  return { status: 301, body: { message: 'Moved Permanently', url, documentation_url }, ...more }
}

const ACCOUNT = 'https://api.github.com/user/2001'

describe('an account that was renamed', () => {
  test.each<[string, Partial<Record<Read, Staged>>, string]>([
    ['at the entity', { entity: moved(ACCOUNT) }, 'acme-LABS'],
    [
      'at the membership, which names the id of the organization',
      { membership: moved('https://api.github.com/organizations/2001/memberships/Mona') },
      'Acme-Labs'
    ],
    ['at GitHub Enterprise Server', { entity: moved('https://ghe.example/api/v3/user/2001') }, 'acme-LABS'],
    [
      'in other words',
      { entity: { status: 301, body: { message: 'This account has a new name.', url: ACCOUNT } } },
      'acme-LABS'
    ],
    [
      'with the new address in the header alone',
      { entity: { status: 301, body: { message: 'Moved' }, headers: { location: ACCOUNT } } },
      'acme-LABS'
    ],
    ['for good, by another status', { entity: moved(ACCOUNT, { status: 308 }) }, 'acme-LABS'],
    ['found elsewhere', { entity: moved(ACCOUNT, { status: 302 }) }, 'acme-LABS'],
    ['for now', { membership: moved(ACCOUNT, { status: 307 }) }, 'Acme-Labs']
  ])('is told as renamed, with its id and the command that shows its login: %s', async (_, stages, login) => {
    const error = await refusal(stages)
    expect(error.code).toBe('entity-not-found')
    expect(error.message).toMatch(
      new RegExp(`^The account ${login} was renamed \\(or transferred\\) on GitHub \\(HTTP 30[1278]\\)\\.`)
    )
    expect(error.remedy).toBe(
      `Set 'entity' to the new login of the account. To find it, run "gh api user/2001 --jq .login".`
    )
  })

  test('is told without an id when the address names none', async () => {
    const error = await refusal({ membership: moved('https://api.github.com/user/memberships/orgs/new-labs') })
    expect(error.code).toBe('entity-not-found')
    expect(error.remedy).toBe("Set 'entity' to the new login of the account.")
  })

  test('is a user, too', async () => {
    const error = await refusal({ ...SELF, entity: moved('https://api.github.com/user/1001') }, 'mona-old')
    expect(error.code).toBe('entity-not-found')
    expect(error.message).toMatch(/^The account mona-old was renamed/)
  })

  test.each<[string, Partial<Record<Read, Staged>>]>([
    ['no JSON', { entity: { status: 301, body: '<html>', headers: { location: ACCOUNT } } }],
    ['nothing', { membership: { status: 302, body: '', headers: { location: ACCOUNT } } }],
    ['JSON of another', { entity: { status: 301, body: { error: 'moved', url: ACCOUNT } } }],
    ['JSON with a login page', { entity: moved('https://sso.example/login?from=/user/2001') }],
    ['JSON with no address', { membership: { status: 301, body: { message: 'Moved Permanently' } } }],
    ['JSON with an address that is none', { entity: moved('::add-mask::/user/2001') }],
    ['another 3xx', { entity: moved(ACCOUNT, { status: 300 }) }],
    ['the PAT itself', { user: moved(ACCOUNT) }]
  ])('is not what any other redirect is about: %s', async (_, stages) => {
    const error = await refusal(stages)
    expect(error.code).toBe('github-unexpected')
    expect(error.message).toMatch(/^GitHub redirected the request for /)
  })
})

describe("the end of the API's version", () => {
  test.each([
    [
      400,
      'The version you specified in the "X-GitHub-API-Version" request header, "2022-11-28", is not a supported version. The following versions are currently supported: "2026-03-10" (most recent).'
    ],
    [400, 'API version 2022-11-28 is not supported.'],
    [400, 'This api-version was retired'],
    [410, 'Version 2022-11-28 of the REST API is gone.']
  ])('%i: %s', async (status, message) => {
    for (const read of ['user', 'entity', 'membership'] as const) {
      const error = await refusal({ [read]: { status, body: { message } } })
      expect(error.code).toBe('github-unexpected')
      expect(error.message).toMatch(
        `GitHub no longer supports version 2022-11-28 of its API, which this action uses (HTTP ${status}).`
      )
      expect(error.remedy).toMatch(/^Update this action to its latest release\./)
    }
  })

  test.each<[string, Staged]>([
    ['another 400', { status: 400, body: { message: 'Problems parsing JSON' } }],
    ['another 410', { status: 410, body: { message: 'Projects are gone' } }],
    ['the words with another status', { status: 403, body: { message: 'The API version is not supported' } }],
    ['the words of something in between', { status: 400, body: '<p>The API version is not supported</p>' }]
  ])('is not told for %s', async (_, entity) => {
    const error = await refusal({ entity })
    expect(error.code).toBe('github-unexpected')
    expect(error.remedy).not.toContain('Update this action')
  })
})
