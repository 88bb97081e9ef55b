// Owns why GitHub refuses, whichever read it refuses: an answer that is no 200 becomes the failure that it stands for.

import { ActionError, PUBLIC_SERVER } from '../errors/action-error.ts'
import type { Facts } from '../errors/catalogue.ts'
import type { Policy } from '../errors/messages/github.ts'
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

/** One header may hold several values; another kind only tells that results were left out. */
export const SSO_REQUIRED = /(?:^|,\s*)required\b/i

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
