// Owns Octokit over the client, in both directions: what Octokit asks goes to the client, and what GitHub answers comes back through Octokit. Judges no answer.

import type { Client, Method } from '../network/client.ts'
import { ActionError } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'
import { messageIn } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'

/** Reads GitHub's REST API with the token that it was made with. */
export interface Reader {
  /**
   * @param route such as `GET /users/{username}`
   * @param parameters what stands in the braces
   * @param signal gives up at once
   * @returns the answer, whatever its status, its `json` as Octokit reads it: ids beyond 2^53 are bigints
   * @throws ActionError what the client throws
   */
  read(route: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>
}

/** Reads and writes. */
export interface Github extends Reader {
  /**
   * @param route such as `POST /repos/{owner}/{repo}/git/trees`
   * @param parameters what stands in the braces; of a GET the others are its query, of all else its body
   * @param once whether the request does harm when it arrives twice
   * @returns the answer, whatever its status
   * @throws ActionError what the client throws
   */
  send(route: string, parameters: Readonly<Record<string, unknown>>, once?: boolean): Promise<Answer>
}

export interface ReaderOptions {
  /** Or another token of GitHub's. */
  readonly pat: string
  /** Without a trailing slash. */
  readonly githubApiUrl: string
  readonly client: Client
  /** Where Octokit prints what servers say: nowhere, unless a test listens. */
  readonly log?: (...words: unknown[]) => void
}

/** The version of GitHub's REST API that the answers are read by. GitHub supports it until 2028-03-10 at least: 24 months from its successor, 2026-03-10. */
export const API_VERSION = '2022-11-28'

/** Makes the reader. Octokit is loaded only now: a run that opens a sealed token needs none. */
export async function createReader({ pat, githubApiUrl, client, log = silent }: ReaderOptions): Promise<Github> {
  const { getOctokit } = await import('@actions/github')
  const octokit = getOctokit(pat, {
    baseUrl: githubApiUrl,
    userAgent: 'vaunt-token-action',
    log: { debug: log, info: log, warn: log, error: log }
  })
  const ask = async (
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly signal?: AbortSignal; readonly once?: boolean }
  ): Promise<Answer> => {
    let received: Answer | undefined
    const seen = (answer: Answer): void => {
      received = answer
    }
    const { signal, once } = options
    const request = { fetch: fetchOver(client, seen, once), ...(signal && { signal }) }
    const headers = { 'x-github-api-version': API_VERSION }
    const response = await settled(octokit.request(route, { ...parameters, headers, request }))
    if (!received) throw new TypeError('Octokit answered without having asked')
    // Of a refusal Octokit was given the words only.
    return received.status < 400 ? { ...received, json: property(response, 'data') } : received
  }
  return {
    read: (route, parameters, signal) => ask(route, parameters, { signal }),
    send: (route, parameters, once = false) => ask(route, parameters, { once })
  }
}

/**
 * The client as the `fetch` that Octokit wants, reduced to what Octokit has to read.
 *
 * No header of the server is passed on (a `deprecation` header would make Octokit print server text), every body is
 * declared JSON, and the body of a refusal is reduced to its message, so that no error object carries anything else.
 *
 * @param seen is given the whole answer
 * @param once whether the request does harm when it arrives twice
 * @throws TypeError for a method that the client does not have
 */
export function fetchOver(
  client: Client,
  seen: (answer: Answer) => void,
  once = false
): (url: string, init: FetchInit) => Promise<FetchResponse> {
  return async (url, { method, headers, signal, body: sent }) => {
    if (!isMethod(method)) throw new TypeError(`the client cannot ${method}`)
    const answer = await client.request('GitHub', url, { method, headers, body: sent, signal, once })
    seen(answer)
    const passed = new Map([['content-type', 'application/json; charset=utf-8']])
    const body = answer.status < 400 ? answer.body : JSON.stringify({ message: messageIn(answer.json) })
    return { status: answer.status, url, headers: passed, text: () => Promise.resolve(body) }
  }
}

function isMethod(name: string): name is Method {
  return name === 'GET' || name === 'POST' || name === 'PATCH' || name === 'PUT'
}

interface FetchInit {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON, as Octokit writes it. */
  readonly body?: string
  readonly signal?: AbortSignal
}

interface FetchResponse {
  readonly status: number
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly text: () => Promise<string>
}

/** Waits for Octokit, which throws what is no success, and gives back its response. */
async function settled(response: Promise<unknown>): Promise<unknown> {
  try {
    return await response
  } catch (thrown) {
    const cause = property(thrown, 'cause')
    if (cause instanceof ActionError) throw cause
    const refused = property(thrown, 'response')
    if (refused === undefined) throw thrown
    return refused
  }
}

function silent(): void {
  // Nothing is worth printing.
}
