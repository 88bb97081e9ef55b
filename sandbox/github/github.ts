// Models GitHub's REST API: how it responds to whom, in GitHub's own shapes and words. The server is in network/server.ts.

import type { Answer } from '../network/answers.ts'
import { answerRepository } from '../git/endpoints.ts'
import { membershipBody, privateUserBody, publicUserBody } from './bodies.ts'
import { bearerOf, findAccount, findMembership, findPat, isSame } from './population.ts'
import type { Pat, Population } from './population.ts'
import { MEMBERSHIP_DOCS, notFound, refusals, respond } from './responses.ts'

/** Responds like GitHub: to the endpoints for the attestation and for repositories, and with 404 to all others. */
export function githubModel(population: Population): Answer {
  return async (request, response) => {
    const pat = findPat(population, request)
    const bearer = bearerOf(request)
    const token = population.commitTokens.findLast(each => each.token === bearer)
    if (bearer !== undefined && pat === undefined && token === undefined) {
      return refusals.badCredentials()(request, response)
    }
    const reply = await answerRepository(request, population.repositories, token)
    if (reply) return respond(reply.status, reply.body, pat, reply.headers)(request, response)
    const path = (request.url ?? '').split('?')[0] ?? ''
    const [, name = ''] = /^\/users\/([^/]+)$/.exec(path) ?? []
    const [, org = ''] = /^\/user\/memberships\/orgs\/([^/]+)$/.exec(path) ?? []
    if (request.method !== 'GET') return notFound('', pat)(request, response)
    if (path === '/user') return ownUser(population, pat)(request, response)
    if (name !== '') return user(population, pat, decode(name))(request, response)
    if (org !== '') return membership(population, pat, decode(org))(request, response)
    return notFound('', pat)(request, response)
  }
}

function ownUser(population: Population, pat: Pat | undefined): Answer {
  const account = pat && findAccount(population, pat.user)
  if (account === undefined) return refusals.requiresAuthentication()
  return respond(200, pat?.scopes?.includes('user') === true ? privateUserBody(account) : publicUserBody(account), pat)
}

function user(population: Population, pat: Pat | undefined, login: string): Answer {
  const account = findAccount(population, login)
  return account === undefined
    ? notFound('/users/users#get-a-user', pat)
    : respond(200, publicUserBody(account), pat, { 'x-accepted-oauth-scopes': '' })
}

function membership(population: Population, pat: Pat | undefined, login: string): Answer {
  if (pat === undefined) return refusals.requiresAuthentication()
  const organization = findAccount(population, login)
  const account = findAccount(population, pat.user)
  if (organization?.type !== 'Organization' || account === undefined) return notFound(MEMBERSHIP_DOCS, pat)
  if (pat.kind === 'classic') {
    const accepted = ['admin:org', 'read:org', 'write:org']
    if (!accepted.some(scope => pat.scopes?.includes(scope))) {
      return refusals.membershipForbidden((pat.scopes ?? []).join(', '))
    }
  } else {
    if (!isSame(pat.resourceOwner ?? pat.user, organization.login)) return notFound(MEMBERSHIP_DOCS, pat)
    if (pat.members !== true) return refusals.patFineGrainedForbidden()
  }
  const found = findMembership(population, organization.login, account.login)
  return found === undefined
    ? notFound(MEMBERSHIP_DOCS, pat)
    : respond(200, membershipBody(organization, account, found), pat, {
        'x-accepted-oauth-scopes': 'admin:org, read:org, write:org'
      })
}
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
