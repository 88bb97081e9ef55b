// Builds the objects that Vaunt's API lists, with the documented fields and made-up values.

import { createHash } from 'node:crypto'
import type { Account } from '../github/population.ts'
import type { Listed } from './pages.ts'

/** Numbers of `meta_data.data_type`. 0 and 1 are documented, the token's is in an example; the others are assumed. */
export const DATA_TYPES = { unknown: 0, entity: 1, repository: 2, contributor: 3, token: 4, achievement: 5 } as const

/** When the newest object of each list was created. Each older one is a day older. */
const NEWEST_MS = Date.UTC(2025, 0, 31, 12)
const DAY_MS = 86_400_000

type Fields = Listed & Readonly<Record<string, unknown>>

/** An entity, without its contributions. */
export function entityDetails(account: Account): Fields {
  return {
    ...who(account.login, account),
    website: '',
    socials: { socials: [] },
    description: '',
    followers: 0,
    following: 0,
    experience: 83,
    level: 1,
    created_dttm: time(0),
    updated_dttm: time(0)
  }
}

/**
 * The response of `…/contributions` about an entity.
 *
 * @param isPrivateIncluded whether contributions to private repositories count
 */
export function contributionSummary(isPrivateIncluded: boolean): Readonly<Record<string, number>> {
  const share = isPrivateIncluded ? 2 : 1
  return {
    commits: 40 * share,
    issues: 5 * share,
    pull_requests: 17 * share,
    reviews: 16 * share,
    stars: 2,
    contributed_to: 4 * share,
    issues_closed: 4 * share,
    pull_requests_merged: 10 * share,
    discussions: 0,
    discussions_answered: 0
  }
}

/**
 * Everything except whether it is private or deleted.
 *
 * @param age the number of newer repositories of the owner
 */
export function repositoryDetails(owner: string, name: string, age: number): Fields {
  return {
    id: uuid(`repository ${owner}/${name}`),
    provider: 'github',
    owner,
    name,
    url: `https://github.com/${owner}/${name}`,
    fork: false,
    forks: 0,
    description: '',
    language: 'TypeScript',
    open_issues: age,
    stars: 3 * age,
    size: 355,
    license: '',
    default_branch_name: 'main',
    created_dttm: time(age),
    updated_dttm: time(0)
  }
}

/**
 * Everything except the number of contributions.
 *
 * @param age the number of more active contributors, who are listed first
 */
export function contributorDetails(login: string, account: Account | undefined, age: number): Fields {
  return { ...who(login, account), created_dttm: time(age) }
}

/** @param age the number of newer achievements of the entity */
export function achievementDetails(entity: string, name: string, age: number): Fields {
  return {
    id: uuid(`achievement ${entity} ${name}`),
    repository_name: 'anvil',
    name,
    icon_url: 'https://raw.githubusercontent.com/Acme-Labs/anvil/main/.vaunt/icon.png',
    description: `Awarded for: ${name}`,
    awarded_dttm: time(age)
  }
}

function who(login: string, account: Account | undefined): Readonly<Record<string, unknown>> & { readonly id: string } {
  return {
    id: uuid(`entity ${login}`),
    provider: 'github',
    type: login.endsWith('[bot]') ? 'bot' : (account?.type ?? 'User').toLowerCase(),
    name: login,
    display_name: account?.name ?? '',
    url: `https://api.github.com/users/${login}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${account?.id ?? 0}?v=4`
  }
}

function time(age: number): string {
  return new Date(NEWEST_MS - age * DAY_MS).toISOString().replace('.000', '')
}

/** The same for the same text, in every run. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-'
  )
}
