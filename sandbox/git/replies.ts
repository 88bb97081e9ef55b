// Defines the requests to and the responses from a repository's endpoints, and how they refuse.

import type { OutgoingHttpHeaders } from 'node:http'
import type { CommitToken, Permissions, Repository } from './repository.ts'

/** A request for something in a repository. */
export interface Asked {
  readonly repository: Repository
  readonly token: CommitToken
  readonly permissions: Permissions
  readonly method: string
  /** After `/repos/OWNER/NAME/`, decoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly input: Readonly<Record<string, unknown>>
}

/** A status and a body in GitHub's shape. */
export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers?: OutgoingHttpHeaders
}

const DOCS = 'https://docs.github.com/rest'

/** @param message in GitHub's words */
export function refused(status: number, message: string): Reply {
  return { status, body: { message, documentation_url: DOCS, status: `${status}` } }
}

export function notFound(): Reply {
  return refused(404, 'Not Found')
}

export function invalid(resource: string, message: string): Reply {
  return {
    status: 422,
    body: {
      message: 'Validation Failed',
      errors: [{ resource, code: 'custom', message }],
      documentation_url: DOCS,
      status: '422'
    }
  }
}

/** A text in the input; undefined if it is missing or not a text. */
export function text(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' ? value : undefined
}
