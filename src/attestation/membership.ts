// Decides whether a membership entitles its user to the organization's token: it must be active, with the role admin, and belong to both.

import { ActionError } from '../errors/action-error.ts'
import type { Answer } from '../network/answer.ts'
import { property } from '../untrusted/json.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { idIn, isSameLogin } from './account.ts'
import type { Account } from './account.ts'
import { covers, LEAST_SCOPE, patKindOf, requiredIn, scopesIn } from './permissions.ts'
import { forbidden, messageOf, requireNotRenamed, succeeded, unexpected } from './refusal.ts'
import type { Context } from './refusal.ts'

const MEMBERSHIP = 'the membership'

export interface Parties {
  readonly user: Account
  readonly entity: Account
  /** The logins of both, fit to print. */
  readonly patUser: Quoted
  readonly name: Quoted
}

/** Returns only if the user is an active admin of this organization; throws in any other case. */
export function judgeMembership(answer: Answer, parties: Parties, context: Context): void {
  const { quote } = context
  const { user, entity, patUser, name } = parties
  const facts = { ...answer.trail, entity: name, patUser, pat: patKindOf(answer) }
  requireNotRenamed(answer, name)
  if (answer.status === 404 && answer.isOwnRefusal) {
    throw ActionError.of('not-a-member', { ...facts, ...scopesTold(answer, context) })
  }
  if (answer.status === 403 && answer.isOwnRefusal) {
    // GitHub can name another reason first, such as single sign-on, even if the PAT has the permission.
    const reason = forbidden(answer, context)
    if (reason) throw reason
    if (lacksPermission(answer)) {
      throw ActionError.of('members-permission-missing', {
        ...facts,
        ...scopesTold(answer, context),
        required: requirement(answer, context)
      })
    }
  }
  const membership = membershipIn(succeeded(answer, MEMBERSHIP, context))
  if (membership.organizationId !== entity.id || (membership.userId !== undefined && membership.userId !== user.id)) {
    throw unexpected(answer, MEMBERSHIP, 'ids-contradict')
  }
  if (!isSameLogin(membership.organizationLogin, entity.login)) throw unexpected(answer, MEMBERSHIP, 'other-login')
  if (membership.state === 'pending') throw ActionError.of('membership-pending', facts)
  if (membership.role !== 'admin') throw ActionError.of('not-an-admin', { ...facts, role: quote(membership.role) })
}

/** Tells whether a 403 is about a permission, from what GitHub requires and the PAT doesn't have, or from GitHub's words. */
function lacksPermission(answer: Answer): boolean {
  const required = requiredIn(answer)
  const granted = scopesIn(answer)
  // Responses don't list the permissions of a fine-grained PAT, so a required permission counts as missing.
  const isLacking = required.length > 0 && !required.some(each => covers(granted, each))
  return isLacking || NO_MEMBERS_PERMISSION.test(messageOf(answer))
}

const NO_MEMBERS_PERMISSION =
  /not accessible by personal access token|do not have access to this organization membership/i

/** Names what the PAT needs: the least scope if GitHub accepts it, otherwise everything that GitHub lists. */
function requirement(answer: Answer, { quote }: Context): Quoted | undefined {
  const required = requiredIn(answer)
  const isLeastEnough = required.includes(LEAST_SCOPE) || required.length === 0
  if (patKindOf(answer) === 'classic' && isLeastEnough) return quote(LEAST_SCOPE)
  return required.length === 0 ? undefined : quote(required.join(' or '))
}

/** Returns the scopes of a classic PAT, and whether they cover the least one. */
function scopesTold(answer: Answer, { quote }: Context): { scopes?: Quoted; hasLeastScope?: boolean } {
  if (patKindOf(answer) !== 'classic') return {}
  const scopes = scopesIn(answer)
  return { scopes: quote(scopes.join(', ')), hasLeastScope: covers(scopes, LEAST_SCOPE) }
}

interface Membership {
  readonly state: 'active' | 'pending'
  readonly role: string
  readonly organizationId: string
  readonly organizationLogin: unknown
  /** GitHub's API allows a membership without a user. */
  readonly userId: string | undefined
}

function membershipIn(answer: Answer): Membership {
  const state = property(answer.json, 'state')
  const role = property(answer.json, 'role')
  const organization = property(answer.json, 'organization')
  const organizationId = idIn(organization)
  const user = property(answer.json, 'user') ?? null
  const userId = idIn(user)
  const described = (state === 'active' || state === 'pending') && typeof role === 'string'
  if (!described || organizationId === undefined || (user !== null && userId === undefined)) {
    throw unexpected(answer, MEMBERSHIP, 'not-described')
  }
  return { state, role, organizationId, organizationLogin: property(organization, 'login'), userId }
}
