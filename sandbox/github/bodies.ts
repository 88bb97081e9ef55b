// Builds the bodies of GitHub's responses about accounts and memberships, in the shapes of its OpenAPI description. Tests stage changed ones.

import { userBody } from '../git/bodies.ts'
import type { Account, Membership } from './population.ts'

const API = 'https://api.github.com'

type UserBody = ReturnType<typeof userBody>

const simpleUserBody = ({ login, id, type }: Account): UserBody => userBody(login, id, type)

/** A user or organization as everybody sees it. */
export function publicUserBody(account: Account): UserBody {
  return {
    ...simpleUserBody(account),
    name: account.name ?? null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 3,
    public_gists: 0,
    followers: 5,
    following: 1,
    created_at: '2020-01-14T04:33:35Z',
    updated_at: '2026-01-14T04:33:35Z'
  }
}

/** A user as it sees itself, with a PAT of the scope `user`. */
export function privateUserBody(account: Account): UserBody {
  return {
    ...publicUserBody(account),
    user_view_type: 'private',
    private_gists: 1,
    total_private_repos: 2,
    owned_private_repos: 2,
    disk_usage: 1_000,
    collaborators: 1,
    two_factor_authentication: true,
    plan: { name: 'pro', space: 976_562_499, collaborators: 0, private_repos: 9_999 }
  }
}

/** A membership as `GET /user/memberships/orgs/{org}` returns it. */
export function membershipBody(
  organization: Account,
  account: Account,
  found: Pick<Membership, 'state' | 'role' | 'hidesUser'>
): Readonly<Record<string, unknown>> {
  const url = `${API}/orgs/${organization.login}`
  return {
    url: `${url}/memberships/${account.login}`,
    state: found.state,
    role: found.role,
    direct_membership: true,
    enterprise_teams_providing_indirect_membership: [],
    organization_url: url,
    user: found.hidesUser === true ? null : simpleUserBody(account),
    organization: {
      login: organization.login,
      id: organization.id,
      node_id: nodeId(organization),
      url,
      repos_url: `${url}/repos`,
      events_url: `${url}/events`,
      hooks_url: `${url}/hooks`,
      issues_url: `${url}/issues`,
      members_url: `${url}/members{/member}`,
      public_members_url: `${url}/public_members{/member}`,
      avatar_url: `https://avatars.githubusercontent.com/u/${organization.id}?v=4`,
      description: null
    }
  }
}

function nodeId(account: Account): string {
  return Buffer.from(`0${account.type.length}:${account.type}${account.id}`).toString('base64')
}
