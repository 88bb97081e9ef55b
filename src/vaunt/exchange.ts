// Exchanges the PAT for a Vaunt token. Doesn't decode the token, and logs nothing.

import { ActionError } from '../errors/action-error.ts'
import type { Client } from '../network/client.ts'
import { property } from '../untrusted/json.ts'
import type { Trail } from '../errors/messages/wording.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { askVaunt } from './request.ts'

/** Vaunt's response to the exchange. */
export interface Exchanged {
  /** It has the form of a compact JWS; nothing else is checked yet. */
  readonly token: string
  /** By Vaunt's clock, in milliseconds since the epoch; undefined if the response has no date. */
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
  // Vaunt's older action accepted "null", which jq prints for a missing token.
  if (typeof token !== 'string' || token === '' || token === 'null') {
    throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'no-token' })
  }
  // Checked before it is masked: masking an ordinary word would remove that word from the whole log.
  if (!COMPACT_JWS.test(token)) throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' })
  // The words of the response stay out of the trail, because they contain the token.
  const { attempts, requestId } = trail
  return { token, vauntTime: answer.serverTime, trail: { attempts, requestId } }
}

/** Three parts in base64url (RFC 7515, section 7.1). The third part of an unsecured token is empty. */
export const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/
