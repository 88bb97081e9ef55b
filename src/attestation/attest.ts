// Verifies, from GitHub's responses, that the PAT's user is the entity or one of its owners. Never sees the PAT, and logs nothing.

import { ActionError, PUBLIC_SERVER } from '../errors/action-error.ts'
import type { Reader } from '../github/octokit.ts'
import type { Answer } from '../network/answer.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { account, isSameLogin } from './account.ts'
import { judgeMembership } from './membership.ts'
import { expirationDate } from './pat-expiration.ts'
import { LEAST_SCOPE, scopesIn } from './permissions.ts'
import { requireNotRenamed, succeeded, unexpected } from './refusal.ts'
import type { Context } from './refusal.ts'

/** What was verified about the PAT's user and the entity. */
export interface Attestation {
  readonly entity: {
    /** As GitHub spells it. */
    readonly login: string
    /** In decimal digits, because an ID can be too large for a number. */
    readonly id: string
    readonly type: 'user' | 'organization'
  }
  /** The PAT's user. */
  readonly attestedBy: { readonly login: string; readonly id: string }
  /** When the PAT expires; undefined if it never expires, or if the response doesn't contain the date. */
  readonly patExpiresAt: Date | undefined
  /** The scopes of a classic PAT that this action doesn't need. Responses don't list the permissions of a fine-grained PAT. */
  readonly excessScopes: readonly string[]
}

/**
 * Verifies by IDs that the PAT's user is the entity, or an active owner of it.
 *
 * The three requests are sent in parallel, but judged in the order user, entity, membership, so that the outcome doesn't
 * depend on which response arrives first. Requests that no longer matter are aborted.
 *
 * @param entity a checked login in any letter case
 * @param server the GitHub server that links for single sign-on may lead to
 * @throws ActionError with any code that GitHub's responses lead to
 */
export async function attest(
  reader: Reader,
  entity: string,
  quote: (raw: string) => Quoted,
  server = PUBLIC_SERVER
): Promise<Attestation> {
  const leftovers = new AbortController()
  const read = (route: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const answer = reader.read(route, parameters, leftovers.signal)
    // It is awaited only if it still matters by then. Until then, a failure must not count as unhandled.
    answer.catch(() => undefined)
    return answer
  }
  const reads = {
    user: read('GET /user'),
    entity: read('GET /users/{username}', { username: entity }),
    membership: read('GET /user/memberships/orgs/{org}', { org: entity })
  }
  try {
    return await judge(reads, entity, { quote, server })
  } finally {
    leftovers.abort()
  }
}

const USER = "the PAT's user"
const ENTITY = 'the entity'

interface Reads {
  readonly user: Promise<Answer>
  readonly entity: Promise<Answer>
  readonly membership: Promise<Answer>
}

/** The only function that creates an Attestation. */
async function judge(reads: Reads, asked: string, context: Context): Promise<Attestation> {
  const { quote } = context
  const userAnswer = succeeded(await reads.user, USER, context)
  const user = account(userAnswer, USER)
  const patUser = quote(user.login)
  const patExpiresAt = expirationDate(userAnswer.headers['github-authentication-token-expiration'])

  const entityAnswer = await reads.entity
  requireNotRenamed(entityAnswer, quote(asked))
  if (entityAnswer.status === 404 && entityAnswer.isOwnRefusal)
    throw ActionError.of('entity-not-found', { entity: quote(asked), ...entityAnswer.trail })
  const entity = account(succeeded(entityAnswer, ENTITY, context), ENTITY)
  const name = quote(entity.login)
  // A cache or a mock server in between could return another account.
  if (!isSameLogin(entity.login, asked)) throw unexpected(entityAnswer, ENTITY, 'other-login')

  if (entity.type === 'User') {
    if (entity.id !== user.id) {
      throw ActionError.of('entity-mismatch', {
        ...entityAnswer.trail,
        entity: name,
        entityId: entity.id,
        patUser,
        patUserId: user.id
      })
    }
    return { entity: { ...entity, type: 'user' }, attestedBy: user, patExpiresAt, excessScopes: scopesIn(userAnswer) }
  }
  if (entity.type !== 'Organization') {
    throw ActionError.of('entity-unsupported', { ...entityAnswer.trail, entity: name, type: quote(entity.type) })
  }
  judgeMembership(await reads.membership, { user, entity, patUser, name }, context)
  const excessScopes = scopesIn(userAnswer).filter(scope => scope !== LEAST_SCOPE)
  return { entity: { ...entity, type: 'organization' }, attestedBy: user, patExpiresAt, excessScopes }
}
