// Reads GitHub's headers about permissions: the kind of PAT, its scopes, and what a request requires.

import type { PatKind } from '../errors/messages/github.ts'
import type { Answer } from '../network/answer.ts'

/** The least scope with which a classic PAT can read a membership. */
export const LEAST_SCOPE = 'read:org'

/** Only responses to classic PATs have the header `x-oauth-scopes`, which can be empty. */
export function patKindOf({ headers }: Pick<Answer, 'headers'>): PatKind {
  return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic'
}

/** Returns the scopes of a classic PAT, without values that don't look like a scope. */
export function scopesIn({ headers }: Pick<Answer, 'headers'>): string[] {
  return scopeList(headers['x-oauth-scopes'])
}

/** Returns the scopes (classic) or permissions (fine-grained) of which GitHub requires one; empty if the response lists none. */
export function requiredIn(answer: Pick<Answer, 'headers'>): string[] {
  const { headers } = answer
  return patKindOf(answer) === 'classic'
    ? scopeList(headers['x-accepted-oauth-scopes'])
    : permissionList(headers['x-accepted-github-permissions'])
}

/** Tells whether one of the granted scopes is or includes the required one. */
export function covers(granted: readonly string[], required: string): boolean {
  return granted.some(scope => scope === required || includedIn(scope).includes(required))
}

function scopeList(header = ''): string[] {
  const scopes = header.split(',').map(scope => scope.trim())
  return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, MOST_NAMES)
}

/** No request requires as many; longer lists are truncated. */
const MOST_NAMES = 40

/**
 * Splits a header such as `members=read; contents=read, metadata=read`, where a comma joins what is required together, into its
 * alternatives. If one of them is `allows_permissionless_access=true`, no permission is required, and the list is empty.
 */
function permissionList(header = ''): string[] {
  const alternatives = header.split(';', MOST_NAMES).map(each => each.split(',', MOST_NAMES).map(name => name.trim()))
  if (alternatives.flat().some(name => name.startsWith('allows_permissionless_access='))) return []
  return alternatives.filter(each => each.every(isPermission)).map(each => each.join(' and '))
}

function isPermission(name: string): boolean {
  return /^[a-z][a-z_]{0,60}=(?:read|write|admin)$/.test(name)
}

/** Returns the scopes that a scope includes. */
function includedIn(scope: string): readonly string[] {
  const [, level, area] = /^(admin|write):(.+)$/.exec(scope) ?? []
  if (level === 'admin') return [`write:${area}`, `read:${area}`]
  if (level === 'write') return [`read:${area}`]
  return INCLUDED[scope] ?? []
}

const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  repo: ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events'],
  user: ['read:user', 'user:email', 'user:follow'],
  project: ['read:project']
}
