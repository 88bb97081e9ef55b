// Turns GitHub's refusals into failures, for any of the requests.

import { ActionError, PUBLIC_SERVER } from '../errors/action-error.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { Policy } from '../errors/messages/github.ts'
import { API_VERSION } from '../github/octokit.ts'
import { LOGIN_LIMIT, surpriseOf } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'
import { property, textIn } from '../untrusted/json.ts'
import { QUOTED_CHARACTERS } from '../untrusted/quoted.ts'
import type { Quoted } from '../untrusted/quoted.ts'

/** What is needed to judge any response. */
export interface Context {
  readonly quote: (raw: string) => Quoted
  /** The GitHub server that links may lead to. */
  readonly server: string
}

/** Returns a response with the status 200, and throws the failure for any other. */
export function succeeded(answer: Answer, asked: string, context: Context): Answer {
  const { quote } = context
  const { status, headers, isOwnRefusal, trail } = answer
  if (status === 200) return answer
  // A refusal counts as GitHub's own only in GitHub's format, so that the PAT isn't blamed for a gateway's page.
  if (!isOwnRefusal || status < 400) {
    const surprise = surpriseOf(status)
    const location = surprise === 'redirect' ? headers['location'] : undefined
    throw unexpected(answer, asked, surprise, { location: location === undefined ? undefined : quote(location) })
  }
  if (status === 401) throw ActionError.of('pat-rejected', trail)
  if (isEndOfVersion(answer)) throw unexpected(answer, asked, 'api-version', { detail: API_VERSION })
  throw (status === 403 ? forbidden(answer, context) : undefined) ?? unexpected(answer, asked, 'refused')
}

/**
 * Refuses an account that was renamed: for its old login, GitHub redirects to the account's ID, with its own JSON.
 *
 * @param login the login that was requested
 * @throws ActionError `entity-not-found`
 */
export function requireNotRenamed(answer: Answer, login: Quoted): void {
  const { status, headers, json, isOwnRefusal, trail } = answer
  if (![301, 302, 307, 308].includes(status) || !isOwnRefusal) return
  const url = property(json, 'url') ?? headers['location']
  const path = typeof url === 'string' ? (URL.parse(url)?.pathname ?? '') : ''
  // A gateway can respond with JSON, too, but its redirect leads to a login page, not to an account.
  if (!/\/(?:users?|orgs|organizations)\//.test(path)) return
  const id = /\/(?:user|organizations)\/(\d{1,19})(?:\/|$)/.exec(path)?.[1]
  throw ActionError.of('entity-not-found', { ...trail, entity: login, renamed: { status, id } })
}

/** Tells whether GitHub no longer supports the requested version of its API. */
function isEndOfVersion(answer: Answer): boolean {
  const message = messageOf(answer)
  if (answer.status === 410) return /version/i.test(message)
  return answer.status === 400 && /version/i.test(message) && /support|api.?version/i.test(message)
}

/** Returns the failure that a 403 from GitHub stands for, if its headers or words are known. */
export function forbidden({ headers, trail, ...answer }: Answer, context: Context): ActionError | undefined {
  const message = messageOf(answer)
  const sso = headers['x-github-sso'] ?? ''
  if (SSO_REQUIRED.test(sso) || /SAML enforcement/i.test(message)) {
    return ActionError.of('sso-required', { ...trail, url: ssoUrl(sso, context) })
  }
  if (/not accessible by integration/i.test(message)) {
    return ActionError.of('pat-unsupported', { evidence: 'answer', ...trail })
  }
  // This isn't retried, because another attempt would count as one more failed login.
  if (LOGIN_LIMIT.test(message)) {
    return ActionError.of('github-rate-limited', { limit: 'logins', ...trail })
  }
  const policy = POLICIES.find(([pattern]) => pattern.test(message))?.[1]
  return policy && ActionError.of('policy-forbidden', { policy, ...trail })
}

/** Parts of GitHub's messages. They are matched loosely, because GitHub can reword them. */
const POLICIES: readonly (readonly [RegExp, Policy])[] = [
  [/token'?s? lifetime|lifetime is greater/i, 'lifetime'],
  // The match stays in the first sentence, because the second one recommends the other kind. The bound keeps the time linear.
  [/access via[^.]{0,200}\(classic\)/i, 'classic'],
  [/access via[^.]{0,200}fine-grained/i, 'fine-grained'],
  [/IP\s+allow[\s-]*list/i, 'ip-allow-list'],
  [/OAuth App access restrictions|restricted (?:access )?(?:to )?OAuth app/i, 'oauth-app'],
  [/account\b[^.]{0,40}\bsuspended/i, 'suspended']
]

/** The header can contain several values. Values other than `required` only report omitted results. */
const SSO_REQUIRED = /(?:^|,\s*)required\b/i

/** Returns the URL where the PAT can be authorized, if the header contains one on the GitHub server itself. */
function ssoUrl(header: string, { quote, server }: Context): Quoted | undefined {
  const urls = header.matchAll(
    /\burl=(https:\/\/[\w.:[\]-]{1,100}\/(?:orgs|enterprises)\/[\w.~/?&=%+-]{1,200})(?=$|[\s;,])/g
  )
  const servers = [server, PUBLIC_SERVER]
  // A truncated link would lead nowhere, so a longer one is ignored.
  const url = Array.from(urls, ([, found = '']) => found).find(
    each => each.length <= QUOTED_CHARACTERS && servers.some(known => each.startsWith(`${known}/`))
  )
  return url === undefined ? undefined : quote(url)
}

/** Returns GitHub's message in a refusal. It is only matched, never printed. */
export function messageOf(answer: Pick<Answer, 'json'>): string {
  return textIn(answer.json, 'message') ?? ''
}

/** Creates the failure for a response that GitHub's API doesn't describe. */
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
