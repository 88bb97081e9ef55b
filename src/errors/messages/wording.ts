// Owns what all messages share: the evidence behind a failure, links, and the few phrases that several codes use.

import type { Quoted } from '../../untrusted/quoted.ts'

/**
 * Stands in links for the GitHub that people sign in to: only the run knows which one it is. It is a character that no
 * quoted text can have.
 */
export const SERVER = '\u{e000}'

/** The two services that the action talks to. */
export type Service = 'GitHub' | 'Vaunt'

/** What is known of the response that a failure stands on. */
export interface Trail {
  /** How many times the request was made. */
  readonly attempts: number
  /** The service's own ID of the request. */
  readonly requestId?: Quoted | undefined
  /** The service's own words. */
  readonly words?: Quoted | undefined
}

export interface Explanation {
  /** What happened, one or more whole sentences. */
  readonly message: string
  /** What to do, one or more whole sentences. */
  readonly remedy: string
  /** The evidence, without its brackets: the server's words, request ID, attempts. Empty: there is none. */
  readonly details?: string
}

/** For each code of a group, its words from its facts. */
export type Messages<F> = { readonly [C in keyof F]: (facts: F[C]) => Explanation }

export const PAT_FORM = `${SERVER}/settings/personal-access-tokens`

export const CREATE_PAT = `${PAT_FORM}/new`

/** For a value that may be a secret, or contain one. */
export const VALUE_HIDDEN = 'value not shown'

export function apiUrlInput(service: Service): string {
  return service === 'GitHub' ? "'github-api-url'" : "'vaunt-api-url'"
}

export function support(service: Service): string {
  return service === 'GitHub' ? 'GitHub Support' : 'Vaunt support'
}

/** Where to turn when a service stays unavailable. Vaunt publishes no status page. */
export function ifItLasts(service: Service): string {
  return service === 'GitHub'
    ? 'Check https://www.githubstatus.com for outages.'
    : `If it keeps failing, contact ${support(service)}.`
}

/** The evidence behind a message: who said which words, the request ID, and the number of attempts. */
export function details(speaker: Service | 'response', { words, requestId, attempts = 1 }: Partial<Trail>): string {
  const said = words ? `${words}` : ''
  return [
    said ? `${speaker}: "${said}"` : '',
    requestId ? `request ID ${requestId}` : '',
    attempts > 1 ? `${attempts} attempts` : ''
  ]
    .filter(part => part !== '')
    .join('; ')
}

export function iso(date: Date): string {
  return date.toISOString()
}
