// Defines the questions to GitHub and Vaunt: the requests, our assumptions, and how the observations are described. Prints nothing.

import { request } from 'node:http'
import { attest } from '../../src/attestation/attest.ts'
import { decodeClaims, requireFresh } from '../../src/vaunt/claims.ts'
import { ActionError, PUBLIC_SERVER } from '../../src/errors/action-error.ts'
import { COMPACT_JWS, exchange } from '../../src/vaunt/exchange.ts'
import { API_VERSION, createReader } from '../../src/github/octokit.ts'
import type { Client } from '../../src/network/client.ts'
import { parseJson, property } from '../../src/untrusted/json.ts'
import type { Quoted } from '../../src/untrusted/quoted.ts'
import { requireSafeSvg } from '../../src/card/safety.ts'
import type { Answer, Received } from '../../src/network/answer.ts'
import { harmless } from './report.ts'
import type { Finding } from './report.ts'
import { createTeller } from './shapes.ts'
import type { Teller } from './shapes.ts'

/** A well-formed PAT that belongs to nobody. */
const NOBODYS_PAT = `ghp_${'0'.repeat(36)}`
const NOBODY = 'vaunt-probe-no-such-account-0'
const CLEAR_TIMEOUT_MS = 5_000

export interface Asked {
  readonly client: Client
  readonly githubApiUrl: string
  readonly vauntApiUrl: string
  readonly pat: string
  readonly entity: string
  /** The old name of a renamed account, if one is known. */
  readonly renamed: string | undefined
  readonly quote: (raw: string) => Quoted
  /** Removes a secret from everything reported from now on. */
  readonly addSecret: (secret: string) => void
  readonly secrets: readonly string[]
  /** The complete responses to the current question, including those that became failures. */
  readonly received?: Received[]
  /** Tells whether a body matches GitHub's description, by the template of its route. */
  readonly isDescribed: (route: string, body: unknown) => boolean
  readonly isProxied: boolean
  /** Each failure, in the words of the action. */
  readonly onFailure: (text: string) => void
  /** Receives each finding. */
  readonly onFinding: (finding: Finding) => void
}

/** What is known from the previous questions. */
interface Known {
  readonly teller: Teller
  /** Logins that must not appear as names. */
  readonly logins: string[]
  /** Of the attestation, by URL, and `vaunt-token`. */
  readonly answers: Map<string, Answer>
  /** Every answer of GitHub. */
  readonly ofGithub: Answer[]
  isVauntThere?: boolean
  login?: string
  token?: string
  repository?: string
  cursor?: string
  /** Status and content type of the first page. */
  pageKind?: string
}

interface Question extends Omit<Finding, 'seen'> {
  /** Undefined if it can't be asked. */
  readonly ask: (asked: Asked, known: Known) => Promise<string | undefined>
}

/** Asks every possible question, in order. A failure is an answer, too. */
export async function askAll(asked: Asked): Promise<Finding[]> {
  const { received = [] } = asked
  const logins = [asked.entity, ...(asked.renamed === undefined ? [] : [asked.renamed])]
  const known: Known = { answers: new Map(), ofGithub: [], logins, teller: createTeller(asked.secrets, logins) }
  const findings: Finding[] = []
  for (const { ask, ...question } of QUESTIONS) {
    received.length = 0
    const seen = await Promise.resolve()
      .then(() => ask(asked, known))
      .catch((thrown: unknown) => failureOf(thrown, asked, question.id, known))
    if (question.id.startsWith('vaunt-') && seen !== undefined && !seen.startsWith('fails')) known.isVauntThere = true
    const finding = { ...question, seen: seen === undefined ? undefined : harmless(seen, asked.quote) }
    findings.push(finding)
    asked.onFinding(finding)
  }
  return findings
}

/** A failure is reported in the action's words, with the response, if there was one. */
function failureOf(thrown: unknown, asked: Asked, id: string, { teller }: Known): string {
  if (!(thrown instanceof ActionError)) return 'fails'
  tellFailure(thrown, asked)
  const answer = id === 'github-attestation' ? undefined : asked.received?.at(-1)
  return answer ? teller.answer({ ...answer, json: parseJson(answer.body) }) : `fails: ${thrown.code}`
}

function tellFailure(failure: ActionError, { onFailure }: Asked): void {
  onFailure(`${failure.toldFor(PUBLIC_SERVER)} [${failure.code}]`)
}

const DESCRIBED = '200, as GitHub describes it'

/** GitHub's response to one of the reads for the attestation, which the action's own code sends once. */
function read(id: string, path: RegExp, route: string, asks: string): Question {
  return {
    id,
    asks,
    assumed: DESCRIBED,
    where: 'src/attestation/attest.ts',
    ask({ isDescribed }, { answers }) {
      const answer = answerTo(path, answers)
      // The reads are sent in parallel and aborted when they no longer matter, so a response may be missing by chance.
      const isChance =
        (id !== 'github-user' && userIn(answers)?.status !== 200) ||
        (id === 'github-membership' && property(answerTo(ENTITY, answers)?.json, 'type') !== 'Organization')
      if (!answer || isChance) return Promise.resolve(undefined)
      const form = isDescribed(route, answer.json) ? 'as GitHub describes it' : 'in another form'
      return Promise.resolve(`${answer.status}, ${answer.status === 200 ? form : 'a refusal'}`)
    }
  }
}

const ENTITY = /\/users\/[^/]+$/

/** The answer of the attestation whose path is this. */
function answerTo(path: RegExp, answers: ReadonlyMap<string, Answer>): Answer | undefined {
  return [...answers].find(([url]) => path.test(url))?.[1]
}

/** A client that keeps GitHub's responses. */
function recording(client: Client, keep: (url: string, answer: Answer) => void): Client {
  return {
    ...client,
    async request(service, url, message) {
      const answer = await client.request(service, url, message)
      keep(url, answer)
      return answer
    }
  }
}

/** Sends a request to GitHub like the action does: through Octokit, with its headers. */
async function github(asked: Asked, known: Known, username?: string, pat = asked.pat): Promise<Answer> {
  let answer: Answer | undefined
  const client = recording(asked.client, (_, seen) => {
    answer = seen
    known.ofGithub.push(seen)
  })
  const reader = createReader({ pat, githubApiUrl: asked.githubApiUrl, client })
  const { signal } = new AbortController()
  await (username === undefined
    ? reader.read('GET /user', {}, signal)
    : reader.read('GET /users/{username}', { username }, signal))
  if (!answer) throw new TypeError('Octokit answered without having asked')
  return answer
}

/** Sends a request to Vaunt with the action's headers. */
const vaunt = (
  { client, vauntApiUrl }: Asked,
  path: string,
  bearer?: string,
  accept = 'application/json'
): Promise<Answer> =>
  client.request('Vaunt', `${vauntApiUrl}${path}`, {
    headers: {
      accept,
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      'user-agent': 'vaunt-token-action'
    }
  })

/** The token in a response, kept secret. A text that isn't a JWT, or that contains a part of the PAT, isn't used. */
function tokenIn({ json }: Answer, { addSecret, pat }: Asked): string | undefined {
  const token = property(property(json, 'data'), 'token')
  if (typeof token !== 'string' || token === '') return undefined
  // Values are never reported. A short one would only remove its letters from all other answers.
  if (token.length >= 16) addSecret(token)
  return COMPACT_JWS.test(token) && !partsOf(pat).some(part => token.includes(part)) ? token : undefined
}

/** The parts of a PAT that are secret, without its prefix: `github_pat_` has one more `_` in the middle. */
export function partsOf(pat: string): string[] {
  return [pat, ...pat.split('_')].filter(part => part.length >= 10)
}

/** The login in another letter case; undefined if it has no letters. */
function otherCase(login: string): string | undefined {
  return [login.toUpperCase(), login.toLowerCase()].find(other => other !== login)
}

const tokenPath = (login: string): string => `/v1/github/entities/${encodeURIComponent(login)}/token`

/** From RFC 7518 and RFC 8037. Any other text isn't reported. */
const ALGORITHMS = [
  ...['none', 'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
]

/** The largest known card contains pictures of ten people. */
const CARD_BYTES = 512 * 1024

const UNAUTHORIZED = '401, application/json, {error: {code: number, message: text}}'
const UNKNOWN = '404, application/json, {error: {code: number, message: text}}'

const TOKEN_ANSWER = '200, application/json, {data: {token: text}, meta_data: {count: number, data_type: number}}'

/** As Vaunt documents it. */
const REPOSITORIES =
  '200, application/json, {data: [{created_dttm: text, default_branch_name: text, deleted: boolean, description: text, fork: boolean, forks: number, id: text, language: text, license: text, name: text, open_issues: number, owner: text, private: boolean, provider: text, size: number, stars: number, updated_dttm: text, url: text}], meta_data: {count: number, data_type: number}, next_cursor: text, previous_cursor: text}'

const GITHUB: readonly Question[] = [
  {
    id: 'github-attestation',
    asks: 'Does GitHub verify the PAT for the entity?',
    assumed: 'attested',
    where: 'src/attestation/attest.ts',
    async ask({ client, githubApiUrl, pat, entity, quote }, known) {
      const keeping = recording(client, (url, answer) => {
        known.answers.set(new URL(url).pathname, answer)
        known.ofGithub.push(answer)
      })
      const reader = createReader({ pat, githubApiUrl, client: keeping })
      try {
        known.login = (await attest(reader, entity, quote)).entity.login
      } finally {
        const logins = [...known.answers.values()].map(({ json }) => property(json, 'login'))
        known.logins.push(...logins.filter(login => typeof login === 'string'))
      }
      return 'attested'
    }
  },
  read('github-user', /\/user$/, 'GET /user', 'What does GitHub return for the PAT’s user?'),
  read('github-entity', ENTITY, 'GET /users/{username}', 'What does GitHub return for the entity?'),
  read(
    'github-membership',
    /\/memberships\/orgs\/[^/]+$/,
    'GET /user/memberships/orgs/{org}',
    'What does GitHub return for the membership?'
  ),
  {
    id: 'github-headers',
    asks: 'Which of the headers that we read does GitHub send?',
    assumed:
      'date, x-github-api-version-selected, x-github-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset',
    where: 'src/network/answer.ts',
    ask(_, { answers, teller }) {
      const answer = userIn(answers)
      return Promise.resolve(answer && teller.headers(answer))
    }
  },
  {
    id: 'github-spelling',
    asks: 'Does GitHub return its own spelling of the login?',
    assumed: 'the same login, in its own letter case',
    where: 'src/attestation/attest.ts',
    async ask(asked, known) {
      const { status, json } = answerTo(ENTITY, known.answers) ?? {}
      const login = property(json, 'login')
      const other = typeof login === 'string' ? otherCase(login) : undefined
      if (status !== 200 || other === undefined || userIn(known.answers)?.status === 401) return undefined
      const answer = await github(asked, known, other)
      return property(answer.json, 'login') === login ? 'the same login, in its own letter case' : 'another spelling'
    }
  },
  {
    id: 'github-renamed',
    asks: 'What does GitHub return for the old name of a renamed account?',
    assumed: '404, application/json, {documentation_url: text, message: text, status: text}',
    where: 'src/attestation/attest.ts',
    async ask(asked, known) {
      if (asked.renamed === undefined || userIn(known.answers)?.status === 401) return undefined
      return known.teller.answer(await github(asked, known, asked.renamed))
    }
  },
  {
    id: 'github-nobody',
    asks: 'What does GitHub return for a user that doesn’t exist?',
    assumed: '404, application/json, {documentation_url: text, message: text, status: text}',
    where: 'src/attestation/attest.ts',
    async ask(asked, known) {
      // A refused PAT would count as one more failed login.
      if (userIn(known.answers)?.status === 401) return undefined
      return known.teller.answer(await github(asked, known, NOBODY))
    }
  },
  {
    id: 'github-no-pat',
    asks: 'What does GitHub return for an invalid PAT?',
    assumed: '401, application/json, {documentation_url: text, message: text, status: text}',
    where: 'src/attestation/attest.ts',
    // Sent only once, because too many failed logins lock an address out.
    ask: async (asked, known) => known.teller.answer(await github(asked, known, undefined, NOBODYS_PAT))
  },
  {
    id: 'github-compression',
    asks: 'Does GitHub send uncompressed responses, as requested?',
    assumed: 'uncompressed',
    where: 'src/network/client.ts',
    ask(_, { ofGithub }) {
      const codings = ofGithub.flatMap(({ headers }) => (headers['content-encoding'] ?? 'identity').split(/\s*,\s*/))
      if (codings.length === 0) return Promise.resolve(undefined)
      return Promise.resolve(codings.every(coding => coding === 'identity') ? 'uncompressed' : 'compressed')
    }
  },
  {
    id: 'github-api-version',
    asks: 'Does GitHub support our API version without a warning?',
    assumed: 'no warning',
    where: 'src/github/octokit.ts',
    ask(_, { ofGithub }) {
      if (ofGithub.length === 0) return Promise.resolve(undefined)
      const warnings = ['deprecation', 'sunset', 'warning'].filter(name =>
        ofGithub.some(({ headers }) => headers[name] !== undefined)
      )
      const isOther = ofGithub.some(
        ({ headers }) => (headers['x-github-api-version-selected'] ?? API_VERSION) !== API_VERSION
      )
      return Promise.resolve([...warnings, ...(isOther ? ['another version'] : [])].join(', ') || 'no warning')
    }
  }
]

const VAUNT: readonly Question[] = [
  {
    id: 'vaunt-token',
    asks: 'What does Vaunt return for the PAT?',
    assumed: TOKEN_ANSWER,
    where: 'src/vaunt/exchange.ts',
    async ask(asked, known) {
      // The PAT goes to Vaunt only after GitHub has attested it, as in the action.
      if (known.login === undefined) return undefined
      const { vauntApiUrl, pat, quote } = asked
      let answer: Answer | undefined
      const client = recording(asked.client, (_, seen) => {
        answer = seen
        const token = tokenIn(seen, asked)
        if (token !== undefined) known.token = token
        known.answers.set('vaunt-token', seen)
      })
      try {
        // Whatever the action would refuse is reported in its words.
        const { token, vauntTime, trail } = await exchange({ client, vauntApiUrl, entity: known.login, pat, quote })
        requireFresh(decodeClaims(token, trail), { vauntTime, now: Date.now() }, trail)
      } catch (error) {
        if (!answer || !(error instanceof ActionError)) throw error
        tellFailure(error, asked)
      }
      return answer && known.teller.answer(answer)
    }
  },
  {
    id: 'vaunt-headers',
    asks: 'Which headers does Vaunt send with the token?',
    assumed: 'date',
    where: 'src/vaunt/claims.ts',
    ask(_, { answers, teller }) {
      const answer = answers.get('vaunt-token')
      return Promise.resolve(answer && teller.headers(answer))
    }
  },
  {
    id: 'vaunt-jwt-header',
    asks: 'Which JWT header does the token have?',
    assumed: 'ES256, {alg: text, typ: text}',
    where: 'sandbox/vaunt/vaunt.ts',
    ask(_, { token, teller }) {
      if (token === undefined) return Promise.resolve(undefined)
      const header = partOf(token, 0)
      const algorithm = ALGORITHMS.find(name => name === property(header, 'alg')) ?? 'another algorithm'
      return Promise.resolve(`${algorithm}, ${teller.shape(header)}`)
    }
  },
  {
    id: 'vaunt-jwt-claims',
    asks: 'Which claims does the token have?',
    assumed: '{exp: number, iat: number, iss: text, jti: text, sub: text}',
    where: 'src/vaunt/claims.ts',
    ask: (_, { token, teller }) => Promise.resolve(token && teller.shape(partOf(token, 1)))
  },
  {
    id: 'vaunt-jwt-signed',
    asks: 'Is the token a signed JWT?',
    assumed: 'a signed JWT',
    where: 'src/vaunt/claims.ts',
    ask(_, { token, answers }) {
      const given = property(property(answers.get('vaunt-token')?.json, 'data'), 'token')
      if (token === undefined) return Promise.resolve(given === undefined ? undefined : 'no signed JWT')
      decodeClaims(token, { attempts: 1 })
      return Promise.resolve('a signed JWT')
    }
  },
  {
    id: 'vaunt-lifetime',
    asks: 'How long is the token valid?',
    assumed: '3600 s',
    where: 'sandbox/vaunt/vaunt.ts',
    ask(_, { token }) {
      const [iat, exp] = ['iat', 'exp'].map(name => token && property(partOf(token, 1), name))
      if (token === undefined) return Promise.resolve(undefined)
      return Promise.resolve(typeof iat === 'number' && typeof exp === 'number' ? `${exp - iat} s` : 'it does not say')
    }
  },
  {
    id: 'vaunt-second-token',
    asks: 'Do two requests return two tokens?',
    assumed: 'two tokens',
    where: 'sandbox/vaunt/vaunt.ts',
    async ask(asked, { login, token, answers, teller }) {
      const first = answers.get('vaunt-token')
      if (login === undefined || token === undefined || !first) return undefined
      const answer = await vaunt(asked, tokenPath(login), asked.pat)
      const second = tokenIn(answer, asked)
      const told = second === undefined ? 'no second token' : second === token ? 'one token twice' : 'two tokens'
      const isAlike = [TOKEN_ANSWER, teller.answer(first)].includes(teller.answer(answer))
      return isAlike ? told : `${told}, ${teller.answer(answer)}`
    }
  },
  {
    id: 'vaunt-letter-case',
    asks: 'Does Vaunt find the entity in a different letter case?',
    assumed: UNKNOWN,
    where: 'src/vaunt/exchange.ts',
    async ask(asked, { login, teller }) {
      const other = login === undefined ? undefined : otherCase(login)
      if (other === undefined) return undefined
      const answer = await vaunt(asked, tokenPath(other), asked.pat)
      tokenIn(answer, asked)
      return teller.answer(answer)
    }
  },
  {
    id: 'vaunt-nobody',
    asks: 'What does Vaunt return for an entity that doesn’t exist?',
    assumed: UNKNOWN,
    where: 'src/vaunt/exchange.ts',
    async ask(asked, { login, teller }) {
      return login === undefined ? undefined : teller.answer(await vaunt(asked, tokenPath(NOBODY), asked.pat))
    }
  },
  {
    id: 'vaunt-no-authorization',
    asks: 'What does Vaunt return without authorization?',
    assumed: UNAUTHORIZED,
    where: 'src/vaunt/exchange.ts',
    async ask(asked, known) {
      return known.teller.answer(await vaunt(asked, tokenPath(known.login ?? asked.entity)))
    }
  },
  {
    id: 'vaunt-no-pat',
    asks: 'What does Vaunt return for a bearer token that isn’t a PAT?',
    assumed: UNAUTHORIZED,
    where: 'src/vaunt/exchange.ts',
    ask: async (asked, { login, teller }) =>
      teller.answer(await vaunt(asked, tokenPath(login ?? asked.entity), NOBODYS_PAT))
  },
  {
    id: 'vaunt-in-clear',
    asks: 'Does Vaunt respond over unencrypted http://?',
    assumed: 'no answer',
    where: 'src/runner/api-urls.ts',
    // With a proxy, the proxy would respond; and if Vaunt can't be reached over TLS either, silence means nothing.
    ask: ({ vauntApiUrl, isProxied }, { isVauntThere }) =>
      isProxied || isVauntThere !== true ? Promise.resolve(undefined) : askInClear(vauntApiUrl)
  },
  {
    id: 'vaunt-repositories',
    asks: 'What does the list of repositories look like?',
    assumed: REPOSITORIES,
    where: 'sandbox/vaunt/vaunt.ts',
    async ask(asked, known) {
      const { login, token, teller } = known
      if (login === undefined || token === undefined) return undefined
      const answer = await vaunt(asked, `/v1/github/entities/${login}/repositories?limit=1`, token)
      const cursor = property(answer.json, 'next_cursor')
      if (typeof cursor === 'string') known.cursor = cursor
      known.pageKind = teller.kind(answer)
      const data = property(answer.json, 'data')
      const name = property(Array.isArray(data) ? data[0] : undefined, 'name')
      if (typeof name === 'string') known.repository = name
      return teller.answer(answer)
    }
  },
  {
    id: 'vaunt-second-page',
    asks: 'Does the cursor lead to another page?',
    assumed: 'another page',
    where: 'sandbox/vaunt/pages.ts',
    async ask(asked, { login, token, cursor, repository, pageKind, teller }) {
      if (login === undefined || token === undefined || cursor === undefined) return undefined
      const query = `limit=1&after=${encodeURIComponent(cursor)}`
      const answer = await vaunt(asked, `/v1/github/entities/${login}/repositories?${query}`, token)
      const data = property(answer.json, 'data')
      const name = property(Array.isArray(data) ? data[0] : undefined, 'name')
      const told = typeof name !== 'string' ? 'no page' : name === repository ? 'the same page' : 'another page'
      return teller.kind(answer) === pageKind ? told : `${told}, ${teller.answer(answer)}`
    }
  },
  {
    id: 'vaunt-card',
    asks: 'What does the contributors’ card look like?',
    assumed: '200, image/svg+xml, a safe SVG, at most 512 KiB',
    where: 'sandbox/vaunt/vaunt.ts',
    async ask(asked, { login, token, repository, teller }) {
      if (login === undefined || token === undefined || repository === undefined) return undefined
      const path = `/v1/github/entities/${login}/repositories/${encodeURIComponent(repository)}/contributors`
      const answer = await vaunt(asked, `${path}?format=svg&limit=10`, token, 'image/svg+xml')
      const size = Buffer.byteLength(answer.body) > CARD_BYTES ? 'more than' : 'at most'
      return `${teller.kind(answer)}, ${isSafeSvg(answer, asked) ? 'a safe SVG' : 'no safe SVG'}, ${size} 512 KiB`
    }
  }
]

export const QUESTIONS: readonly Question[] = [...GITHUB, ...VAUNT]

/** Tells whether the action would commit the card. */
function isSafeSvg({ body }: Answer, { quote }: Asked): boolean {
  try {
    requireSafeSvg(body, quote)
    return true
  } catch {
    return false
  }
}

/** GitHub's answer about the PAT's user. */
function userIn(answers: ReadonlyMap<string, Answer>): Answer | undefined {
  return [...answers].find(([url]) => url.endsWith('/user'))?.[1]
}

/** A part of a JWT, read without trusting it. */
function partOf(token: string, part: 0 | 1): unknown {
  return parseJson(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString())
}

/** Sends one request in plain text, without authorization and without anyone's data. */
function askInClear(vauntApiUrl: string): Promise<string> {
  const url = new URL(vauntApiUrl.replace('https:', 'http:'))
  return new Promise(resolve => {
    const asking = request(url, { signal: AbortSignal.timeout(CLEAR_TIMEOUT_MS), agent: false }, response => {
      const status = response.statusCode ?? 0
      const toTls = /^https:/i.test(response.headers.location ?? '')
      resolve(status >= 300 && status < 400 ? `${status}, a redirect ${toTls ? 'to https' : 'elsewhere'}` : `${status}`)
      response.destroy()
    })
    asking
      .on('error', () => {
        resolve('no answer')
      })
      .on('close', () => {
        resolve('no answer')
      })
      .end()
  })
}
