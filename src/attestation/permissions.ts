// Owns what GitHub's headers tell of a PAT: its kind, and its scopes.

import type { PatKind } from '../errors/messages/github.ts'
import type { Answer } from '../network/answer.ts'

/** Only classic PATs have `x-oauth-scopes`, even when it is empty. */
export function patKindOf({ headers }: Answer): PatKind {
  return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic'
}

/** The scopes that GitHub tells of a classic PAT; what has not the form of one is left out. */
export function scopesIn({ headers }: Answer): string[] {
  const scopes = (headers['x-oauth-scopes'] ?? '').split(',').map(scope => scope.trim())
  return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, 40)
}
