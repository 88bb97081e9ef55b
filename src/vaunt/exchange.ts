// Owns the exchange: the PAT goes out, a token comes back. Does not look into the token, and never logs.

import { ActionError } from '../errors/action-error.ts'
import type { Client } from '../network/client.ts'
import { property } from '../untrusted/json.ts'
import type { Trail } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { askVaunt } from './request.ts'

/** What Vaunt gave for the PAT. */
export interface Exchanged {
  /** In the form of a compact JWS; nothing else is known of it yet. */
  readonly token: string
  /** Vaunt's own clock, in milliseconds since the epoch; undefined when it does not tell. */
  readonly vauntTime: number | undefined
  readonly trail: Trail
}

export interface ExchangeOptions {
  readonly client: Pick<Client, 'request'>
  /** Without a trailing slash. */
  readonly vauntApiUrl: string
  /** The login as GitHub spells it. */
  readonly entity: string
  readonly pat: string
  /** Makes text from outside fit to print. */
  readonly quote: (raw: string) => Quoted
}

/**
 * Exchanges an attested PAT for a Vaunt token.
 *
 * @throws ActionError `vaunt-*`, `tls-untrusted`, `proxy-failed`
 */
export async function exchange({ client, vauntApiUrl, entity, pat, quote }: ExchangeOptions): Promise<Exchanged> {
  const asked = `the token of ${quote(entity)}`
  const answer = await askVaunt({
    client,
    vauntApiUrl,
    path: `/v1/github/entities/${encodeURIComponent(entity)}/token`,
    bearer: pat,
    accept: 'application/json',
    quote,
    asked,
    entity,
    forToken: true
  })
  const { json, trail, status, host } = answer
  const facts = { ...trail, asked, status, host }
  if (json === undefined) throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-json' })
  const token = property(property(json, 'data'), 'token')
  // Vaunt's older action took jq's "null" for a token.
  if (typeof token !== 'string' || token === '' || token === 'null') {
    throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'no-token' })
  }
  // Looked at before anybody masks it: masking a word that is no token would blot that word out of the whole log.
  if (!COMPACT_JWS.test(token)) throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' })
  // Without the words of the answer: it says the token, and nothing else worth repeating.
  const { attempts, requestId } = trail
  return { token, vauntTime: answer.serverTime, trail: { attempts, requestId } }
}

/** RFC 7515 §7.1: three parts in base64url; an unsecured one has an empty third. */
export const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/
