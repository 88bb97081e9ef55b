// Contains what all messages share: the evidence behind a failure, links, and the phrases that several codes use.

import type { Quoted } from '../../untrusted/quoted.ts'

/**
 * Stands in links for the GitHub server that people sign in to, which only the run knows. It is a character that quoted
 * text never contains.
 */
export const SERVER = '\u{e000}'

/** The two services that the action talks to. */
export type Service = 'GitHub' | 'Vaunt'

/** The evidence in the response that caused a failure. */
export interface Trail {
  /** How many times the request was sent. */
  readonly attempts: number
  /** The service's ID of the request. */
  readonly requestId?: Quoted | undefined
  /** The service's own words about the failure. */
  readonly words?: Quoted | undefined
}

export interface Explanation {
  /** What happened, one or more whole sentences. */
  readonly message: string
  /** What to do, one or more whole sentences. */
  readonly remedy: string
  /** The evidence, without parentheses: the server's words, request ID, and attempts. Empty if there is none. */
  readonly details?: string
}

/** For each code of a group, the function that builds its words from its facts. */
export type Messages<F> = { readonly [C in keyof F]: (facts: F[C]) => Explanation }

export const PAT_FORM = `${SERVER}/settings/personal-access-tokens`

export const CREATE_PAT = `${PAT_FORM}/new`

/** Says why a message doesn't repeat a value, which may be or contain a secret. */
export const VALUE_HIDDEN = 'value not shown'

export function apiUrlInput(service: Service): string {
  return service === 'GitHub' ? "'github-api-url'" : "'vaunt-api-url'"
}

export function support(service: Service): string {
  return service === 'GitHub' ? 'GitHub Support' : 'Vaunt support'
}

/** Says what to do if a service stays unavailable. Vaunt has no public status page. */
export function ifItLasts(service: Service): string {
  return service === 'GitHub'
    ? 'Check https://www.githubstatus.com for outages.'
    : `If it keeps failing, contact ${support(service)}.`
}

/** Builds the details of a message: who said which words, the request ID, and the number of attempts. */
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
