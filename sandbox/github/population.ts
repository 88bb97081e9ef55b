// Defines the simulated accounts, memberships, PATs, and repositories of the sandbox's GitHub.

import type { IncomingMessage } from 'node:http'
import { Repository } from '../git/repository.ts'
import type { CommitToken, Permissions } from '../git/repository.ts'

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

/** Everything that the model knows. Tests can change it. */
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

/** The PATs of the default population, one for each case. Their texts are conspicuous, so that a search finds a leak. */
export const PATS = {
  /** For a user only, as the README recommends. */
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
  /** Members: read, but for another organization. */
  monaOtherOwner: {
    token: `github_pat_LOUDFAKE5monaotherowner5${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Other-Org',
    members: true
  },
  /** Like monaForAcme, with an expiration date. */
  monaExpiring: {
    token: `github_pat_LOUDFAKE6monaexpiring6${FAR}`,
    user: 'Mona',
    kind: 'fine-grained',
    resourceOwner: 'Acme-Labs',
    members: true,
    expiresAt: '2099-12-30 10:15:26 UTC'
  },
  /** With GitHub's other date format. */
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
  /** Invited as an admin, but hasn't accepted. */
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

/** The account with a login, in any letter case. */
export function findAccount(population: Population, login: string): Account | undefined {
  return population.accounts.find(account => isSame(account.login, login))
}

/** The membership of a user in an organization, in any letter case. */
export function findMembership(population: Population, organization: string, user: string): Membership | undefined {
  return population.memberships.find(each => isSame(each.organization, organization) && isSame(each.user, user))
}

/** The PAT in a request, with either scheme of the header; undefined if there is none or it is unknown. */
export function findPat(population: Population, request: IncomingMessage): Pat | undefined {
  const token = bearerOf(request)
  return population.pats.find(pat => pat.token === token)
}

/** The token in a request. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
}
/** Whether two logins are the same, in any letter case. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
