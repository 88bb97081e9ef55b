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
  /** The time in which all of them start, one after another, as far as `maxParallel` allows. */
  readonly startMs: number
  /** How many run in parallel. */
  readonly maxParallel: number
  /** How long a job runs after the action's step. */
  readonly workMs: number
  /** Whether only the first job gets a token, and all others open its sealed token, without a network. */
  readonly isSealed: boolean
}

export interface Ended {
  /** `success`, the error code, or the service and status of a response that the client didn't retry. */
  readonly outcome: string
  readonly stepMs: number
}

const PAT = PATS.monaForAcme.token
const READS = ['/user', '/users/acme-labs', '/user/memberships/orgs/acme-labs']
const EXCHANGE = '/v1/github/entities/Acme-Labs/token'

/**
 * Runs all jobs in virtual time.
 *
 * @param random from 0 to 1, for the client's jitter
 */
export async function runJobs(workload: Workload, services: Services, random: () => number): Promise<Ended[]> {
  const { jobs, startMs, maxParallel, workMs, isSealed } = workload
  const run = async (number: number): Promise<Ended> => {
    const ended = isSealed && number > 0 ? { outcome: 'success', stepMs: 0 } : await runStep(number, services, random)
    // A job ends when its step fails.
    if (ended.outcome === 'success') await sleep(workMs)
    return ended
  }
  const beganAt = uptime()
  const ended: Ended[] = []
  let next = 0
  /** A runner takes the next job, waits for its start, and takes another one when it has ended. */
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

/** The network part of the action's step: three parallel reads, then the exchange. */
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

/** A response that the client returns. The rest of the action would judge it. */
class Refused extends Error {}
