// Owns the proof, from GitHub's answers, that the PAT's user is the entity or one of its admins. Never sees the PAT, never logs.

import { ActionError, PUBLIC_SERVER } from '../errors/action-error.ts'
import type { Reader } from '../github/octokit.ts'
import { property } from '../untrusted/json.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { PatKind, Policy } from '../errors/messages/github.ts'
import { QUOTED_CHARACTERS } from '../untrusted/quoted.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { LOGIN_LIMIT } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'

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
const MEMBERSHIP = 'the membership'

/** What every judgement needs. */
interface Context {
  readonly quote: (raw: string) => Quoted
  /** The GitHub that links may lead to. */
  readonly server: string
}

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
  const excessScopes = scopesIn(userAnswer).filter(scope => scope !== 'read:org')
  return { entity: { ...entity, type: 'organization' }, attestedBy: user, patExpiresAt, excessScopes }
}

interface Parties {
  readonly user: Account
  readonly entity: Account
  /** The two logins, fit to print. */
  readonly patUser: Quoted
  readonly name: Quoted
}

/** Returns only for an active admin of this very organization. */
function judgeMembership(answer: Answer, parties: Parties, context: Context): void {
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

// What GitHub answers, read without trusting it.

/** GitHub's words in a refusal: to be matched, never to be printed. */
function messageOf(answer: Pick<Answer, 'json'>): string {
  const message = property(answer.json, 'message')
  return typeof message === 'string' ? message : ''
}

function patKindOf({ headers }: Answer): PatKind {
  return headers['x-oauth-scopes'] === undefined ? 'fine-grained' : 'classic'
}

/** The scopes that GitHub tells of a classic PAT; what has not the form of one is left out. */
function scopesIn({ headers }: Answer): string[] {
  const scopes = (headers['x-oauth-scopes'] ?? '').split(',').map(scope => scope.trim())
  return scopes.filter(scope => /^[a-z][a-z_:]{0,40}$/.test(scope)).slice(0, 40)
}

/** The answer when it is a 200, else the failure that it stands for, whichever read it answers. */
function succeeded(answer: Answer, asked: string, context: Context): Answer {
  const { quote } = context
  const { status, headers, isOwnRefusal, trail } = answer
  if (status === 200) return answer
  if (status >= 300 && status < 400) {
    const location = headers['location']
    throw unexpected(answer, asked, 'redirect', location === undefined ? undefined : quote(location))
  }
  // A refusal counts as GitHub's only in GitHub's own form; the PAT must not be blamed for what a gateway says.
  if (!isOwnRefusal || status < 400)
    throw unexpected(answer, asked, [401, 403, 404, 511].includes(status) ? 'foreign' : 'status')
  if (status === 401) throw ActionError.of('pat-rejected', trail)
  throw (status === 403 ? forbidden(answer, context) : undefined) ?? unexpected(answer, asked, 'refused')
}

/** What a 403 of GitHub's stands for, when its words are known. */
function forbidden({ headers, trail, ...answer }: Answer, context: Context): ActionError | undefined {
  const message = messageOf(answer)
  const sso = headers['x-github-sso'] ?? ''
  if (SSO_REQUIRED.test(sso) || /SAML enforcement/i.test(message)) {
    return ActionError.of('sso-required', { ...trail, url: ssoUrl(sso, context) })
  }
  if (/not accessible by integration/i.test(message)) {
    return ActionError.of('pat-unsupported', { evidence: 'answer', ...trail })
  }
  // Asking again would count as one more failed login.
  if (LOGIN_LIMIT.test(message)) {
    return ActionError.of('github-rate-limited', { limit: 'logins', ...trail })
  }
  const policy = POLICIES.find(([pattern]) => pattern.test(message))?.[1]
  return policy && ActionError.of('policy-forbidden', { policy, ...trail })
}

/** GitHub's refusal texts, matched loosely: they are words for people, and they change. */
const POLICIES: readonly (readonly [RegExp, Policy])[] = [
  [/token'?s? lifetime|lifetime is greater/i, 'lifetime'],
  // Within the first sentence (the second one recommends the other kind), and within bounds, which keeps the time linear.
  [/access via[^.]{0,200}\(classic\)/i, 'classic'],
  [/access via[^.]{0,200}fine-grained/i, 'fine-grained'],
  [/IP\s+allow[\s-]*list/i, 'ip-allow-list'],
  [/OAuth App access restrictions|restricted (?:access )?(?:to )?OAuth app/i, 'oauth-app'],
  [/account\b[^.]{0,40}\bsuspended/i, 'suspended']
]

const NO_MEMBERS_PERMISSION =
  /not accessible by personal access token|do not have access to this organization membership/i

/** One header may hold several values; another kind only tells that results were left out. */
const SSO_REQUIRED = /(?:^|,\s*)required\b/i

/** The address where the PAT can be authorized, when the header names one on GitHub itself. */
function ssoUrl(header: string, { quote, server }: Context): Quoted | undefined {
  const urls = header.matchAll(
    /\burl=(https:\/\/[\w.:[\]-]{1,100}\/(?:orgs|enterprises)\/[\w.~/?&=%+-]{1,200})(?=$|[\s;,])/g
  )
  const servers = [server, PUBLIC_SERVER]
  // A link that is cut leads nowhere.
  const url = Array.from(urls, ([, found = '']) => found).find(
    each => each.length <= QUOTED_CHARACTERS && servers.some(known => each.startsWith(`${known}/`))
  )
  return url === undefined ? undefined : quote(url)
}

interface Account {
  readonly login: string
  readonly id: string
  readonly type: string
}

function account(answer: Answer, asked: string): Account {
  const login = property(answer.json, 'login')
  const id = idIn(answer.json)
  const type = property(answer.json, 'type')
  if (typeof login !== 'string' || !LOGIN.test(login) || id === undefined || typeof type !== 'string') {
    throw unexpected(answer, asked, 'not-described')
  }
  return { login, id, type }
}

/** A login is put into a URL and into outputs, so it is held to the characters that logins have. */
const LOGIN = /^[A-Za-z\d][A-Za-z\d_-]{0,99}(?:\[bot\])?$/

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

/** Letter case does not count in logins. What GitHub left out contradicts nothing. */
function isSameLogin(said: unknown, login: string): boolean {
  return said === undefined || (typeof said === 'string' && said.toLowerCase() === login.toLowerCase())
}

/** The `id` of an object in decimal digits; Octokit reads one beyond 2^53 as a bigint. */
function idIn(value: unknown): string | undefined {
  const id = property(value, 'id')
  const whole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id))
  return whole && id > 0 && id < MAX_ID ? String(id) : undefined
}

/** GitHub's ids are 64-bit integers; anything longer would be printed at any length. */
const MAX_ID = 2n ** 63n

/**
 * GitHub's date of expiration, such as `2026-12-30 10:15:26 UTC` or `2026-12-30 10:15:26 +0200`.
 *
 * @returns undefined for anything else, also for a date that no calendar has
 */
export function expirationDate(header: unknown): Date | undefined {
  const match = typeof header === 'string' ? EXPIRATION.exec(header.trim()) : null
  if (!match) return undefined
  const [, day = '', time = '', zone = ''] = match
  // Read as UTC first: a date that rolls over, such as the 30th of February, comes back as another.
  const asWritten = new Date(`${day}T${time}Z`)
  if (Number.isNaN(asWritten.getTime()) || !asWritten.toISOString().startsWith(`${day}T${time}`)) return undefined
  const date = new Date(`${day}T${time}${zone === 'UTC' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const EXPIRATION = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|[+-]\d{4})$/

function unexpected(
  answer: Answer,
  asked: string,
  surprise: Facts['github-unexpected']['surprise'],
  location?: Quoted
): ActionError {
  return ActionError.of('github-unexpected', {
    ...answer.trail,
    surprise,
    asked,
    status: answer.status,
    location,
    host: answer.host
  })
}
