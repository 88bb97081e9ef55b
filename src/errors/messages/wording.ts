// Owns what all messages share: the evidence behind a failure, links, and the few phrases that several codes use.

import type { Quoted } from '../../untrusted/quoted.ts'

/**
 * Stands in links for the GitHub that people log in to: which one it is, only the run knows. It is a character that no
 * quoted text can have.
 */
export const SERVER = '\u{e000}'

/** The two services that the action talks to. */
export type Service = 'GitHub' | 'Vaunt'

/** What is known of the answer that a failure stands on. */
export interface Trail {
  /** How many times the request was made. */
  readonly attempts: number
  /** The service's own id of the request. */
  readonly requestId?: Quoted | undefined
  /** The service's own words. */
  readonly words?: Quoted | undefined
}

export interface Explanation {
  /** What happened, one or more whole sentences. */
  readonly message: string
  /** What to do, one or more whole sentences. */
  readonly remedy: string
}

/** For each code of a group, its words from its facts. */
export type Messages<F> = { readonly [C in keyof F]: (facts: F[C]) => Explanation }

export const PAT_FORM = `${SERVER}/settings/personal-access-tokens`

export function apiUrlInput(service: Service): string {
  return service === 'GitHub' ? 'github-api-url' : 'vaunt-api-url'
}

export function statusPage(service: Service): string {
  return service === 'GitHub' ? 'https://www.githubstatus.com' : 'https://vaunt.dev'
}

/** The evidence behind a message: the service's words, its request id, the number of attempts. */
export function trail(service: Service | 'It', facts: Partial<Trail>): string {
  const words = facts.words ? `${facts.words}` : ''
  const made = facts.attempts ?? 1
  return (
    (words ? ` ${service} says: "${words}".` : '') +
    (facts.requestId ? ` Request id: ${facts.requestId}.` : '') +
    (made > 1 ? ` ${made} attempts were made.` : '')
  )
}

export function attempts(count: number): string {
  return count > 1 ? ` in ${count} attempts` : ''
}

export function iso(date: Date): string {
  return date.toISOString()
}
