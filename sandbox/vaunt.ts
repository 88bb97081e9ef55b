// Owns the model of Vaunt's API: who gets what on each documented route, and the exchange of a PAT for a signed token. What Vaunt does not document is an option here. Knows no server: see server.ts.
//
// Seen: the card of a public repository is served without authorization; a card counts the commits of the bot that commits it,
// and shows the bot with one of two pictures, now and then with none.
// Documented: the seven routes, which of them take a token, their query parameters, the frame of an answer and the fields in it.
// Assumed: every status but 200, the words of errors, what the other cards look like, and that names are compared letter by letter.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { SignJWT, generateKeyPair, jwtVerify } from 'jose'
import type { GenerateKeyPairResult } from 'jose'
import { findAccount, findMembership, findPat } from './github.ts'
import type { Population } from './github.ts'
import { answer } from './answers.ts'
import type { Answer } from './answers.ts'
import {
  DATA_TYPES,
  achievementDetails,
  contributionSummary,
  contributorDetails,
  entityDetails,
  repositoryDetails
} from './vaunt-objects.ts'
import { drawCard } from './vaunt-card.ts'
import type { Shown } from './vaunt-card.ts'
import { limitOf, pageOf } from './vaunt-pages.ts'
import type { Listed } from './vaunt-pages.ts'

const ISSUER = 'https://vaunt.sandbox.test'
const REPOSITORIES = ['anvil', 'boomerang', 'catapult', 'dynamite', 'earthquake-pills', 'flypaper', 'giant-magnet']

/** What a test may change at any time. */
export interface VauntSettings {
  /** Of a token, in seconds from now; negative: expired already; undefined: the token has no `exp`. */
  lifetimeSeconds: number | undefined
  /** Of every JSON answer; undefined: none is sent. */
  contentType: string | undefined
  /** How far Vaunt's clock is ahead: in the `Date` header and in the token's claims, in milliseconds. */
  clockAheadMs: number
  /** Logins, as Vaunt spells them, of the accounts that installed it. */
  readonly installedOn: string[]
  /** Whether the last page has a `next_cursor`, too (and the first one a `previous_cursor`), as the documentation can be read. */
  cursorOnLastPage: boolean
  /** Names of each owner's repositories, the newest first. */
  repositories: string[]
  /** Those of them that GitHub deleted. */
  deletedRepositories: string[]
  /** Full names of the public repositories: their cards need no authorization. */
  publicRepositories: string[]
  /** What the next cards show, one refresh after another, and then the last one for ever; when empty, the contributors below. */
  series: (readonly Shown[])[]
  /** Logins of those who contribute, the most active first. */
  contributors: string[]
  /** Names of everybody's achievements, the newest first. */
  achievements: string[]
}

export interface VauntModel {
  readonly answer: Answer
  readonly settings: VauntSettings
  /** Every token it handed out, in order. */
  readonly tokens: string[]
  /** Signs a token (ES256) for an entity, by the settings. */
  issueToken(entity: string): Promise<string>
  /** The settings of the start again; forgets the tokens handed out (they stay valid). */
  reset(): void
}

/** What a route was asked for. */
interface Asked {
  readonly name: string
  readonly repository: string | undefined
  readonly query: URLSearchParams
}

/** Makes the model; it knows the PATs of the population as GitHub does. */
export async function createVaunt(population: Population): Promise<VauntModel> {
  const vaunt: Vaunt = {
    population,
    keys: await generateKeyPair('ES256'),
    settings: defaultSettings(),
    tokens: [],
    cards: 0
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
      vaunt.cards = 0
    }
  }
}

/** What the routes share. */
interface Vaunt {
  readonly population: Population
  readonly keys: GenerateKeyPairResult
  readonly settings: VauntSettings
  readonly tokens: string[]
  /** How many cards of repositories it has drawn. */
  cards: number
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
      return knownAccount(vaunt, name) === undefined ? noData(vaunt) : listContributors(vaunt, asked)
    case '/achievements':
      return listAchievements(vaunt, asked)
    case '/token':
      return exchange(vaunt, request, name)
    case '/repositories':
      return (await holdsToken(vaunt, request, name)) ? listRepositories(vaunt, asked) : unauthorized(vaunt)
  }
  const [, repository] = /^\/repositories\/([^/]+)\/contributors$/.exec(rest) ?? []
  if (repository === undefined) return json(vaunt, 404, { message: 'not found', code: 0 })
  const isPublic = vaunt.settings.publicRepositories.includes(`${name}/${repository}`)
  if (!isPublic && !(await holdsToken(vaunt, request, name))) return unauthorized(vaunt)
  return query.get('format') === 'svg'
    ? showCard(vaunt, name, repository, query)
    : listContributors(vaunt, { ...asked, repository })
}

/** `GET /v1/github/entities/:name`, which has no card. */
function showEntity(vaunt: Vaunt, { name, query }: Asked): Answer {
  const account = knownAccount(vaunt, name)
  return account === undefined ? noData(vaunt) : list(vaunt, [entityDetails(account)], query, DATA_TYPES.entity)
}

/** `GET /v1/github/entities/:name/repositories` */
function listRepositories(vaunt: Vaunt, { name: owner, query }: Asked): Answer {
  const { repositories: names, deletedRepositories } = vaunt.settings
  const repositories = names.map((name, age) => ({
    ...repositoryDetails(owner, name, age),
    deleted: deletedRepositories.includes(name)
  }))
  return list(vaunt, repositories, query, DATA_TYPES.repository)
}

/** `GET /v1/github/entities/:name/repositories/:repo_name/contributors`, and the same without a repository. */
function listContributors(vaunt: Vaunt, { name, repository, query }: Asked): Answer {
  if (repository !== undefined && !vaunt.settings.repositories.includes(repository)) return noData(vaunt)
  const contributors = vaunt.settings.contributors.map((login, age) =>
    contributorDetails(login, findAccount(vaunt.population, login), age)
  )
  const title = `Contributors of ${repository === undefined ? name : `${name}/${repository}`}`
  return show(vaunt, query, DATA_TYPES.contributor, contributors, title, vaunt.settings.contributors)
}

/** The card of a repository's contributors. */
function showCard(vaunt: Vaunt, owner: string, repository: string, query: URLSearchParams): Answer {
  const { settings } = vaunt
  const isKnown =
    settings.repositories.includes(repository) || settings.publicRepositories.includes(`${owner}/${repository}`)
  if (!isKnown) return noData(vaunt)
  const limit = limitOf(query)
  if (limit === undefined) return formatError(vaunt)
  const next = settings.series.length > 1 ? settings.series.shift() : settings.series[0]
  const shown = next ?? contributorsOf(vaunt, `${owner}/${repository}`)
  vaunt.cards++
  return svg(vaunt, drawCard(`${owner}/${repository}`, shown.slice(0, limit)))
}

/** The people of the settings, and the bot with its commits on the default branch, the most active first. */
function contributorsOf({ settings, population, cards }: Vaunt, fullName: string): Shown[] {
  const people = settings.contributors.map((name, age) => ({
    name,
    contributions: Math.max(1, 247 - 50 * age),
    picture: name
  }))
  const repository = population.repositories.get(fullName.toLowerCase())
  const history = repository?.history(repository.defaultBranch) ?? []
  const contributions = history.filter(({ author }) => author.name === BOT).length
  // The bot's picture flips between two encodings, and every fifth card has none.
  const picture = cards % 5 === 4 ? '' : `${BOT} ${cards % 2}`
  const bots = contributions === 0 ? [] : [{ name: BOT, contributions, picture }]
  return [...people, ...bots].sort((one, other) => other.contributions - one.contributions)
}

const BOT = 'github-actions[bot]'

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
    // Two tokens of one second differ all the same.
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

/** A list as JSON, which is the default, or as a card with a line for each of its first objects. */
function show(
  vaunt: Vaunt,
  query: URLSearchParams,
  dataType: number,
  items: readonly Listed[],
  title: string,
  lines: readonly string[],
  linesOnCard = limitOf(query)
): Answer {
  const format = query.get('format') ?? 'json'
  if (format === 'json') return list(vaunt, items, query, dataType)
  if (format !== 'svg' || linesOnCard === undefined) return formatError(vaunt)
  return card(vaunt, title, lines.slice(0, linesOnCard))
}

function list(vaunt: Vaunt, items: readonly Listed[], query: URLSearchParams, dataType: number): Answer {
  const page = pageOf(items, query, vaunt.settings.cursorOnLastPage)
  if (page === undefined) return formatError(vaunt)
  const { items: data, ...cursors } = page
  return json(vaunt, 200, { meta_data: { count: data.length, data_type: dataType }, data, ...cursors })
}

function card(vaunt: Vaunt, title: string, lines: readonly string[]): Answer {
  const rows = lines.map((line, index) => `  <text x="8" y="${24 * (index + 1)}">${line}</text>\n`).join('')
  const drawing =
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="${24 * (lines.length + 1)}">\n` +
    `  <title>${title}</title>\n${rows}</svg>\n`
  return svg(vaunt, drawing)
}

function svg(vaunt: Vaunt, drawing: string): Answer {
  return answer(200, drawing, { ...dateHeader(vaunt), 'content-type': 'image/svg+xml' })
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

function defaultSettings(): VauntSettings {
  return {
    lifetimeSeconds: 3600,
    contentType: 'application/json',
    clockAheadMs: 0,
    installedOn: ['Mona', 'mona_acme', 'hubot', 'newcomer', 'Acme-Labs'],
    cursorOnLastPage: true,
    repositories: [...REPOSITORIES],
    deletedRepositories: [],
    publicRepositories: [],
    series: [],
    contributors: ['Mona', 'hubot', 'newcomer'],
    achievements: ['First pull request', 'Merge hero']
  }
}
