// A minimal HTTPS client for the tests of the sandbox: it sends one request over verified TLS, and retries nothing.

import { request } from 'node:https'
import type { Agent } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'

export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface GetOptions {
  readonly ca: string
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
  readonly method?: string
  readonly body?: string
  /** Gives up after this; the error's code is ABORT_ERR. */
  readonly timeoutMs?: number
}

/** Gets an https URL; rejects with Node's own error, also when the body breaks off. */
export function get(url: string, options: GetOptions): Promise<Got> {
  const { ca, headers = {}, agent = false, method = 'GET', body, timeoutMs = 5_000 } = options
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const sent = request(url, { ca, headers, agent, method, signal }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString()
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Node's code of the error a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (thrown) {
    // Not `instanceof Error`: Jest's realm has an Error of its own.
    return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : String(thrown)
  }
}

/** Reads JSON whose shape the test asserts itself. */
export function parseJson(text: string): unknown {
  return JSON.parse(text)
}
