// Seals a Vaunt token, so that it can pass between the jobs of a workflow run, and opens it again. Sends nothing.

import { JOSEError, JWTClaimValidationFailed, JWTExpired } from 'jose/errors'
import { jwtDecrypt } from 'jose/jwt/decrypt'
import { EncryptJWT } from 'jose/jwt/encrypt'
import { dateAt, TOLERANCE_MS } from './claims.ts'
import { ActionError } from '../errors/action-error.ts'

/** The contents of a sealed token. */
export interface Sealable {
  readonly token: string
  readonly entity: string
  readonly entityType: 'user' | 'organization'
  readonly attestedBy: string
  readonly patExpiresAt: Date | undefined
}

/** What a token is sealed and opened with. */
export interface SealContext {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** `GITHUB_REPOSITORY/GITHUB_RUN_ID` of the only run in which the sealed token is valid. */
  readonly run: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface SealOptions extends SealContext {
  /** When the token expires; undefined if it has no expiration time. */
  readonly expiresAt: Date | undefined
}

/** How long a sealed token is valid if the token in it has no expiration time. */
const DEFAULT_LIFETIME_MS = 6 * 60 * 60 * 1000

/**
 * Seals a token in a JWT encrypted with AES-256-GCM, which is valid only in one workflow run and until the token expires.
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

/** Five parts in base64url (RFC 7516, section 7.1), of which `alg: dir` leaves the encrypted key empty. */
const COMPACT_JWE = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/

async function decrypt(sealed: string, { key, run, now }: SealContext): Promise<Record<string, unknown>> {
  try {
    const { payload } = await jwtDecrypt(sealed, key, {
      audience: run,
      currentDate: new Date(now),
      // The clocks of the two jobs can differ.
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
