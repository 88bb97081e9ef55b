// Writes the log lines and warnings: who was verified, what is retried, and what expires soon.

import type { Attestation } from '../attestation/attest.ts'
import type { Service } from '../errors/messages/wording.ts'
import type { AnnouncedEnd } from '../github/api-version.ts'
import { API_VERSION } from '../github/octokit.ts'
import type { Retry } from '../network/client.ts'
import type { Quoted } from '../untrusted/quoted.ts'

export interface Log {
  readonly core: {
    /** Prints the text as it is, so it must have been checked or quoted. */
    readonly info: (message: string) => void
    readonly warning: (message: string) => void
  }
  readonly quote: (raw: string) => Quoted
  /** The GitHub that links lead to. */
  readonly server: string
}

/** Logs who was verified, and for whom the token is requested. */
export function logAttestation(log: Log, { entity, attestedBy, excessScopes }: Attestation): void {
  const { core, quote } = log
  // A secret can look like a login.
  const [user, name] = [quote(attestedBy.login), quote(entity.login)]
  core.info(`Verified as ${user} (ID ${attestedBy.id}).`)
  core.info(
    entity.type === 'user'
      ? `Requesting a Vaunt token for user ${name} (ID ${entity.id}).`
      : `Requesting a Vaunt token for organization ${name} (ID ${entity.id}), as an owner of it.`
  )
  warnOfScopes(log, entity.type, excessScopes)
}

/** Warns of a PAT with more access than it needs, because a stolen one can do more harm. */
function warnOfScopes(
  { core, quote, server }: Log,
  type: Attestation['entity']['type'],
  excessScopes: readonly string[]
): void {
  if (excessScopes.length === 0) return
  const needed = type === 'user' ? 'no scopes' : 'only the read:org scope'
  core.warning(
    `The PAT has more access than this action needs. It needs ${needed}, but also has: ${quote(excessScopes.join(', '))}. ` +
      `Create a fine-grained PAT at ${server}/settings/personal-access-tokens/new, or a classic PAT with ${needed}.`
  )
}

const DAY_MS = 86_400_000
const WARNING_DAYS = 7

/**
 * Logs when the token expires, and warns when the PAT itself expires soon.
 *
 * @param now milliseconds since the epoch
 */
export function logExpiration(
  log: Log,
  { expiresAt, patExpiresAt }: { readonly expiresAt: Date | undefined; readonly patExpiresAt: Date | undefined },
  now: number
): void {
  log.core.info(
    expiresAt ? `The Vaunt token is valid until ${expiresAt.toISOString()}.` : 'The Vaunt token has no expiration time.'
  )
  warnOfExpiration(log, patExpiresAt, now)
}

function warnOfExpiration({ core, server }: Log, patExpiresAt: Date | undefined, now: number): void {
  if (!patExpiresAt) return
  const leftMs = patExpiresAt.getTime() - now
  if (leftMs > WARNING_DAYS * DAY_MS) return
  const days = Math.max(0, Math.floor(leftMs / DAY_MS))
  core.warning(
    `The PAT itself expires at ${patExpiresAt.toISOString()} (${days === 0 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`}). ` +
      `Regenerate it at ${server}/settings/personal-access-tokens and update the secret with the new value before runs start to fail.`
  )
}

/** One line for each attempt that will follow. */
export function retryLine({ service, path, reason, nextAttempt, waitMs }: Retry): string {
  return `${service} (${path}): ${reason}. Retrying in ${(waitMs / 1000).toFixed(1)} s (attempt ${nextAttempt}).`
}

/** One line when the certificate of a host made the action look into the system's certificate store. */
export function systemStoreLine(host: Quoted): string {
  return `Node.js doesn't trust the CA that issued the certificate of ${host}: from here on, the action also trusts the CAs in this runner's system certificate store.`
}

/** The one warning that an API, or the version of it that this action uses, comes to its end. */
export function endWarning(service: Service, { deprecatedAt, endsAt }: AnnouncedEnd): string {
  const api = service === 'GitHub' ? `version ${API_VERSION} of its API` : 'its API'
  const dates = [
    ...(deprecatedAt ? [`is deprecated as of ${deprecatedAt.toISOString()}`] : []),
    ...(endsAt ? [`stops working at ${endsAt.toISOString()}`] : [])
  ]
  return `${service} announces that ${api}, which this action uses, ${dates.join(' and ')}. Update this action to its latest release${endsAt ? ' before then' : ''}.`
}
