// Owns the account in an answer of GitHub's: its login, its id and its type, each in a form that can be relied on.

import type { Answer } from '../network/answer.ts'
import { property } from '../untrusted/json.ts'
import { unexpected } from './refusal.ts'

export interface Account {
  readonly login: string
  readonly id: string
  readonly type: string
}

/** The account that an answer describes. @throws ActionError `github-unexpected` */
export function account(answer: Answer, asked: string): Account {
  const login = property(answer.json, 'login')
  const id = idIn(answer.json)
  const type = property(answer.json, 'type')
  if (typeof login !== 'string' || !LOGIN.test(login) || id === undefined || typeof type !== 'string') {
    throw unexpected(answer, asked, 'not-described')
  }
  return { login, id, type }
}

/** A login is put into a URL and into outputs, so it is held to the characters that logins have. */
const LOGIN = /^[A-Za-z\d][A-Za-z\d_-]{0,99}(?:\[bot\])?$/

/** Letter case does not count in logins. What GitHub left out contradicts nothing. */
export function isSameLogin(said: unknown, login: string): boolean {
  return said === undefined || (typeof said === 'string' && said.toLowerCase() === login.toLowerCase())
}

/** The `id` of an object in decimal digits; Octokit reads one beyond 2^53 as a bigint. */
export function idIn(value: unknown): string | undefined {
  const id = property(value, 'id')
  const whole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id))
  return whole && id > 0 && id < MAX_ID ? String(id) : undefined
}

/** GitHub's ids are 64-bit integers; anything longer would be printed at any length. */
const MAX_ID = 2n ** 63n
