// Owns sealing: a Vaunt token encrypted so that it may pass between the jobs of one run, and opened again. Knows neither the network nor the runner.

import { JOSEError, JWTClaimValidationFailed, JWTExpired } from 'jose/errors'
import { jwtDecrypt } from 'jose/jwt/decrypt'
import { EncryptJWT } from 'jose/jwt/encrypt'
import { dateAt, TOLERANCE_MS } from './claims.ts'
import { ActionError } from '../errors/action-error.ts'

/** What travels in a sealed token. */
export interface Sealable {
  readonly token: string
  readonly entity: string
  readonly entityType: 'user' | 'organization'
  readonly attestedBy: string
  readonly patExpiresAt: Date | undefined
}

/** What a seal is made and opened with. */
export interface SealContext {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** `GITHUB_REPOSITORY/GITHUB_RUN_ID`: the one run that it is good in. */
  readonly run: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface SealOptions extends SealContext {
  /** When the token expires; undefined when it does not say. */
  readonly expiresAt: Date | undefined
}

/** How long a seal holds when the token itself names no end. */
const DEFAULT_LIFETIME_MS = 6 * 60 * 60 * 1000

/**
 * Seals a token: a JWT encrypted with AES-256-GCM, good in one run of one repository and no longer than the token itself.
 *
 * @returns a compact JWE
 */
export async function seal(contents: Sealable, { key, run, expiresAt, now }: SealOptions): Promise<string> {
  return await new EncryptJWT({
    token: contents.token,
    entity: contents.entity,
    'entity-type': contents.entityType,
    'attested-by': contents.attestedBy,
    ...(contents.patExpiresAt && { 'pat-expires-at': contents.patExpiresAt.toISOString() })
  })
    .setProtectedHeader(HEADER)
    .setAudience(run)
    .setExpirationTime(Math.floor((expiresAt?.getTime() ?? now + DEFAULT_LIFETIME_MS) / 1000))
    .encrypt(key)
}

/**
 * Opens a sealed token.
 *
 * @throws ActionError `sealed-token-invalid`, `sealed-token-expired`
 */
export async function open(sealed: string, context: SealContext): Promise<Sealable> {
  if (!COMPACT_JWE.test(sealed)) throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' })
  const payload = await decrypt(sealed, context)
  const { token, entity, 'entity-type': entityType, 'attested-by': attestedBy } = payload
  const whole = typeof token === 'string' && typeof entity === 'string' && typeof attestedBy === 'string'
  if (!whole || (entityType !== 'user' && entityType !== 'organization')) {
    throw ActionError.of('sealed-token-invalid', { fault: 'not-sealed' })
  }
  return { token, entity, entityType, attestedBy, patExpiresAt: dateAt(String(payload['pat-expires-at'])) }
}

const HEADER = { alg: 'dir', enc: 'A256GCM' } as const

/** RFC 7516 §7.1, with the empty encrypted key of `alg: dir`. */
const COMPACT_JWE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/

async function decrypt(sealed: string, { key, run, now }: SealContext): Promise<Record<string, unknown>> {
  try {
    const { payload } = await jwtDecrypt(sealed, key, {
      audience: run,
      currentDate: new Date(now),
      // As when the token was made: the clocks of the two jobs may differ.
      clockTolerance: TOLERANCE_MS / 1000,
      requiredClaims: ['exp'],
      keyManagementAlgorithms: [HEADER.alg],
      contentEncryptionAlgorithms: [HEADER.enc]
    })
    return payload
  } catch (error) {
    const expiredAt = error instanceof JWTExpired ? dateAt(Number(error.payload.exp) * 1000) : undefined
    if (expiredAt) {
      throw ActionError.of('sealed-token-expired', { expiredAt, now: new Date(now) }, error)
    }
    if (error instanceof JWTClaimValidationFailed && error.claim === 'aud') {
      throw ActionError.of('sealed-token-invalid', { fault: 'elsewhere' }, error)
    }
    if (error instanceof JOSEError) {
      throw ActionError.of('sealed-token-invalid', { fault: 'undecryptable' }, error)
    }
    throw error
  }
}
