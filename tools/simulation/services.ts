// Runs the two services of a simulation over real TLS: the sandbox's GitHub behind its published limits, and the sandbox's Vaunt behind an assumed one.
//
// GitHub publishes, for one user and so for all jobs that share a PAT: 5,000 requests an hour; no more than 100 at once, 900
// a minute to one endpoint, and 90 seconds of processor time a minute, to be estimated by the time that answers take. It does
// not publish which refusals have a `retry-after`, or whether refused requests count: here they do not.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from '../../sandbox/network/certificates.ts'
import { githubModel } from '../../sandbox/github/github.ts'
import { defaultPopulation } from '../../sandbox/github/population.ts'
import { refusals } from '../../sandbox/github/responses.ts'
import { answer } from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import { startServer } from '../../sandbox/network/server.ts'
import { createVaunt } from '../../sandbox/vaunt/vaunt.ts'
import { hold, now, setTimeout as sleep, uptime } from './clock.ts'

export interface GithubLimits {
  readonly requestsPerHour: number
  readonly atOnce: number
  /** To one endpoint. */
  readonly requestsPerMinute: number
  readonly answeringMsPerMinute: number
  /** The header in the refusal of a secondary limit; undefined for none. */
  readonly retryAfterSeconds: number | undefined
}

export interface VauntLimit {
  readonly requestsPerSecond: number
  readonly retryAfterSeconds: number
}

export interface ServiceOptions {
  readonly certificate: Certificate
  /** How long every response takes. Refusals are immediate. */
  readonly answerMs: number
  /** undefined: none. */
  readonly github: GithubLimits | undefined
  readonly vaunt: VauntLimit | undefined
}

export interface Service {
  readonly url: string
  readonly requests: number
  readonly refused: number
  /** When each second attempt arrived, in milliseconds of virtual time. */
  readonly secondAttempts: readonly number[]
}

export interface Services {
  readonly github: Service
  readonly vaunt: Service
  stop(): Promise<void>
}

/** The header that identifies the attempts of a job. */
export const JOB_HEADER = 'x-simulated-job'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Starts both on loopback. */
export async function startServices({ certificate, answerMs, github, vaunt }: ServiceOptions): Promise<Services> {
  const population = defaultPopulation()
  const model = await createVaunt(population)
  const first = createService(githubModel(population), answerMs, github && limitGithub(github, answerMs))
  const second = createService(model.answer, answerMs, vaunt && limitVaunt(vaunt))
  const servers = await Promise.all([first, second].map(each => startServer({ model: each.answer, certificate })))
  for (const [index, each] of [first, second].entries())
    each.service.url = `https://127.0.0.1:${servers[index]?.port ?? 0}`
  return {
    github: first.service,
    vaunt: second.service,
    async stop() {
      await Promise.all(servers.map(server => server.stop()))
    }
  }
}

/** The limit that refuses a request, or undefined; it is also notified of each response. */
interface Limit {
  refuse(request: IncomingMessage): Answer | undefined
  end(): void
}

function createService(
  model: Answer,
  answerMs: number,
  limit: Limit | undefined
): { readonly answer: Answer; readonly service: { -readonly [K in keyof Service]: Service[K] } } {
  const secondAttempts: number[] = []
  const service = { url: '', requests: 0, refused: 0, secondAttempts }
  const attempts = new Map<string, number>()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    service.requests++
    const key = `${String(request.headers[JOB_HEADER])} ${request.url ?? ''}`
    const attempt = (attempts.get(key) ?? 0) + 1
    attempts.set(key, attempt)
    if (attempt === 2) secondAttempts.push(uptime())
    response.setHeader('date', new Date(now()).toUTCString())
    const refusal = limit?.refuse(request)
    if (refusal !== undefined) {
      service.refused++
      await refusal(request, response)
      return
    }
    await sleep(answerMs)
    limit?.end()
    // The client has given up.
    if (response.closed) return
    // Signing happens on another thread, which the clock doesn't see.
    const release = hold()
    response.on('close', release)
    await model(request, response)
  }
  return { answer: serve, service }
}

function limitGithub(limits: GithubLimits, answerMs: number): Limit {
  const hour = createWindow(HOUR_MS)
  const minutes = new Map<string, Window>()
  const minute = createWindow(MINUTE_MS)
  let atOnce = 0
  return {
    refuse({ url = '' }) {
      const endpoint = url.replace(/^\/users\/[^/]+$/, '/users/:login').replace(/(\/orgs\/)[^/]+$/, '$1:org')
      const own = minutes.get(endpoint) ?? createWindow(MINUTE_MS)
      minutes.set(endpoint, own)
      if (hour.count() >= limits.requestsPerHour) {
        return refusals.primaryRateLimit(Math.ceil((now() + hour.freeInMs()) / 1000))
      }
      const isTooMuch =
        atOnce >= limits.atOnce ||
        own.count() >= limits.requestsPerMinute ||
        minute.count() * answerMs >= limits.answeringMsPerMinute
      if (isTooMuch) return refusals.secondaryRateLimit(limits.retryAfterSeconds)
      for (const window of [hour, own, minute]) window.add()
      atOnce++
      return undefined
    },
    end() {
      atOnce--
    }
  }
}

function limitVaunt({ requestsPerSecond, retryAfterSeconds }: VauntLimit): Limit {
  const second = createWindow(1000)
  return {
    refuse() {
      if (second.count() >= requestsPerSecond) {
        return answer(
          429,
          { error: { message: 'too many requests', code: 0 } },
          { 'retry-after': `${retryAfterSeconds}` }
        )
      }
      second.add()
      return undefined
    },
    end() {
      // Only the number of new requests is limited.
    }
  }
}

interface Window {
  count(): number
  add(): void
  /** When the oldest counted event expires. */
  freeInMs(): number
}

/** Counts the events in the last given milliseconds. */
function createWindow(lengthMs: number): Window {
  const times: number[] = []
  const forget = (): void => {
    while ((times[0] ?? Infinity) <= uptime() - lengthMs) times.shift()
  }
  return {
    count() {
      forget()
      return times.length
    },
    add() {
      times.push(uptime())
    },
    freeInMs() {
      forget()
      return (times[0] ?? uptime()) + lengthMs - uptime()
    }
  }
}
