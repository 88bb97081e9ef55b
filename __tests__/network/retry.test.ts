// Tests when a request is retried, and after how long.

import { describe, expect, test } from '@jest/globals'
import { ActionError } from '../../src/errors/action-error.ts'
import type { Failure } from '../../src/network/failure.ts'
import { LIMITS, pauseAfter } from '../../src/network/retry.ts'
import { fc } from '../support/properties.ts'

function failure(changes: Partial<Failure> = {}): Failure {
  const error = (): ActionError => ActionError.of('pat-rejected', { attempts: 1 })
  return { retryReason: 'status 503', isRateLimit: false, error, ...changes }
}

function pause(changes: Partial<Failure>, attempt: number, leftMs: number, random: number): number | undefined {
  return pauseAfter(failure(changes), { attempt, leftMs, limits: LIMITS, random: () => random })
}

describe('no further attempt', () => {
  test('when asking again cannot help', () => {
    const { isRateLimit, error } = failure()
    const moment = { attempt: 1, leftMs: 60_000, limits: LIMITS, random: () => 0 }
    expect(pauseAfter({ isRateLimit, error }, moment)).toBeUndefined()
  })

  test.each<[string, Partial<Failure>, number, number]>([
    ['after the third', {}, 3, 60_000],
    ['when less than 5 s would be left after the pause', {}, 1, 5_999],
    ['when a wait that was asked for leaves less than 5 s', { waitMs: 55_001 }, 1, 60_000],
    ['when a limit that does not say how long leaves less than 5 s', { isRateLimit: true }, 1, 14_999]
  ])('%s', (_, changes, attempt, leftMs) => {
    expect(pause(changes, attempt, leftMs, 0)).toBeUndefined()
    expect(pause(changes, Math.min(attempt, 2), 60_000, 0) === undefined).toBe(leftMs === 60_000 && attempt < 3)
  })
})

describe('the pause', () => {
  test.each<[string, Partial<Failure>, number, number, number]>([
    ['before the second attempt', {}, 1, 1_000, 1_500],
    ['before the third', {}, 2, 5_000, 7_500],
    ['after a limit that does not say how long', { isRateLimit: true }, 1, 10_000, 20_000],
    ['after the second of these', { isRateLimit: true }, 2, 20_000, 30_000],
    ['of 30 s that were asked for', { waitMs: 30_000 }, 1, 30_000, 40_000],
    ['of 3 s that were asked for', { waitMs: 3_000 }, 1, 3_000, 6_000],
    ['of 0 s that were asked for', { waitMs: 0, isRateLimit: true }, 1, 1_000, 1_500],
    ['of 50 s, as far as the time goes', { waitMs: 50_000 }, 1, 50_000, 55_000]
  ])('%s', (_, changes, attempt, least, most) => {
    expect(pause(changes, attempt, 60_000, 0)).toBe(least)
    expect(pause(changes, attempt, 60_000, 1)).toBe(most)
  })

  test('outlasts what comes up 5 s late, by the third attempt', () => {
    expect((pause({}, 1, 60_000, 0) ?? 0) + (pause({}, 2, 59_000, 0) ?? 0)).toBeGreaterThan(5_000)
  })

  test('is never shorter than asked for, and leaves 5 s', () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 0, max: 70_000 }), { nil: undefined }),
        fc.boolean(),
        fc.constantFrom(1, 2),
        fc.integer({ min: 0, max: 60_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (waitMs, isRateLimit, attempt, leftMs, random) => {
          const waited = pause({ waitMs, isRateLimit }, attempt, leftMs, random)
          if (waited === undefined) return
          expect(waited).toBeGreaterThanOrEqual(waitMs ?? 0)
          expect(waited).toBeLessThanOrEqual(leftMs - LIMITS.roomMs)
        }
      )
    )
  })
})
