// Owns when a request is made again: the limits of the contract, and how long to wait before the next attempt. Whether asking again can help at all is judged in network/answer.ts and network/failure.ts.

import type { Failure } from './failure.ts'

/** The limits of the contract; only tests give others. */
export const LIMITS = {
  /** One attempt, from the first byte of the connection to the last byte of the body. */
  attemptMs: 10_000,
  /** The whole action. */
  actionMs: 60_000,
  attempts: 3,
  /** Unpacked. */
  bodyBytes: 1_048_576,
  /** The least pauses before the second and the third attempt. Together they outlast a host or a network that comes up 5 s late. */
  pausesMs: [1_000, 5_000],
  /** The least pause after a rate limit that does not say how long; twice as long before the third attempt. */
  unsaidLimitMs: 10_000,
  /** A pause that was asked for is lengthened by chance, by up to this: or everybody who was refused comes back at once. */
  spreadMs: 10_000,
  /** What must be left of the action's time for the attempt after a pause. */
  roomMs: 5_000
}

export type Limits = typeof LIMITS

export interface Moment {
  /** How many attempts were made. */
  readonly attempt: number
  /** What is left of the action's time, in milliseconds. */
  readonly leftMs: number
  readonly limits: Limits
  /** From 0 to 1. */
  readonly random: () => number
}

/**
 * How long to wait before the next attempt.
 *
 * @returns milliseconds; undefined when there is to be no further attempt
 */
export function pauseAfter(failure: Failure, { attempt, leftMs, limits, random }: Moment): number | undefined {
  if (failure.retryReason === undefined || attempt >= limits.attempts) return undefined
  const pauseMs = limits.pausesMs[attempt - 1] ?? 0
  const askedMs = failure.waitMs ?? (failure.isRateLimit ? limits.unsaidLimitMs * attempt : 0)
  const leastMs = Math.max(askedMs, pauseMs)
  const spareMs = leftMs - limits.roomMs - leastMs
  if (spareMs < 0) return undefined
  // A wait that was asked for is never shortened. A short one is spread less than a long one.
  const spreadMs = askedMs > pauseMs ? Math.min(limits.spreadMs, Math.max(askedMs, 2 * pauseMs)) : pauseMs / 2
  return leastMs + random() * Math.min(spreadMs, spareMs)
}
