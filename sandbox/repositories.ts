// Queries Vaunt with a token: how many repositories it has data for, and how many of them are private. The demo and the pictures use it. It prints no names.

import { createClient } from '../src/network/client.ts'
import { property } from '../src/untrusted/json.ts'
import { proxyPasswords } from '../src/network/proxy.ts'
import { Quoted } from '../src/untrusted/quoted.ts'

/** Vaunt's maximum for one request. */
const PAGE_LENGTH = 100
/** Ends a series of pages that never ends. */
const MAX_PAGES = 100

export interface Question {
  /** Without a trailing slash. */
  readonly vauntApiUrl: string
  /** As Vaunt spells it. */
  readonly entity: string
  readonly token: string
  /** Contains the proxy variables. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Asks Vaunt for all pages of an entity's repositories, as a step after the action would.
 *
 * @returns what was found, in one sentence
 * @throws ActionError if Vaunt can't be reached; Error if its response isn't such a list. The messages are safe to print.
 */
export async function countRepositories({ vauntApiUrl, entity, token, environment }: Question): Promise<string> {
  const secrets = [token, ...proxyPasswords(environment)]
  const client = createClient({
    environment,
    nodeVersion: process.versions.node,
    quote: raw => new Quoted(raw, secrets),
    onRetry: () => undefined,
    now: Date.now,
    uptime: () => performance.now()
  })
  const address = `${vauntApiUrl}/v1/github/entities/${encodeURIComponent(entity)}/repositories?limit=${PAGE_LENGTH}`
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  let [count, privateCount, cursor] = [0, 0, '']
  try {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const after = cursor === '' ? '' : `&after=${encodeURIComponent(cursor)}`
      const { status, json, trail } = await client.request('Vaunt', `${address}${after}`, { headers })
      // The last page can have a cursor, too, with nothing after it.
      if (status === 404 && page > 1) break
      const data = property(json, 'data')
      if (status !== 200 || !Array.isArray(data)) {
        const words = trail.words === undefined ? '' : `: "${String(trail.words)}"`
        throw new Error(`Vaunt does not list the repositories. It answered with status ${status}${words}.`)
      }
      count += data.length
      privateCount += data.filter(repository => property(repository, 'private') === true).length
      const next = property(json, 'next_cursor')
      if (data.length === 0 || typeof next !== 'string' || next === '') break
      cursor = next
    }
  } finally {
    client.close()
  }
  return `Vaunt has data for ${count} ${count === 1 ? 'repository' : 'repositories'}, ${privateCount} of them private`
}
