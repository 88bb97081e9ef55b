// Models Vaunt's API: who gets what on each documented route, and the exchange of a PAT for a signed token. What Vaunt doesn't document is a setting. The server is in network/server.ts.
//
// Documented: the seven routes, which of them take a token, their query parameters, the frame of an answer and the fields in it.
// Seen in public repositories: what a contributors card looks like, and that public ones are served without a token.
// Assumed: every status but 200, the words of errors, what the other cards look like, and that names are compared letter by letter.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { SignJWT, generateKeyPair, jwtVerify } from 'jose'
import type { GenerateKeyPairResult } from 'jose'
import { findAccount, findMembership, findPat } from '../github/population.ts'
import type { Population } from '../github/population.ts'
import { answer } from '../network/answers.ts'
import type { Answer } from '../network/answers.ts'
import { drawCard, drawLines } from './card.ts'
import { contributorsOnCard, countContributions } from './contributors.ts'
import {
  DATA_TYPES,
  achievementDetails,
  contributionSummary,
  contributorDetails,
  entityDetails,
  repositoryDetails
} from './objects.ts'
import { limitOf, pageOf } from './pages.ts'
import type { Listed } from './pages.ts'
import { defaultSettings } from './settings.ts'
import type { VauntSettings } from './settings.ts'

const ISSUER = 'https://vaunt.sandbox.test'

export interface VauntModel {
  readonly answer: Answer
  readonly settings: VauntSettings
  /** Every issued token, in order. */
  readonly tokens: string[]
  /** Signs a token (ES256) for an entity, by the settings. */
  issueToken(entity: string): Promise<string>
  /** Restores the initial settings, and forgets the issued tokens, which remain valid. */
  reset(): void
}

/** The request to a route. */
interface Asked {
  readonly name: string
  readonly repository: string | undefined
  readonly query: URLSearchParams
}

/** Creates the model, which knows the PATs of the population, like GitHub. */
export async function createVaunt(population: Population): Promise<VauntModel> {
  const vaunt: Vaunt = {
    population,
    keys: await generateKeyPair('ES256'),
    settings: defaultSettings(),
    tokens: [],
    cardsDrawn: 0
  }
  const { settings, tokens } = vaunt
  return {
    settings,
    tokens,
    issueToken: entity => issueToken(vaunt, entity),
    async answer(request, response) {
      const chosen = await route(vaunt, request)
      await chosen(request, response)
    },
    reset() {
      Object.assign(settings, defaultSettings())
      tokens.length = 0
      vaunt.cardsDrawn = 0
    }
  }
}

/** The state that the routes share. */
interface Vaunt {
  readonly population: Population
  readonly keys: GenerateKeyPairResult
  readonly settings: VauntSettings
  readonly tokens: string[]
  /** The number of contributors cards drawn. */
  cardsDrawn: number
}

async function route(vaunt: Vaunt, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams: query } = new URL(request.url ?? '', ISSUER)
  const [, name = '', rest = ''] = /^\/v1\/github\/entities\/([^/]+)((?:\/[^/]+)*)$/.exec(pathname) ?? []
  if (request.method !== 'GET' || name === '') return json(vaunt, 404, { message: 'not found', code: 0 })
  const asked: Asked = { name, repository: undefined, query }
  switch (rest) {
    case '':
      return showEntity(vaunt, asked)
    case '/contributions':
      return showContributions(vaunt, asked)
    case '/contributors':
      return knownAccount(vaunt, name) === undefined ? noData(vaunt) : showContributors(vaunt, asked)
    case '/achievements':
      return listAchievements(vaunt, asked)
    case '/token':
      return exchange(vaunt, request, name)
    case '/repositories':
      return (await holdsToken(vaunt, request, name)) ? listRepositories(vaunt, asked) : unauthorized(vaunt)
  }
  const [, repository] = /^\/repositories\/([^/]+)\/contributors$/.exec(rest) ?? []
  if (repository === undefined) return json(vaunt, 404, { message: 'not found', code: 0 })
  if (request.headers.authorization === undefined) {
    return isPublic(vaunt, name, repository)
      ? showContributors(vaunt, { ...asked, repository })
      : refuseWithoutToken(vaunt)
  }
  return (await holdsToken(vaunt, request, name))
    ? showContributors(vaunt, { ...asked, repository })
    : unauthorized(vaunt)
}

/** `GET /v1/github/entities/:name`, which has no card. */
function showEntity(vaunt: Vaunt, { name, query }: Asked): Answer {
  const account = knownAccount(vaunt, name)
  return account === undefined ? noData(vaunt) : list(vaunt, [entityDetails(account)], query, DATA_TYPES.entity)
}

/** `GET /v1/github/entities/:name/repositories` */
function listRepositories(vaunt: Vaunt, { name: owner, query }: Asked): Answer {
  const { repositories, deletedRepositories } = vaunt.settings
  const details = repositories.map((name, age) => ({
    ...repositoryDetails(owner, name, age),
    private: age % 2 === 0 && !isPublic(vaunt, owner, name),
    deleted: deletedRepositories.includes(name)
  }))
  return list(vaunt, details, query, DATA_TYPES.repository)
}

/** `GET /v1/github/entities/:name/repositories/:repo_name/contributors`, and the same without a repository. */
function showContributors(vaunt: Vaunt, { name, repository, query }: Asked): Answer {
  const { settings, population } = vaunt
  if (repository !== undefined && !hasRepository(vaunt, name, repository)) return noData(vaunt)
  const counts = countContributions(settings, population.repositories.get(`${name}/${repository ?? ''}`.toLowerCase()))
  const format = formatOf(query)
  if (format === undefined) return formatError(vaunt)
  if (format === 'svg') {
    const title = repository === undefined ? name : `${name}/${repository}`
    const contributors = contributorsOnCard(settings, counts, vaunt.cardsDrawn++)
    return card(vaunt, drawCard(title, contributors.slice(0, limitOf(query))))
  }
  const details = counts.map(([login, contributions], age) => ({
    ...contributorDetails(login, findAccount(population, login), age),
    contributions
  }))
  return list(vaunt, details, query, DATA_TYPES.contributor)
}

function hasRepository(vaunt: Vaunt, owner: string, name: string): boolean {
  const { repositories, deletedRepositories } = vaunt.settings
  return !deletedRepositories.includes(name) && (repositories.includes(name) || isPublic(vaunt, owner, name))
}

function isPublic({ settings }: Vaunt, owner: string, name: string): boolean {
  return settings.publicRepositories.includes(`${owner}/${name}`)
}

/** `GET /v1/github/entities/:name/contributions`; documented as public, `private=true` too. */
function showContributions(vaunt: Vaunt, { name, query }: Asked): Answer {
  const account = knownAccount(vaunt, name)
  if (account === undefined) return noData(vaunt)
  const included = query.get('private') ?? 'false'
  if (included !== 'true' && included !== 'false') return formatError(vaunt)
  const contributions = contributionSummary(included === 'true')
  const entity = { ...entityDetails(account), contributions }
  const lines = Object.entries(contributions).map(([what, count]) => `${what.replaceAll('_', ' ')}: ${count}`)
  return show(vaunt, query, DATA_TYPES.entity, [entity], `Contributions of ${name}`, lines, lines.length)
}

/** `GET /v1/github/entities/:name/achievements` */
function listAchievements(vaunt: Vaunt, { name, query }: Asked): Answer {
  if (knownAccount(vaunt, name) === undefined) return noData(vaunt)
  const achievements = vaunt.settings.achievements.map((each, age) => achievementDetails(name, each, age))
  return show(
    vaunt,
    query,
    DATA_TYPES.achievement,
    achievements,
    `Achievements of ${name}`,
    vaunt.settings.achievements
  )
}

/** `GET /v1/github/entities/:entity/token` */
async function exchange(vaunt: Vaunt, request: IncomingMessage, entity: string): Promise<Answer> {
  const pat = findPat(vaunt.population, request)
  if (pat === undefined) return unauthorized(vaunt)
  if (!vaunt.settings.installedOn.includes(entity)) {
    return json(vaunt, 404, { error: { message: 'entity not found', code: 2 } })
  }
  const membership = findMembership(vaunt.population, entity, pat.user)
  const isAdmin = membership?.state === 'active' && membership.role === 'admin'
  if (findAccount(vaunt.population, pat.user)?.login !== entity && !isAdmin) return unauthorized(vaunt)
  return json(vaunt, 200, {
    meta_data: { count: 1, data_type: DATA_TYPES.token },
    data: { token: await issueToken(vaunt, entity) }
  })
}

async function issueToken(vaunt: Vaunt, entity: string): Promise<string> {
  const now = Math.floor((Date.now() + vaunt.settings.clockAheadMs) / 1000)
  const jwt = new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setSubject(entity)
    .setIssuer(ISSUER)
    .setIssuedAt(now)
    // Two tokens from the same second must differ.
    .setJti(crypto.randomUUID())
  if (vaunt.settings.lifetimeSeconds !== undefined) jwt.setExpirationTime(now + vaunt.settings.lifetimeSeconds)
  const token = await jwt.sign(vaunt.keys.privateKey)
  vaunt.tokens.push(token)
  return token
}

async function holdsToken(vaunt: Vaunt, request: IncomingMessage, owner: string): Promise<boolean> {
  const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  try {
    await jwtVerify(token, vaunt.keys.publicKey, {
      issuer: ISSUER,
      subject: owner,
      currentDate: new Date(Date.now() + vaunt.settings.clockAheadMs)
    })
    return true
  } catch {
    return false
  }
}

function knownAccount(vaunt: Vaunt, name: string): ReturnType<typeof findAccount> {
  const account = findAccount(vaunt.population, name)
  return account?.login === name ? account : undefined
}

/** A list as JSON (the default), or as a card with one line for each of its first objects. */
function show(
  vaunt: Vaunt,
  query: URLSearchParams,
  dataType: number,
  items: readonly Listed[],
  title: string,
  lines: readonly string[],
  linesOnCard = limitOf(query)
): Answer {
  const format = formatOf(query)
  if (format === undefined) return formatError(vaunt)
  if (format === 'json') return list(vaunt, items, query, dataType)
  return card(vaunt, drawLines(title, lines.slice(0, linesOnCard)))
}

/** JSON by default; undefined for a query in the wrong format. */
function formatOf(query: URLSearchParams): 'json' | 'svg' | undefined {
  const format = query.get('format') ?? 'json'
  if (format === 'json') return format
  return format === 'svg' && limitOf(query) !== undefined ? format : undefined
}

function list(vaunt: Vaunt, items: readonly Listed[], query: URLSearchParams, dataType: number): Answer {
  const page = pageOf(items, query, vaunt.settings.cursorOnLastPage)
  if (page === undefined) return formatError(vaunt)
  const { items: data, ...cursors } = page
  return json(vaunt, 200, { meta_data: { count: data.length, data_type: dataType }, data, ...cursors })
}

function card(vaunt: Vaunt, svg: string): Answer {
  return answer(200, svg, { ...dateHeader(vaunt), 'content-type': 'image/svg+xml' })
}

function refuseWithoutToken(vaunt: Vaunt): Answer {
  const status = vaunt.settings.statusWithoutToken
  return status === 404 ? noData(vaunt) : json(vaunt, status, { error: { message: 'unauthorized', code: 0 } })
}

function unauthorized(vaunt: Vaunt): Answer {
  return json(vaunt, 401, { error: { message: 'unauthorized', code: 0 } })
}

function noData(vaunt: Vaunt): Answer {
  return json(vaunt, 404, { error: { message: 'no data', code: 2 } })
}

function formatError(vaunt: Vaunt): Answer {
  return json(vaunt, 400, { error: { message: 'format error', code: 3 } })
}

function json(vaunt: Vaunt, status: number, body: unknown): Answer {
  const type = vaunt.settings.contentType === undefined ? {} : { 'content-type': vaunt.settings.contentType }
  return answer(status, JSON.stringify(body), { ...dateHeader(vaunt), ...type })
}

function dateHeader(vaunt: Vaunt): OutgoingHttpHeaders {
  return vaunt.settings.clockAheadMs === 0
    ? {}
    : { date: new Date(Date.now() + vaunt.settings.clockAheadMs).toUTCString() }
}
