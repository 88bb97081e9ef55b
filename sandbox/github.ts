// Owns the model of GitHub's REST API: its made-up population and what it answers to whom, in GitHub's own shapes and words. Knows no server: see server.ts.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { answer } from './answers.ts'
import type { Answer } from './answers.ts'
import { answerRepository } from './git/endpoints.ts'
import { Repository } from './git/repository.ts'
import type { CommitToken, Permissions } from './git/repository.ts'

export interface Account {
  id: number
  login: string
  /** `User`, `Organization`, `Bot`, or whatever a test wants. */
  type: string
  name?: string
}

export interface Membership {
  /** Login of the organization. */
  organization: string
  /** Login of the user. */
  user: string
  state: 'active' | 'pending'
  role: 'admin' | 'member' | 'billing_manager'
  /** GitHub may answer `user: null`. */
  hidesUser?: boolean
}

export interface Pat {
  readonly token: string
  /** Login of the user it belongs to. */
  readonly user: string
  readonly kind: 'classic' | 'fine-grained'
  /** Of a classic PAT. */
  readonly scopes?: readonly string[]
  /** Login of a fine-grained PAT's resource owner; the user when absent. */
  readonly resourceOwner?: string
  /** Whether a fine-grained PAT has Organization permissions → Members: read. */
  readonly members?: boolean
  /** Value of the header `github-authentication-token-expiration`; none when absent. */
  readonly expiresAt?: string
}

/** Everybody and everything the model knows; tests may change it. */
export interface Population {
  readonly accounts: Account[]
  readonly memberships: Membership[]
  readonly pats: Pat[]
  /** By full name in lower case. Use `addRepository`. */
  readonly repositories: Map<string, Repository>
  /** Tokens that commit. */
  readonly commitTokens: CommitToken[]
}

const FAR = 'FAR-FROM-REAL'

/** The PATs of the default population, each for one case. They are loud, so that a leak is found by searching. */
export const PATS = {
  /** A user, nothing else; what the README tells people to make. */
  monaFineGrained: { token: `github_pat_LOUDFAKE0mona0${FAR}`, user: 'Mona', kind: 'fine-grained' },
  /** With the organization as resource owner and Members: read. */
  monaForAcme: {
    token: `github_pat_LOUDFAKE1monaforacme1${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true
  },
  monaClassic: {
    token: `ghp_LOUDFAKE2monaclassic2${FAR}`,
    user: 'Mona',
    kind: 'classic',
    scopes: ['read:org', 'user']
  },
  monaClassicNoScopes: {
    token: `ghp_LOUDFAKE3monanoscopes3${FAR}`,
    user: 'Mona',
    kind: 'classic',
    scopes: []
  },
  /** The right resource owner, but without Members. */
  monaNoMembers: {
    token: `github_pat_LOUDFAKE4monanomembers4${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: false
  },
  /** Members: read, but of another organization. */
  monaOtherOwner: {
    token: `github_pat_LOUDFAKE5monaotherowner5${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Other-Org',
    members: true
  },
  /** As monaForAcme, and GitHub says when it expires. */
  monaExpiring: {
    token: `github_pat_LOUDFAKE6monaexpiring6${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true,
    expiresAt: '2099-12-30 10:15:26 UTC'
  },
  /** The other way GitHub spells it. */
  monaExpiringWithOffset: {
    token: `github_pat_LOUDFAKE7monaoffset7${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true,
    expiresAt: '2099-12-30 10:15:26 +0200'
  },
  /** An active member who is not an admin. */
  hubotFineGrained: {
    token: `github_pat_LOUDFAKE8hubot8${FAR}`,
    user: 'hubot',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true
  },
  hubotClassic: { token: `ghp_LOUDFAKE9hubotclassic9${FAR}`, user: 'hubot', kind: 'classic', scopes: ['read:org'] },
  /** Invited as an admin, and has not accepted. */
  newcomerClassic: {
    token: `ghp_LOUDFAKEAnewcomer0A${FAR}`,
    user: 'newcomer',
    kind: 'classic',
    scopes: ['read:org']
  },
  /** An enterprise-managed user. */
  monaAcme: { token: `github_pat_LOUDFAKEBmonaacme0B${FAR}`, user: 'mona_acme', kind: 'fine-grained' }
} as const satisfies Record<string, Pat>

/** The job's own token in `octo/demo`, with the permissions that the card needs. */
export const JOB_TOKEN = `ghs_LOUDFAKEjobtoken${FAR}`

/** Adds an empty repository. @param permissions what the job's own token may do in it */
export function addRepository(
  population: Population,
  fullName: string,
  permissions: Permissions = { contents: 'write', pullRequests: 'write' },
  token: Pick<CommitToken, 'token' | 'login'> = { token: JOB_TOKEN, login: 'github-actions[bot]' }
): Repository {
  const repository = new Repository(fullName)
  population.repositories.set(fullName.toLowerCase(), repository)
  population.commitTokens.push({ ...token, repositories: { [fullName]: permissions } })
  return repository
}

/** The users, organizations and PATs of the sandbox, fresh for each caller. */
export function defaultPopulation(): Population {
  return {
    accounts: [
      { id: 1001, login: 'Mona', type: 'User', name: 'Mona Fictional' },
      { id: 1002, login: 'hubot', type: 'User' },
      { id: 1003, login: 'newcomer', type: 'User' },
      { id: 1004, login: 'mona_acme', type: 'User' },
      { id: 2001, login: 'Acme-Labs', type: 'Organization', name: 'Acme Laboratories' },
      { id: 2002, login: 'Other-Org', type: 'Organization' },
      { id: 3001, login: 'robo-bot', type: 'Bot' }
    ],
    memberships: [
      { organization: 'Acme-Labs', user: 'Mona', state: 'active', role: 'admin' },
      { organization: 'Acme-Labs', user: 'hubot', state: 'active', role: 'member' },
      { organization: 'Acme-Labs', user: 'newcomer', state: 'pending', role: 'admin' }
    ],
    pats: Object.values(PATS),
    repositories: new Map(),
    commitTokens: []
  }
}

/** The account of that login, in any letter case. */
export function findAccount(population: Population, login: string): Account | undefined {
  return population.accounts.find(account => isSame(account.login, login))
}

/** The membership of a user in an organization, in any letter case. */
export function findMembership(population: Population, organization: string, user: string): Membership | undefined {
  return population.memberships.find(each => isSame(each.organization, organization) && isSame(each.user, user))
}

/** The PAT a request came with, in either spelling of the header; undefined when unknown or none. */
export function findPat(population: Population, request: IncomingMessage): Pat | undefined {
  const token = bearerOf(request)
  return population.pats.find(pat => pat.token === token)
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** What GitHub answers: the endpoints of attestation, those of repositories, and 404 for the rest. */
export function githubModel(population: Population): Answer {
  return async (request, response) => {
    const pat = findPat(population, request)
    const bearer = bearerOf(request)
    const token = population.commitTokens.findLast(each => each.token === bearer)
    if (bearer !== undefined && pat === undefined && token === undefined) {
      return refusals.badCredentials()(request, response)
    }
    const reply = await answerRepository(request, population.repositories, token)
    if (reply) return github(reply.status, reply.body, pat, reply.headers)(request, response)
    const path = (request.url ?? '').split('?')[0] ?? ''
    const [, name = ''] = /^\/users\/([^/]+)$/.exec(path) ?? []
    const [, org = ''] = /^\/user\/memberships\/orgs\/([^/]+)$/.exec(path) ?? []
    if (request.method !== 'GET') return notFound('', pat)(request, response)
    if (path === '/user') return ownUser(population, pat)(request, response)
    if (name !== '') return user(population, pat, decode(name))(request, response)
    if (org !== '') return membership(population, pat, decode(org))(request, response)
    return notFound('', pat)(request, response)
  }
}

function ownUser(population: Population, pat: Pat | undefined): Answer {
  const account = pat && findAccount(population, pat.user)
  if (account === undefined) return refusals.requiresAuthentication()
  return github(200, pat?.scopes?.includes('user') === true ? privateUserBody(account) : publicUserBody(account), pat)
}

function user(population: Population, pat: Pat | undefined, login: string): Answer {
  const account = findAccount(population, login)
  return account === undefined
    ? notFound('/users/users#get-a-user', pat)
    : github(200, publicUserBody(account), pat, { 'x-accepted-oauth-scopes': '' })
}

function membership(population: Population, pat: Pat | undefined, login: string): Answer {
  if (pat === undefined) return refusals.requiresAuthentication()
  const organization = findAccount(population, login)
  const account = findAccount(population, pat.user)
  if (organization?.type !== 'Organization' || account === undefined) return notFound(MEMBERSHIP_DOCS, pat)
  if (pat.kind === 'classic') {
    const accepted = ['admin:org', 'read:org', 'write:org']
    if (!accepted.some(scope => pat.scopes?.includes(scope))) {
      return refusals.membershipForbidden((pat.scopes ?? []).join(', '))
    }
  } else {
    if (!isSame(pat.resourceOwner ?? pat.user, organization.login)) return notFound(MEMBERSHIP_DOCS, pat)
    if (pat.members !== true) return refusals.patFineGrainedForbidden()
  }
  const found = findMembership(population, organization.login, account.login)
  return found === undefined
    ? notFound(MEMBERSHIP_DOCS, pat)
    : github(200, membershipBody(organization, account, found), pat, {
        'x-accepted-oauth-scopes': 'admin:org, read:org, write:org'
      })
}

// The refusals, to be staged.

const DOCS = 'https://docs.github.com/rest'
const MEMBERSHIP_DOCS = '/orgs/members#get-an-organization-membership-for-the-authenticated-user'

/**
 * A refusal in GitHub's shape.
 *
 * @param message GitHub's words
 * @param headers beside those every answer has; `x-oauth-scopes` makes it one to a classic PAT
 */
export function refusal(status: number, message: string, headers: OutgoingHttpHeaders = {}, docs = ''): Answer {
  return github(status, { message, documentation_url: `${DOCS}${docs}`, status: `${status}` }, undefined, headers)
}

/** One function for each thing GitHub says when it does not answer. */
export const refusals = {
  badCredentials: (): Answer => refusal(401, 'Bad credentials'),
  requiresAuthentication: (): Answer =>
    refusal(401, 'Requires authentication', {}, '/users/users#get-the-authenticated-user'),
  notFound: (): Answer => refusal(404, 'Not Found'),
  /** A fine-grained PAT without Members: read. */
  patFineGrainedForbidden: (): Answer =>
    refusal(
      403,
      'Resource not accessible by personal access token',
      { 'x-accepted-github-permissions': 'members=read' },
      MEMBERSHIP_DOCS
    ),
  /** An app's token, such as GITHUB_TOKEN. */
  integration: (): Answer => refusal(403, 'Resource not accessible by integration', {}, MEMBERSHIP_DOCS),
  /** A classic PAT without read:org. */
  membershipForbidden: (scopes = ''): Answer =>
    refusal(
      403,
      'You do not have access to this organization membership.',
      { 'x-oauth-scopes': scopes, 'x-accepted-oauth-scopes': 'admin:org, read:org, repo, user, write:org' },
      MEMBERSHIP_DOCS
    ),
  /** @param url where the PAT can be authorized */
  sso: (url: string): Answer =>
    refusal(
      403,
      'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
      { 'x-github-sso': `required; url=${url}`, 'x-oauth-scopes': 'read:org' }
    ),
  classicForbidden: (org: string): Answer =>
    refusal(
      403,
      `\`${org}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`,
      { 'x-oauth-scopes': 'read:org' }
    ),
  fineGrainedForbidden: (org: string): Answer =>
    refusal(
      403,
      `\`${org}\` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, OAuth App, or a personal access token (classic).`
    ),
  lifetimeForbidden: (org: string): Answer =>
    refusal(
      403,
      `The '${org}' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/1001`
    ),
  ipAllowList: (org: string): Answer =>
    refusal(
      403,
      `Although you appear to have the correct authorization credentials, the \`${org}\` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.`
    ),
  suspended: (): Answer => refusal(403, 'Sorry. Your account was suspended.'),
  /** @param resetEpochSeconds when the limit is lifted */
  primaryRateLimit: (resetEpochSeconds: number, status: 403 | 429 = 403): Answer =>
    refusal(status, 'API rate limit exceeded for user ID 1001.', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '5000',
      'x-ratelimit-reset': `${resetEpochSeconds}`
    }),
  /** @param retryAfterSeconds without it neither header comes */
  secondaryRateLimit: (retryAfterSeconds?: number, status: 403 | 429 = 403): Answer =>
    refusal(
      status,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` }
    )
}

function notFound(docs: string, pat: Pat | undefined): Answer {
  return github(404, { message: 'Not Found', documentation_url: `${DOCS}${docs}`, status: '404' }, pat)
}

let answered = 0

/** An answer with the headers that GitHub puts on every one. */
function github(status: number, body: unknown, pat: Pat | undefined, headers: OutgoingHttpHeaders = {}): Answer {
  return (request: IncomingMessage, response: ServerResponse) => {
    answered++
    const number = answered.toString(16).toUpperCase().padStart(6, '0')
    const version = request.headers['x-github-api-version']
    const all: OutgoingHttpHeaders = {
      'x-github-request-id': `C0DE:1A2B:${number}:3C4D5E:${(0x6900_0000 + answered).toString(16).toUpperCase()}`,
      'x-github-media-type': 'github.v3; format=json',
      ...(typeof version === 'string' ? { 'x-github-api-version-selected': version } : {}),
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': `${Math.max(1, 4999 - answered)}`,
      'x-ratelimit-used': `${Math.min(4999, answered)}`,
      'x-ratelimit-reset': `${Math.floor(Date.now() / 1000) + 3600}`,
      'x-ratelimit-resource': 'core',
      ...(pat?.kind === 'classic'
        ? { 'x-oauth-scopes': (pat.scopes ?? []).join(', '), 'x-accepted-oauth-scopes': '' }
        : {}),
      ...(pat?.expiresAt === undefined ? {} : { 'github-authentication-token-expiration': pat.expiresAt }),
      ...headers
    }
    // Only classic PATs have scopes.
    if (pat?.kind === 'fine-grained') delete all['x-accepted-oauth-scopes']
    return answer(status, body, all)(request, response)
  }
}

// The bodies, in the shapes of GitHub's OpenAPI description; exported so that tests can stage altered ones.

const API = 'https://api.github.com'

interface SimpleUserBody {
  readonly login: string
  readonly id: number
  readonly type: string
}

/** A user as it appears inside another body. */
export function simpleUserBody(account: Account): SimpleUserBody & Readonly<Record<string, unknown>> {
  const url = `${API}/users/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account),
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false
  }
}

/** A user or organization as everybody sees it. */
export function publicUserBody(account: Account): SimpleUserBody & Readonly<Record<string, unknown>> {
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
export function privateUserBody(account: Account): SimpleUserBody & Readonly<Record<string, unknown>> {
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

/** A membership as `GET /user/memberships/orgs/{org}` answers it. */
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

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
