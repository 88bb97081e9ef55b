// Owns the model of Vaunt's API: the exchange of a PAT for a signed token, and the two routes that take the token. What Vaunt does not document is an option here. Knows no server: see server.ts.

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { SignJWT, generateKeyPair, jwtVerify } from 'jose'
import type { GenerateKeyPairResult } from 'jose'
import { findAccount, findMembership, findPat } from './github.ts'
import type { Population } from './github.ts'
import { answer } from './answers.ts'
import type { Answer } from './answers.ts'

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
  /** Whether the last page has a cursor, too. */
  cursorOnLastPage: boolean
  /** Names of each owner's repositories. */
  repositories: string[]
  /** Logins on the contributors' card, the most active first. */
  contributors: string[]
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

/** Makes the model; it knows the PATs of the population as GitHub does. */
export async function createVaunt(population: Population): Promise<VauntModel> {
  const vaunt: Vaunt = { population, keys: await generateKeyPair('ES256'), settings: defaultSettings(), tokens: [] }
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
    }
  }
}

/** What the routes share. */
interface Vaunt {
  readonly population: Population
  readonly keys: GenerateKeyPairResult
  readonly settings: VauntSettings
  readonly tokens: string[]
}

async function route(vaunt: Vaunt, request: IncomingMessage): Promise<Answer> {
  const { settings } = vaunt
  const url = new URL(request.url ?? '', ISSUER)
  const [, entity = '', kind, repository, rest] =
    /^\/v1\/github\/entities\/([^/]+)\/(token|repositories)(?:\/([^/]+)\/(contributors))?$/.exec(url.pathname) ?? []
  if (request.method !== 'GET' || kind === undefined) return json(settings, 404, { message: 'not found', code: 0 })
  if (kind === 'token') {
    return rest === undefined
      ? exchange(vaunt, request, entity)
      : json(settings, 404, { message: 'not found', code: 0 })
  }
  if (!(await holdsToken(vaunt, request, entity))) return unauthorized(settings)
  return repository === undefined
    ? listRepositories(settings, entity, url.searchParams)
    : drawCard(settings, entity, repository, url.searchParams)
}

/** `GET /v1/github/entities/:entity/token` */
async function exchange(vaunt: Vaunt, request: IncomingMessage, entity: string): Promise<Answer> {
  const { population, settings } = vaunt
  const pat = findPat(population, request)
  if (pat === undefined) return unauthorized(settings)
  if (!settings.installedOn.includes(entity)) {
    return json(settings, 404, { error: { message: 'entity not found', code: 2 } })
  }
  const membership = findMembership(population, entity, pat.user)
  const isAdmin = membership?.state === 'active' && membership.role === 'admin'
  if (findAccount(population, pat.user)?.login !== entity && !isAdmin) return unauthorized(settings)
  return json(settings, 200, {
    meta_data: { count: 1, data_type: 4 },
    data: { token: await issueToken(vaunt, entity) }
  })
}

async function issueToken({ keys, settings, tokens }: Vaunt, entity: string): Promise<string> {
  const now = Math.floor((Date.now() + settings.clockAheadMs) / 1000)
  const jwt = new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setSubject(entity)
    .setIssuer(ISSUER)
    .setIssuedAt(now)
    // Two tokens of one second differ all the same.
    .setJti(crypto.randomUUID())
  if (settings.lifetimeSeconds !== undefined) jwt.setExpirationTime(now + settings.lifetimeSeconds)
  const token = await jwt.sign(keys.privateKey)
  tokens.push(token)
  return token
}

async function holdsToken({ keys, settings }: Vaunt, request: IncomingMessage, owner: string): Promise<boolean> {
  const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  try {
    await jwtVerify(token, keys.publicKey, {
      issuer: ISSUER,
      subject: owner,
      currentDate: new Date(Date.now() + settings.clockAheadMs)
    })
    return true
  } catch {
    return false
  }
}

/** `GET /v1/github/entities/:owner/repositories?limit=N&after=C` */
function listRepositories(settings: VauntSettings, owner: string, query: URLSearchParams): Answer {
  const limit = limitOf(query)
  const start = Number(Buffer.from(query.get('after') ?? '', 'base64url').toString() || '0')
  if (limit === undefined || !Number.isSafeInteger(start)) {
    return json(settings, 400, { error: { message: 'format error', code: 3 } })
  }
  const page = settings.repositories.slice(start, start + limit)
  const next = start + page.length
  const hasMore = next < settings.repositories.length
  return json(settings, 200, {
    meta_data: { count: page.length, data_type: 2 },
    // It denotes the last object given, so a full last page may have one as well; the page after it is empty.
    ...(hasMore || (settings.cursorOnLastPage && page.length > 0)
      ? { next_cursor: Buffer.from(`${next}`).toString('base64url') }
      : {}),
    data: page.map((name, index) => ({
      name,
      owner,
      private: (start + index) % 2 === 0,
      url: `https://github.com/${owner}/${name}`
    }))
  })
}

/** `GET /v1/github/entities/:owner/repositories/:repo/contributors?format=svg&limit=N` */
function drawCard(settings: VauntSettings, owner: string, repository: string, query: URLSearchParams): Answer {
  const limit = limitOf(query)
  if (limit === undefined || query.get('format') !== 'svg') {
    return json(settings, 400, { error: { message: 'format error', code: 3 } })
  }
  if (!settings.repositories.includes(repository)) {
    return json(settings, 404, { error: { message: 'no data', code: 2 } })
  }
  const names = settings.contributors.slice(0, limit)
  const rows = names.map((name, index) => `  <text x="8" y="${24 * (index + 1)}">${name}</text>\n`).join('')
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="${24 * (names.length + 1)}">\n` +
    `  <title>Contributors of ${owner}/${repository}</title>\n${rows}</svg>\n`
  return answer(200, svg, { ...dateHeader(settings), 'content-type': 'image/svg+xml' })
}

/** From 1 to 100, and 10 when not given. */
function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get('limit') ?? '10'
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return limit >= 1 && limit <= 100 ? limit : undefined
}

function unauthorized(settings: VauntSettings): Answer {
  return json(settings, 401, { error: { message: 'unauthorized', code: 0 } })
}

function json(settings: VauntSettings, status: number, body: unknown): Answer {
  const type = settings.contentType === undefined ? {} : { 'content-type': settings.contentType }
  return answer(status, JSON.stringify(body), { ...dateHeader(settings), ...type })
}

function dateHeader({ clockAheadMs }: VauntSettings): OutgoingHttpHeaders {
  return clockAheadMs === 0 ? {} : { date: new Date(Date.now() + clockAheadMs).toUTCString() }
}

function defaultSettings(): VauntSettings {
  return {
    lifetimeSeconds: 3600,
    contentType: 'application/json',
    clockAheadMs: 0,
    installedOn: ['Mona', 'mona_acme', 'hubot', 'newcomer', 'Acme-Labs'],
    cursorOnLastPage: false,
    repositories: [...REPOSITORIES],
    contributors: ['Mona', 'hubot', 'newcomer']
  }
}
