// Implements virtual time: timers fire as soon as nothing else is happening, so that an hour of waiting takes seconds.
//
// Network and processor stay real and cost no virtual time; only what waits for a timer does. Time moves on when the event
// loop has nothing left to do, one timer at a time, so that no result depends on how fast this machine is.

import { registerHooks } from 'node:module'

/** A turn of the event loop takes no time. */
export { setImmediate } from 'node:timers/promises'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

const START_MS = Date.now()
/** After this many turns of the event loop without an event, every connection is waiting. */
const QUIET_TURNS = 4

/** Sorted by time, and then in the order in which they were set. */
const timers: Timer[] = []
let elapsedMs = 0
let busyCount = 0

/** Milliseconds since the simulation began. */
export function uptime(): number {
  return elapsedMs
}

/** The time of day, in milliseconds since the epoch. */
export function now(): number {
  return START_MS + elapsedMs
}

/** Replaces the function of `node:timers/promises`. */
export function setTimeout<T>(milliseconds: number, value?: T, options: { signal?: AbortSignal } = {}): Promise<T> {
  const { signal } = options
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = schedule(milliseconds, () => {
      signal?.removeEventListener('abort', abort)
      resolve(value as T)
    })
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Stops the time until the returned function is called, for work that the event loop doesn't see. */
export function hold(): () => void {
  busyCount++
  let isHeld = true
  return () => {
    if (isHeld) busyCount--
    isHeld = false
  }
}

/**
 * Lets time pass until a promise is settled.
 *
 * @returns the result of the promise
 * @throws Error if it waits for something that isn't a timer
 */
export async function passTimeUntil<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  const isDone = (): boolean => isSettled
  promise.then(settle, settle)
  for (;;) {
    await quiet(isDone)
    if (isDone()) return promise
    const next = timers.shift()
    if (next === undefined) throw new Error('The simulation waits for something that will not come.')
    elapsedMs = Math.max(elapsedMs, next.at)
    next.fire()
  }
}

/** From now on `src/` and `sandbox/`, when they are imported, and the global functions use virtual time. */
export function installVirtualTime(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = /\/(?:src|sandbox)\/(?:[^/]+\/)*[^/]+\.ts$/.test(context.parentURL ?? '')
      return specifier === 'node:timers/promises' && isOurs
        ? { url: import.meta.url, shortCircuit: true }
        : next(specifier, context)
    }
  })
  Object.assign(globalThis, {
    setTimeout: (callback: (...values: unknown[]) => void, milliseconds = 0, ...values: unknown[]) =>
      handleOf(
        schedule(milliseconds, () => {
          callback(...values)
        })
      ),
    clearTimeout: (handle: unknown) => {
      if (typeof handle === 'object' && handle !== null && 'timer' in handle) cancel(handle.timer)
    }
  })
}

function schedule(milliseconds: number, fire: () => void): Timer {
  const timer = { at: elapsedMs + Math.max(0, milliseconds), fire }
  timers.splice(timers.findLastIndex(({ at }) => at <= timer.at) + 1, 0, timer)
  return timer
}

function cancel(timer: unknown): void {
  const place = timers.findIndex(each => each === timer)
  if (place >= 0) timers.splice(place, 1)
}

/** The used parts of what the global function returns. */
function handleOf(timer: Timer): object {
  const handle = { timer, ref: () => handle, unref: () => handle, hasRef: () => true }
  return handle
}

/** Waits until nothing is happening, or until there is nothing more to wait for. */
async function quiet(isDone: () => boolean): Promise<void> {
  const events = (): number => performance.nodeTiming.uvMetricsInfo.events
  let seen = events()
  for (let turns = 0; turns < QUIET_TURNS && !isDone(); turns++) {
    await new Promise(resolve => setImmediate(resolve))
    if (events() === seen && busyCount === 0) continue
    seen = events()
    turns = -1
  }
}
