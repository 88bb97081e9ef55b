// Connects Octokit to the client: Octokit's requests go through the client, and GitHub's responses return through Octokit. Judges none of them.

import { getOctokit } from '@actions/github'
import type { Client, Method } from '../network/client.ts'
import { ActionError } from '../errors/action-error.ts'
import { property } from '../untrusted/json.ts'
import { messageIn } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'

/** Reads from GitHub's REST API with one token. */
export interface Reader {
  /**
   * Sends a GET request.
   *
   * @param route such as `GET /users/{username}`
   * @param parameters the values for the braces
   * @param signal ends the request
   * @returns the response with any status; in its `json`, an ID above 2^53 is a bigint
   * @throws ActionError from the client
   */
  read(route: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>
}

/** Reads from and writes to GitHub's REST API. */
export interface Github extends Reader {
  /**
   * Sends a request.
   *
   * @param route such as `POST /repos/{owner}/{repo}/git/trees`
   * @param parameters the values for the braces; others become the query of a GET, or else the body
   * @param once whether the request must not arrive twice
   * @returns the response with any status
   * @throws ActionError from the client
   */
  send(route: string, parameters: Readonly<Record<string, unknown>>, once?: boolean): Promise<Answer>
}

export interface ReaderOptions {
  /** A PAT or another GitHub token. */
  readonly pat: string
  /** Without a trailing slash. */
  readonly githubApiUrl: string
  readonly client: Client
  /** Receives what Octokit logs, which can contain text from a server. Only tests use it. */
  readonly log?: (...words: unknown[]) => void
}

/** The version of GitHub's REST API. GitHub supports it at least until 2028-03-10, 24 months after its successor, 2026-03-10. */
export const API_VERSION = '2022-11-28'

/** Creates Octokit over the client. */
export function createReader({ pat, githubApiUrl, client, log = silent }: ReaderOptions): Github {
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
 * Provides the client as the `fetch` that Octokit calls, reduced to what Octokit needs.
 *
 * Headers from the server aren't passed on, because Octokit prints the text of some, such as `deprecation`. Every body is declared
 * as JSON, and the body of a refusal is reduced to its message, so that error objects contain nothing else.
 *
 * @param seen called with the complete response
 * @param once whether the request must not arrive twice
 * @throws TypeError for a method that the client doesn't have
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

/** Waits for Octokit, and returns the response even if Octokit throws because of its status. */
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
  // Octokit's log lines aren't printed.
}
