// Provides a repository of the sandbox's GitHub to the unit tests, through the real Octokit and without a network, and injects failures.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { Repository as Asked } from '../../src/card/repository.ts'
import { ActionError } from '../../src/errors/action-error.ts'
import { createReader } from '../../src/github/octokit.ts'
import type { Client, Message } from '../../src/network/client.ts'
import { judge } from '../../src/network/answer.ts'
import type { Answer } from '../../src/network/answer.ts'
import { LIMITS } from '../../src/network/retry.ts'
import type { Repository } from '../../sandbox/git/repository.ts'
import { githubModel } from '../../sandbox/github/github.ts'
import { addRepository, defaultPopulation, JOB_TOKEN } from '../../sandbox/github/population.ts'
import { quote } from './failures.ts'

/** What happens to one request: it is answered otherwise, or something happens before or after it. */
export type Fault = (answered: () => Promise<Answer>) => Promise<Answer>

export interface Hosted {
  /** As the sandbox keeps it. */
  readonly repository: Repository
  /** As the action asks for it. */
  readonly asked: Asked
  readonly client: Client
  /** The requests so far: method, and what of the repository. */
  readonly requests: string[]
  /** What becomes of the next requests of a method to paths that end like this; one fault for each. */
  fail(method: string, path: RegExp, ...faults: Fault[]): void
}

/** A repository with a first commit. */
export function hostRepository(token = JOB_TOKEN): Hosted {
  const population = defaultPopulation()
  const repository = addRepository(population, 'octo/demo', undefined, { token, login: 'github-actions[bot]' })
  repository.commitFiles('main', { 'README.md': 'x' }, 'First')
  const model = githubModel(population)
  const requests: string[] = []
  const waiting: { readonly method: string; readonly path: RegExp; readonly faults: Fault[] }[] = []
  const client: Client = {
    async request(_service, url, message) {
      const { method = 'GET' } = message
      const path = decodeURIComponent(new URL(url).pathname).replace('/repos/octo/demo', '')
      requests.push(`${method} ${path.replace(/[\da-f]{40}/, 'SHA')}`)
      const answered = (): Promise<Answer> => ask(model, url, message)
      const found = waiting.find(each => each.method === method && each.path.test(path) && each.faults.length > 0)
      return await (found?.faults.shift() ?? (() => answered()))(answered)
    },
    openEarly: () => undefined,
    close: () => undefined
  }
  const github = createReader({ pat: token, githubApiUrl: 'https://api.github.com', client })
  return {
    repository,
    asked: new Asked({ github, owner: 'octo', name: 'demo', quote, token }),
    client,
    requests,
    fail(method, path, ...faults) {
      waiting.push({ method, path, faults })
    }
  }
}

/** The connection breaks; `arrives` says whether the request had arrived. */
export function broken(arrives: boolean): Fault {
  return async answered => {
    if (arrives) await answered()
    throw ActionError.of('github-unavailable', {
      outage: 'network',
      phase: 'http',
      host: quote('api.github.com'),
      attempts: 3,
      limitMs: 1
    })
  }
}

/** GitHub refuses. */
export function refused(status: number, message: string, attempts = 1): Fault {
  return async () => {
    const { answer } = received({ status, headers: {}, body: JSON.stringify({ message }) })
    return await Promise.resolve({ ...answer, trail: { ...answer.trail, attempts } })
  }
}

/** Somebody else does something first. */
export function after(act: () => unknown): Fault {
  return answered => {
    act()
    return answered()
  }
}

async function ask(model: ReturnType<typeof githubModel>, url: string, message: Message): Promise<Answer> {
  const { pathname, search } = new URL(url.replace('/api/v3/', '/'))
  const request = Object.assign(Readable.from(message.body === undefined ? [] : [Buffer.from(message.body)]), {
    method: message.method ?? 'GET',
    url: `${pathname}${search}`,
    headers: message.headers
  })
  let [status, body] = [0, '']
  const response = {
    writeHead(given: number) {
      status = given
    },
    end(bytes: Buffer) {
      body = bytes.toString('utf8')
    }
  }
  await model(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  return received({ status, headers: {}, body }).answer
}

function received(outcome: { status: number; headers: Record<string, string>; body: string }): { answer: Answer } {
  const host = quote('api.github.com')
  const request = { service: 'GitHub', path: host, host, proxyHost: undefined, hasCredentials: false } as const
  const verdict = judge(outcome, { ...request, limits: LIMITS, quote, extraCa: () => 'unset' }, 0)
  if ('answer' in verdict) return verdict
  throw verdict.failure.error({ attempts: 1, late: false, now: 0 })
}
