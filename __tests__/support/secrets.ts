// Provides the fake secrets of the unit tests, which are easy to find in a text, and signs Vaunt tokens. None of them was ever a real secret.

import { SignJWT, generateKeyPair } from 'jose'
import type { JWTPayload } from 'jose'

export const PAT = 'ghp_LOUDFAKEpatLOUDFAKEpatLOUDFAKEpat0000'
export const FINE_GRAINED_PAT = 'github_pat_LOUDFAKEfinegrained_LOUDFAKEfinegrained00'

/** 32 bytes that hold every kind of base64 character. */
export const SEAL_KEY_BYTES = new Uint8Array(32).map((_, index) => (index * 3 + 200) % 256)
export const SEAL_KEY = Buffer.from(SEAL_KEY_BYTES).toString('base64')

const keys = generateKeyPair('ES256')

/** A token as Vaunt signs them: ES256, with whatever claims. */
export async function signToken(claims: JWTPayload): Promise<string> {
  const { privateKey } = await keys
  return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT' }).sign(privateKey)
}

/** A compact JWS of any header and payload, with a signature that is only noise. */
export function forgeToken(header: unknown, payload: unknown, signature = 'bm9pc2U'): string {
  const part = (value: unknown): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}
