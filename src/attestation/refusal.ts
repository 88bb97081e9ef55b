// Owns why GitHub refuses, whichever read it refuses: an answer that is no 200 becomes the failure that it stands for.

import { ActionError, PUBLIC_SERVER } from '../errors/action-error.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { Policy } from '../errors/messages/github.ts'
import { API_VERSION } from '../github/octokit.ts'
import { LOGIN_LIMIT } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'
import { property } from '../untrusted/json.ts'
import { QUOTED_CHARACTERS } from '../untrusted/quoted.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** What every judgement needs. */
export interface Context {
  readonly quote: (raw: string) => Quoted
  /** The GitHub that links may lead to. */
  readonly server: string
}

/** The answer when it is a 200, else the failure that it stands for, whichever read it answers. */
export function succeeded(answer: Answer, asked: string, context: Context): Answer {
  const { quote } = context
  const { status, headers, isOwnRefusal, trail } = answer
  if (status === 200) return answer
  // 304 says that nothing changed, and leads nowhere.
  if (status >= 300 && status < 400 && status !== 304) {
    const location = headers['location']
    throw unexpected(answer, asked, 'redirect', location === undefined ? {} : { location: quote(location) })
  }
  // A refusal counts as GitHub's only in GitHub's own form; the PAT must not be blamed for what a gateway says.
  if (!isOwnRefusal || status < 400)
    throw unexpected(answer, asked, [401, 403, 404, 511].includes(status) ? 'foreign' : 'status')
  if (status === 401) throw ActionError.of('pat-rejected', trail)
  if (isEndOfVersion(answer)) throw unexpected(answer, asked, 'api-version', { detail: API_VERSION })
  throw (status === 403 ? forbidden(answer, context) : undefined) ?? unexpected(answer, asked, 'refused')
}

/**
 * Refuses an account that GitHub keeps under another login: it answers with a redirect in its own JSON, to the account's id.
 *
 * @param login as it was asked for
 * @throws ActionError `entity-not-found`
 */
export function requireNotRenamed(answer: Answer, login: Quoted): void {
  const { status, headers, json, isOwnRefusal, trail } = answer
  if (![301, 302, 307, 308].includes(status) || !isOwnRefusal) return
  const url = property(json, 'url') ?? headers['location']
  const path = typeof url === 'string' ? (URL.parse(url)?.pathname ?? '') : ''
  // A gateway may answer in JSON as well, but it leads to a login page and not to an account.
  if (!/\/(?:users?|orgs|organizations)\//.test(path)) return
  const id = /\/(?:user|organizations)\/(\d{1,19})(?:\/|$)/.exec(path)?.[1]
  throw ActionError.of('entity-not-found', { ...trail, entity: login, renamed: { status, id } })
}

/** Whether GitHub refuses because the version of its API that was asked for is not supported anymore. */
function isEndOfVersion(answer: Answer): boolean {
  const message = messageOf(answer)
  if (answer.status === 410) return /version/i.test(message)
  return answer.status === 400 && /version/i.test(message) && /support|api.?version/i.test(message)
}

/** What a 403 of GitHub's stands for, when its words are known. */
export function forbidden({ headers, trail, ...answer }: Answer, context: Context): ActionError | undefined {
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

/** GitHub's words in a refusal: to be matched, never to be printed. */
export function messageOf(answer: Pick<Answer, 'json'>): string {
  const message = property(answer.json, 'message')
  return typeof message === 'string' ? message : ''
}

/** An answer that GitHub's API does not describe. */
export function unexpected(
  answer: Answer,
  asked: string,
  surprise: Facts['github-unexpected']['surprise'],
  details: Pick<Facts['github-unexpected'], 'location' | 'detail'> = {}
): ActionError {
  return ActionError.of('github-unexpected', {
    ...answer.trail,
    surprise,
    asked,
    status: answer.status,
    host: answer.host,
    ...details
  })
}
