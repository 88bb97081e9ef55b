// Builds GitHub's responses: the headers of every response, and the refusals, which tests stage.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { answer } from '../network/answers.ts'
import type { Answer } from '../network/answers.ts'
import type { Pat } from './population.ts'

const DOCS = 'https://docs.github.com/rest'
export const MEMBERSHIP_DOCS = '/orgs/members#get-an-organization-membership-for-the-authenticated-user'

/**
 * A refusal in GitHub's shape.
 *
 * @param message GitHub's words
 * @param headers besides those of every response; with `x-oauth-scopes`, it is for a classic PAT
 */
export function refusal(status: number, message: string, headers: OutgoingHttpHeaders = {}, docs = ''): Answer {
  return respond(status, { message, documentation_url: `${DOCS}${docs}`, status: `${status}` }, undefined, headers)
}

/** One function for each of GitHub's refusals. */
export const refusals = {
  badCredentials: (): Answer => refusal(401, 'Bad credentials'),
  requiresAuthentication: (): Answer =>
    refusal(401, 'Requires authentication', {}, '/users/users#get-the-authenticated-user'),
  notFound: (): Answer => refusal(404, 'Not Found'),
  /** A fine-grained PAT without Members: read. */
  patFineGrainedForbidden: (): Answer =>
    refusal(
      403,
      'Resource not accessible by personal access token',
      { 'x-accepted-github-permissions': 'members=read' },
      MEMBERSHIP_DOCS
    ),
  /** An app's token, such as GITHUB_TOKEN. */
  integration: (): Answer => refusal(403, 'Resource not accessible by integration', {}, MEMBERSHIP_DOCS),
  /** A classic PAT without read:org. */
  membershipForbidden: (scopes = ''): Answer =>
    refusal(
      403,
      'You do not have access to this organization membership.',
      { 'x-oauth-scopes': scopes, 'x-accepted-oauth-scopes': 'admin:org, read:org, repo, user, write:org' },
      MEMBERSHIP_DOCS
    ),
  /** @param url where the PAT can be authorized */
  sso: (url: string): Answer =>
    refusal(
      403,
      'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
      { 'x-github-sso': `required; url=${url}`, 'x-oauth-scopes': 'read:org' }
    ),
  classicForbidden: (org: string): Answer =>
    refusal(
      403,
      `\`${org}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.`,
      { 'x-oauth-scopes': 'read:org' }
    ),
  fineGrainedForbidden: (org: string): Answer =>
    refusal(
      403,
      `\`${org}\` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App, OAuth App, or a personal access token (classic).`
    ),
  lifetimeForbidden: (org: string): Answer =>
    refusal(
      403,
      `The '${org}' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 90 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/1001`
    ),
  ipAllowList: (org: string): Answer =>
    refusal(
      403,
      `Although you appear to have the correct authorization credentials, the \`${org}\` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.`
    ),
  suspended: (): Answer => refusal(403, 'Sorry. Your account was suspended.'),
  /** @param resetEpochSeconds when the limit resets */
  primaryRateLimit: (resetEpochSeconds: number, status: 403 | 429 = 403): Answer =>
    refusal(status, 'API rate limit exceeded for user ID 1001.', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-used': '5000',
      'x-ratelimit-reset': `${resetEpochSeconds}`
    }),
  /** @param retryAfterSeconds without it, neither header is sent */
  secondaryRateLimit: (retryAfterSeconds?: number, status: 403 | 429 = 403): Answer =>
    refusal(
      status,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` }
    )
}

/** A 404 for a PAT. */
export function notFound(docs: string, pat: Pat | undefined): Answer {
  return respond(404, { message: 'Not Found', documentation_url: `${DOCS}${docs}`, status: '404' }, pat)
}

let answered = 0

/** A response with the headers of all of GitHub's responses. */
export function respond(
  status: number,
  body: unknown,
  pat: Pat | undefined,
  headers: OutgoingHttpHeaders = {}
): Answer {
  return (request: IncomingMessage, response: ServerResponse) => {
    answered++
    const number = answered.toString(16).toUpperCase().padStart(6, '0')
    const version = request.headers['x-github-api-version']
    const all: OutgoingHttpHeaders = {
      'x-github-request-id': `C0DE:1A2B:${number}:3C4D5E:${(0x6900_0000 + answered).toString(16).toUpperCase()}`,
      'x-github-media-type': 'github.v3; format=json',
      ...(typeof version === 'string' ? { 'x-github-api-version-selected': version } : {}),
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': `${Math.max(1, 4999 - answered)}`,
      'x-ratelimit-used': `${Math.min(4999, answered)}`,
      'x-ratelimit-reset': `${Math.floor(Date.now() / 1000) + 3600}`,
      'x-ratelimit-resource': 'core',
      ...(pat?.kind === 'classic'
        ? { 'x-oauth-scopes': (pat.scopes ?? []).join(', '), 'x-accepted-oauth-scopes': '' }
        : {}),
      ...(pat?.expiresAt === undefined ? {} : { 'github-authentication-token-expiration': pat.expiresAt }),
      ...headers
    }
    // Only classic PATs have scopes.
    if (pat?.kind === 'fine-grained') delete all['x-accepted-oauth-scopes']
    return answer(status, body, all)(request, response)
  }
}
