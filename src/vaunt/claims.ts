// Decodes what a Vaunt token claims. The token is NOT verified: Vaunt publishes no key, and only Vaunt's API has to trust it.

import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { decodeJwt } from 'jose/jwt/decode'
import { ActionError } from '../errors/action-error.ts'
import type { Trail } from '../errors/messages/wording.ts'

/** The claims of a token, unverified. */
export interface Claims {
  /** From the claim `exp`; undefined if there is none, or if it isn't a date. Vaunt doesn't document a lifetime. */
  readonly expiresAt: Date | undefined
}

/**
 * Decodes a Vaunt token.
 *
 * @param trail the evidence for a failure
 * @throws ActionError `vaunt-unexpected` if it isn't a JWT in a compact JWS, or isn't signed
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

/** Reads seconds since the epoch (RFC 7519). A number that isn't a plausible date, such as milliseconds, counts as missing. */
function dateIn(exp: unknown): Date | undefined {
  return typeof exp === 'number' && exp <= LAST_SECOND ? dateAt(exp * 1000) : undefined
}

/** Converts milliseconds or a text to a date; undefined if it isn't one. */
export function dateAt(time: number | string): Date | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** The end of the year 9999. */
const LAST_SECOND = 253_402_300_799

/** The time by two clocks, in milliseconds since the epoch. */
export interface Clocks {
  /** By Vaunt's clock, which counts so that a wrong clock of the runner doesn't matter; undefined if the response has no date. */
  readonly vauntTime: number | undefined
  readonly now: number
}

/**
 * Refuses a token that has expired.
 *
 * @throws ActionError `token-expired`
 */
export function requireFresh({ expiresAt }: Claims, { vauntTime, now }: Clocks, trail: Trail): void {
  const time = vauntTime ?? now
  if (!expiresAt || expiresAt.getTime() + TOLERANCE_MS > time) return
  const isVaunts = vauntTime !== undefined
  throw ActionError.of('token-expired', { ...trail, expiredAt: expiresAt, time: new Date(time), isVaunts })
}

/** How much two clocks may differ, here and when a sealed token is opened. */
export const TOLERANCE_MS = 60_000

const ASKED = 'a token'

function decode(token: string, trail: Trail): { algorithm: string; exp: unknown } {
  try {
    // jose types them as a string and a number, but doesn't check that.
    const algorithm: unknown = decodeProtectedHeader(token).alg
    const exp: unknown = decodeJwt(token).exp
    if (typeof algorithm === 'string') return { algorithm, exp }
  } catch {
    // jose's message contains nothing that the user could act on.
  }
  throw ActionError.of('vaunt-unexpected', { ...trail, asked: ASKED, surprise: 'not-a-jwt' })
}
