// Reads an account from GitHub's response: its login, its ID, and its type, each checked.

import type { Answer } from '../network/answer.ts'
import { property } from '../untrusted/json.ts'
import { unexpected } from './refusal.ts'

export interface Account {
  readonly login: string
  readonly id: string
  readonly type: string
}

/**
 * Reads the account in a response.
 *
 * @throws ActionError `github-unexpected`
 */
export function account(answer: Answer, asked: string): Account {
  const login = property(answer.json, 'login')
  const id = idIn(answer.json)
  const type = property(answer.json, 'type')
  if (typeof login !== 'string' || !LOGIN.test(login) || id === undefined || typeof type !== 'string') {
    throw unexpected(answer, asked, 'not-described')
  }
  return { login, id, type }
}

/** A login becomes part of a URL and of outputs, so it may contain only the characters that logins have. */
const LOGIN = /^[A-Za-z\d][A-Za-z\d_-]{0,99}(?:\[bot\])?$/

/** Compares logins without letter case. A login that is missing in a response contradicts nothing. */
export function isSameLogin(said: unknown, login: string): boolean {
  return said === undefined || (typeof said === 'string' && said.toLowerCase() === login.toLowerCase())
}

/** Reads the `id` of an object in decimal digits. Octokit parses an ID above 2^53 as a bigint. */
export function idIn(value: unknown): string | undefined {
  const id = property(value, 'id')
  const whole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id))
  return whole && id > 0 && id < MAX_ID ? String(id) : undefined
}

/** GitHub's IDs are 64-bit integers. A larger number could have any length, and IDs are printed. */
const MAX_ID = 2n ** 63n
