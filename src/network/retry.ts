// Contains the limits on time and attempts, and decides how long to wait before the next attempt. Whether a retry can help is decided in answer.ts and failure.ts.

import type { Failure } from './failure.ts'

/** The limits of the contract. Only tests and actions with larger responses replace some. */
export const LIMITS = {
  /** For one attempt, from opening the connection to the last byte of the body. */
  attemptMs: 10_000,
  /** For the whole action. */
  actionMs: 60_000,
  attempts: 3,
  /** After decompression. */
  bodyBytes: 1_048_576,
  /** The minimum pauses before the second and the third attempt. Together they outlast a host or a network that is 5 s late. */
  pausesMs: [1_000, 5_000],
  /** The minimum pause after a rate limit without a duration. It doubles before the third attempt. */
  unsaidLimitMs: 10_000,
  /** A requested pause is lengthened by up to this time, at random, so that rejected jobs don't all return at once. */
  spreadMs: 10_000,
  /** The time that must remain for the attempt after a pause. */
  roomMs: 5_000
}

export type Limits = typeof LIMITS

export interface Moment {
  /** The number of attempts so far. */
  readonly attempt: number
  /** The rest of the action's time, in milliseconds. */
  readonly leftMs: number
  readonly limits: Limits
  /** Returns a number from 0 to 1. */
  readonly random: () => number
}

/**
 * Decides how long to wait before the next attempt.
 *
 * @returns milliseconds; undefined if there must be no other attempt
 */
export function pauseAfter(failure: Failure, { attempt, leftMs, limits, random }: Moment): number | undefined {
  if (failure.retryReason === undefined || attempt >= limits.attempts) return undefined
  const pauseMs = limits.pausesMs[attempt - 1] ?? 0
  const askedMs = failure.waitMs ?? (failure.isRateLimit ? limits.unsaidLimitMs * attempt : 0)
  const leastMs = Math.max(askedMs, pauseMs)
  const spareMs = leftMs - limits.roomMs - leastMs
  if (spareMs < 0) return undefined
  // A requested wait is never shortened. A short wait is spread less than a long one.
  const spreadMs = askedMs > pauseMs ? Math.min(limits.spreadMs, Math.max(askedMs, 2 * pauseMs)) : pauseMs / 2
  return leastMs + random() * Math.min(spreadMs, spareMs)
}
