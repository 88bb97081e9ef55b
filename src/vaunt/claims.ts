// Owns what a Vaunt token says of itself. It is decoded, NOT verified: Vaunt publishes no key, and whoever uses the token leaves that to Vaunt.

import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { ActionError } from '../errors/action-error.ts'
import type { Trail } from '../errors/messages/wording.ts'

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
  const isNone = algorithm.toLowerCase() === 'none'
  if (isNone || token.endsWith('.')) {
    const detail = isNone ? 'alg none' : undefined
    throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'unsigned', detail })
  }
  return { expiresAt: dateIn(exp) }
}

/** RFC 7519: seconds since the epoch. What no date of a calendar is, such as milliseconds, counts as not said. */
function dateIn(exp: unknown): Date | undefined {
  return typeof exp === 'number' && exp <= LAST_SECOND ? dateAt(exp * 1000) : undefined
}

/** The date of a number of milliseconds, or of a text; undefined when no date is that. */
export function dateAt(time: number | string): Date | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** The end of the year 9999. */
const LAST_SECOND = 253_402_300_799

/** What time it is, in milliseconds since the epoch. */
export interface Clocks {
  /** By Vaunt's own clock, so that a wrong clock of the runner does not matter; undefined when it does not tell. */
  readonly vauntTime: number | undefined
  readonly now: number
}

/**
 * Refuses a token that Vaunt hands out expired.
 *
 * @throws ActionError `token-expired`
 */
export function requireFresh({ expiresAt }: Claims, { vauntTime, now }: Clocks, trail: Trail): void {
  const time = vauntTime ?? now
  if (!expiresAt || expiresAt.getTime() + TOLERANCE_MS > time) return
  const isVaunts = vauntTime !== undefined
  throw ActionError.of('token-expired', { ...trail, expiredAt: expiresAt, time: new Date(time), isVaunts })
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
