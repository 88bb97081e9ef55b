// Runs whole-program tests in parallel, and gives each of them a sandbox.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, test } from '@jest/globals'
import { ignore } from '../../sandbox/network/ignore.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts'

type Work = (sandbox: Sandbox) => Promise<void>

interface Job extends PromiseWithResolvers<void> {
  readonly work: Work
}

const LONGEST_TEST_MS = 120_000

/**
 * Makes a `test` whose tests all begin with the file, `count` at a time, so that those that wait do not make the others
 * wait. To be called at the top of a file.
 *
 * @param count `Infinity` for one sandbox each
 */
export function sideBySide(count: number, options: SandboxOptions = {}): (name: string, work: Work) => void {
  const jobs: Job[] = []
  const sandboxes: Sandbox[] = []
  const ended: Promise<void>[] = []

  beforeAll(async () => {
    const wanted = Array.from({ length: Math.min(count, jobs.length) }, () => startSandbox(options))
    sandboxes.push(...(await Promise.all(wanted)))
    const queue = [...jobs]
    for (const sandbox of sandboxes) ended.push(drive(sandbox, queue))
  }, LONGEST_TEST_MS)

  afterAll(async () => {
    await Promise.all(ended)
    await Promise.all(sandboxes.map(sandbox => sandbox.stop()))
  }, LONGEST_TEST_MS)

  return (name, work) => {
    const job: Job = { work, ...Promise.withResolvers() }
    // A failure counts when its test comes to wait for it, not before.
    job.promise.catch(ignore)
    jobs.push(job)
    test(name, () => job.promise, LONGEST_TEST_MS)
  }
}

/** Requests that a step sent before it ended may still be on their way; they are not the next step's. */
const SETTLING_MS = 20

async function drive(sandbox: Sandbox, queue: Job[]): Promise<void> {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    sandbox.reset()
    // What a test made slow is slow for that test alone.
    for (const server of [sandbox.github, sandbox.vaunt]) Object.assign(server, { latencyMs: 0, connectLatencyMs: 0 })
    await job.work(sandbox).then(job.resolve, job.reject)
    await sleep(SETTLING_MS)
  }
}
