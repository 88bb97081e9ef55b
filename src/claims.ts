// Owns what a Vaunt token says of itself. It is decoded, NOT verified: Vaunt publishes no key, and whoever uses the token leaves that to Vaunt.

import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { ActionError } from './errors.ts'
import type { Trail } from './messages.ts'

/** What the token claims, unverified. */
export interface Claims {
  /** The claim `exp`; undefined when there is none that a date can be (Vaunt does not document a lifetime). */
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
  if (algorithm.toLowerCase() === 'none' || token.endsWith('.')) {
    throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'unsigned' })
  }
  return { expiresAt: dateIn(exp) }
}

/** RFC 7519: seconds since the epoch. What no date of a calendar is, such as milliseconds, counts as not said. */
function dateIn(exp: unknown): Date | undefined {
  return typeof exp === 'number' && Math.abs(exp) <= LAST_SECOND ? new Date(exp * 1000) : undefined
}

/** The end of the year 9999. */
const LAST_SECOND = 253_402_300_799

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

/** How far two clocks may be apart, here and when a sealed token is opened. */
export const TOLERANCE_MS = 60_000

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
