// Owns what GitHub's headers say about permissions: the kind of a PAT, what it may do, and what a read requires.

import type { PatKind } from '../errors/messages/github.ts'
import type { Answer } from '../network/answer.ts'

/** The least scope with which a classic PAT can read a membership. */
export const LEAST_SCOPE = 'read:org'

/** Only classic PATs have `x-oauth-scopes`, even when it is empty. */
export function patKindOf({ headers }: Pick<Answer, 'headers'>): PatKind {
  return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic'
}

/** The scopes that a classic PAT has; what isn't in the form of a scope is left out. */
export function scopesIn({ headers }: Pick<Answer, 'headers'>): string[] {
  return scopeList(headers['x-oauth-scopes'])
}

/** What GitHub requires for a read: any one of these scopes (classic) or permissions (fine-grained); empty when it doesn't say. */
export function requiredIn(answer: Pick<Answer, 'headers'>): string[] {
  const { headers } = answer
  return patKindOf(answer) === 'classic'
    ? scopeList(headers['x-accepted-oauth-scopes'])
    : permissionList(headers['x-accepted-github-permissions'])
}

/** Whether one of the granted scopes is the required one, or includes it. */
export function covers(granted: readonly string[], required: string): boolean {
  return granted.some(scope => scope === required || includedIn(scope).includes(required))
}

function scopeList(header = ''): string[] {
  const scopes = header.split(',').map(scope => scope.trim())
  return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, MOST_NAMES)
}

/** More than any read requires: longer lists are cut. */
const MOST_NAMES = 40

/**
 * The alternatives in `members=read; contents=read, metadata=read`: a comma joins what is required together.
 *
 * Empty when one of them requires nothing, as `allows_permissionless_access=true` does: then no permission is missing.
 */
function permissionList(header = ''): string[] {
  const alternatives = header.split(';', MOST_NAMES).map(each => each.split(',', MOST_NAMES).map(name => name.trim()))
  if (alternatives.flat().some(name => name.startsWith('allows_permissionless_access='))) return []
  return alternatives.filter(each => each.every(isPermission)).map(each => each.join(' and '))
}

function isPermission(name: string): boolean {
  return /^[a-z][a-z_]{0,60}=(?:read|write|admin)$/.test(name)
}

/** The scopes that a scope includes. */
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
