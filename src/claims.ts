// Owns what a Vaunt token says of itself. It is decoded, NOT verified: Vaunt publishes no key, and whoever uses the token leaves that to Vaunt.

import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { ActionError } from './errors.ts'
import type { Trail } from './messages.ts'

/** What the token claims, unverified. */
export interface Claims {
  /** The claim `exp`; undefined when there is none (Vaunt does not document a lifetime). */
  readonly expiresAt: Date | undefined
}

/**
 * Decodes a Vaunt token.
 *
 * @param trail the evidence for a failure
 * @throws ActionError `vaunt-unexpected` when it is not a JWT in a compact JWS, or nobody signed it
 */
export function decodeClaims(token: string, trail: Trail): Claims {
  const { algorithm, exp } = decode(token, trail)
  const facts = { ...trail, asked: ASKED }
  if (algorithm.toLowerCase() === 'none' || token.endsWith('.')) {
    throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'unsigned' })
  }
  if (exp === undefined) return { expiresAt: undefined }
  const expiresAt = new Date(typeof exp === 'number' ? exp * 1000 : NaN)
  if (Number.isNaN(expiresAt.getTime())) throw ActionError.of('vaunt-unexpected', { ...facts, surprise: 'not-a-jwt' })
  return { expiresAt }
}

/**
 * Refuses a token that Vaunt hands out expired.
 *
 * @param vauntTime Vaunt's own clock in milliseconds since the epoch, so that a wrong clock of the runner does not matter
 * @throws ActionError `token-expired`
 */
export function requireFresh(claims: Claims, vauntTime: number, trail: Trail): void {
  const { expiresAt } = claims
  if (expiresAt && expiresAt.getTime() + TOLERANCE_MS <= vauntTime) {
    throw ActionError.of('token-expired', { ...trail, expiredAt: expiresAt, vauntTime: new Date(vauntTime) })
  }
}

const TOLERANCE_MS = 60_000

const ASKED = 'a token'

function decode(token: string, trail: Trail): { algorithm: string; exp: unknown } {
  try {
    // Typed as a string and a number, but nobody has checked that.
    const algorithm: unknown = decodeProtectedHeader(token).alg
    const exp: unknown = decodeJwt(token).exp
    if (typeof algorithm === 'string') return { algorithm, exp }
  } catch {
    // jose's words add nothing that the user could act on.
  }
  throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'not-a-jwt' })
}
