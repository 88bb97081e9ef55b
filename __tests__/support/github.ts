// Provides GitHub to the unit tests: a client that responds to the three reads with staged responses, and the real Octokit over it. Opens no connection.

import { createReader } from '../../src/github/octokit.ts'
import type { Github } from '../../src/github/octokit.ts'
import type { Client } from '../../src/network/client.ts'
import { parseJson } from '../../src/untrusted/json.ts'
import type { Service } from '../../src/errors/messages/wording.ts'
import type { Quoted } from '../../src/untrusted/quoted.ts'
import { evidenceIn, isOwnRefusal } from '../../src/network/answer.ts'
import type { Answer } from '../../src/network/answer.ts'
import { membershipBody, publicUserBody } from '../../sandbox/github/bodies.ts'
import type { Account } from '../../sandbox/github/population.ts'
import { quote as plain } from './failures.ts'
import { PAT } from './secrets.ts'

/** What one read is answered with. */
export interface Staged {
  readonly status?: number
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly attempts?: number
}

/** One of the three reads of an attestation. */
export type Read = 'user' | 'entity' | 'membership'

/** An answer, or a function that gives or fails to give one; it sees the signal by which the read is given up. */
export type Stage = Staged | ((signal: AbortSignal | undefined) => Promise<Staged>)

export interface StagedClient extends Client {
  /** What was asked, in order. */
  readonly requests: {
    readonly service: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
  }[]
}

export const MONA: Account = { id: 1001, login: 'Mona', type: 'User' }
export const HUBOT: Account = { id: 1002, login: 'hubot', type: 'User' }
export const ACME: Account = { id: 2001, login: 'Acme-Labs', type: 'Organization' }

/** Mona asks for Acme-Labs, of which she is an admin. */
export const ADMIN = {
  user: { body: publicUserBody(MONA) },
  entity: { body: publicUserBody(ACME) },
  membership: { body: membershipBody(ACME, MONA, { state: 'active', role: 'admin' }) }
} as const satisfies Record<Read, Staged>

/** Mona asks for herself. */
export const SELF = {
  user: { body: publicUserBody(MONA) },
  entity: { body: publicUserBody(MONA) },
  membership: { status: 404, body: { message: 'Not Found' } }
} as const satisfies Record<Read, Staged>

/**
 * A client that answers by what is staged; any other path is a mistake.
 *
 * @param quote makes the words of a server fit to print, as the real client does
 */
export function clientAnswering(
  stages: Readonly<Record<Read, Stage> & { vaunt?: Stage }>,
  quote?: (raw: string) => Quoted
): StagedClient {
  const client: StagedClient = {
    requests: [],
    async request(service, url, { headers, signal }) {
      client.requests.push({ service, url, headers })
      const stage = stages[service === 'Vaunt' ? 'vaunt' : readOf(new URL(url).pathname)]
      if (stage === undefined) throw new Error(`unexpected request for ${url}`)
      return answerOf(service, typeof stage === 'function' ? await stage(signal) : stage, quote ?? plain)
    },
    openEarly: () => undefined,
    close: () => undefined
  }
  return client
}

/** The reader over a client, through the real Octokit; what Octokit logs is collected. */
export function octokitOver(
  client: Client,
  githubApiUrl = 'https://api.github.com',
  pat = PAT,
  logged: unknown[][] = []
): Github {
  const log = (...words: unknown[]): void => {
    logged.push(words)
  }
  return createReader({ pat, githubApiUrl, client, log })
}

function readOf(path: string): Read {
  if (path.endsWith('/user')) return 'user'
  if (/\/users\/[^/]+$/.test(path)) return 'entity'
  if (/\/user\/memberships\/orgs\/[^/]+$/.test(path)) return 'membership'
  throw new Error(`unexpected request for ${path}`)
}

/** The answer as src/network/client.ts hands it on, whatever its status. */
function answerOf(service: Service, staged: Staged, quote: (raw: string) => Quoted): Answer {
  const { status = 200, body = {}, headers = {}, attempts = 1 } = staged
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const json = parseJson(text)
  const date = headers['date']
  return {
    status,
    headers,
    body: text,
    host: quote('service.example'),
    json,
    isOwnRefusal: isOwnRefusal(service, { json, body: text, headers }),
    serverTime: date === undefined ? undefined : Date.parse(date),
    trail: { attempts, ...evidenceIn({ headers, json }, quote) }
  }
}
