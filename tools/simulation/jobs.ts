// Runs the jobs of a simulation: when they start, the requests that each one sends through the action's own client, and how it ends.

import { PATS } from '../../sandbox/github/population.ts'
import { ActionError } from '../../src/errors/action-error.ts'
import { Quoted } from '../../src/untrusted/quoted.ts'
import { createClient } from '../../src/network/client.ts'
import type { Client } from '../../src/network/client.ts'
import { now, setTimeout as sleep, uptime } from './clock.ts'
import { JOB_HEADER } from './services.ts'
import type { Services } from './services.ts'

export interface Workload {
  readonly jobs: number
  /** In what time all of them may start, one after another, where `maxParallel` lets them. */
  readonly startMs: number
  /** How many run side by side. */
  readonly maxParallel: number
  /** How long a job runs after the action's step. */
  readonly workMs: number
  /** Whether the first job alone attests, and all others open what it sealed, for which they need no network. */
  readonly isSealed: boolean
}

export interface Ended {
  /** `success`, the error code, or service and status of an answer that the client did not try again. */
  readonly outcome: string
  readonly stepMs: number
}

const PAT = PATS.monaForAcme.token
const READS = ['/user', '/users/acme-labs', '/user/memberships/orgs/acme-labs']
const EXCHANGE = '/v1/github/entities/Acme-Labs/token'

/**
 * Runs all jobs to their end, in virtual time.
 *
 * @param random from 0 to 1, for the client's jitter
 */
export async function runJobs(workload: Workload, services: Services, random: () => number): Promise<Ended[]> {
  const { jobs, startMs, maxParallel, workMs, isSealed } = workload
  const run = async (number: number): Promise<Ended> => {
    const ended = isSealed && number > 0 ? { outcome: 'success', stepMs: 0 } : await runStep(number, services, random)
    // A job whose step failed is over.
    if (ended.outcome === 'success') await sleep(workMs)
    return ended
  }
  const beganAt = uptime()
  const ended: Ended[] = []
  let next = 0
  /** A runner takes the next job, waits until that may start, and takes another when it has ended. */
  const work = async (): Promise<void> => {
    while (next < jobs) {
      const number = next++
      await sleep(beganAt + (startMs * number) / jobs - uptime())
      ended.push(await run(number))
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, maxParallel) }, work))
  return ended
}

/** The action's step, as far as the network goes: three reads side by side, then the exchange. */
async function runStep(number: number, { github, vaunt }: Services, random: () => number): Promise<Ended> {
  const startedAt = uptime()
  const client = createClient({
    environment: {},
    nodeVersion: process.versions.node,
    quote: raw => new Quoted(raw, [PAT]),
    onRetry: () => undefined,
    now,
    uptime,
    random
  })
  try {
    const job = { [JOB_HEADER]: `${number}`, authorization: `Bearer ${PAT}` }
    client.openEarly(vaunt.url)
    const giveUp = new AbortController()
    const reads = READS.map(path => ask(client, 'GitHub', github.url + path, job, giveUp.signal))
    await Promise.all(reads).catch(async (thrown: unknown) => {
      giveUp.abort()
      await Promise.allSettled(reads)
      throw thrown
    })
    await ask(client, 'Vaunt', vaunt.url + EXCHANGE, job)
    return { outcome: 'success', stepMs: uptime() - startedAt }
  } catch (thrown) {
    if (!(thrown instanceof ActionError || thrown instanceof Refused)) throw thrown
    return { outcome: thrown instanceof ActionError ? thrown.code : thrown.message, stepMs: uptime() - startedAt }
  } finally {
    client.close()
  }
}

async function ask(
  client: Client,
  service: 'GitHub' | 'Vaunt',
  url: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal
): Promise<void> {
  const { status } = await client.request(service, url, { headers, signal })
  if (status !== 200) throw new Refused(`${service} ${status}`)
}

/** An answer that the client hands on; the rest of the action would judge it. */
class Refused extends Error {}
