// Owns the proof, from GitHub's answers, that the PAT's user is the entity or one of its admins. Never sees the PAT, never logs.

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

/** What is proven about the PAT's user and the entity. */
export interface Attestation {
  readonly entity: {
    /** As GitHub spells it. */
    readonly login: string
    /** Decimal digits: ids may be too large for a number. */
    readonly id: string
    readonly type: 'user' | 'organization'
  }
  /** The PAT's user. */
  readonly attestedBy: { readonly login: string; readonly id: string }
  /** When the PAT itself expires; undefined when never, or when GitHub does not say. */
  readonly patExpiresAt: Date | undefined
  /** The scopes of a classic PAT beyond what this needs. Of fine-grained PATs GitHub does not tell them. */
  readonly excessScopes: readonly string[]
}

/**
 * Proves that the PAT's user is the entity, or an active admin of it, by ids.
 *
 * The three reads go out side by side; they are judged in the order user, entity, membership, so that the outcome does not
 * depend on which answers first. Reads that no longer matter are given up.
 *
 * @param entity a login in any letter case, checked by runner/check-inputs.ts
 * @param server the GitHub that links for single sign-on may lead to
 * @throws ActionError any code that GitHub's answers lead to
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
    // Whether it still matters is known later; until then its failure must not count as unhandled.
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

/** The one gate: nothing else makes an Attestation. */
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
  // A cache or a mock server in between may answer for somebody else.
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
