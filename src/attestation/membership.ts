// Owns what a membership must be for its user to get the organization's token: active, an admin's, and of these very two.

import { ActionError } from '../errors/action-error.ts'
import type { Answer } from '../network/answer.ts'
import { property } from '../untrusted/json.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { idIn, isSameLogin } from './account.ts'
import type { Account } from './account.ts'
import { patKindOf } from './permissions.ts'
import { messageOf, SSO_REQUIRED, succeeded, unexpected } from './refusal.ts'
import type { Context } from './refusal.ts'

const MEMBERSHIP = 'the membership'

export interface Parties {
  readonly user: Account
  readonly entity: Account
  /** The two logins, fit to print. */
  readonly patUser: Quoted
  readonly name: Quoted
}

/** Returns only for an active admin of this very organization. */
export function judgeMembership(answer: Answer, parties: Parties, context: Context): void {
  const { quote } = context
  const { user, entity, patUser, name } = parties
  const facts = { ...answer.trail, entity: name, patUser, pat: patKindOf(answer) }
  if (answer.status === 404 && answer.isOwnRefusal) throw ActionError.of('not-a-member', facts)
  // The PAT may have the permission, and yet not be authorized for single sign-on: then GitHub says so.
  const isPermission =
    NO_MEMBERS_PERMISSION.test(messageOf(answer)) && !SSO_REQUIRED.test(answer.headers['x-github-sso'] ?? '')
  if (answer.status === 403 && answer.isOwnRefusal && isPermission) {
    throw ActionError.of('members-permission-missing', facts)
  }
  const membership = membershipIn(succeeded(answer, MEMBERSHIP, context))
  if (membership.organizationId !== entity.id || (membership.userId !== undefined && membership.userId !== user.id)) {
    throw unexpected(answer, MEMBERSHIP, 'ids-contradict')
  }
  if (!isSameLogin(membership.organizationLogin, entity.login)) throw unexpected(answer, MEMBERSHIP, 'other-login')
  if (membership.state === 'pending') throw ActionError.of('membership-pending', facts)
  if (membership.role !== 'admin') throw ActionError.of('not-an-admin', { ...facts, role: quote(membership.role) })
}

interface Membership {
  readonly state: 'active' | 'pending'
  readonly role: string
  readonly organizationId: string
  readonly organizationLogin: unknown
  /** GitHub may leave the user out. */
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

const NO_MEMBERS_PERMISSION =
  /not accessible by personal access token|do not have access to this organization membership/i
