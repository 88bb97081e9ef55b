// Provides valid inputs to the tests of the rules, and checks them with changes.

import { expect } from '@jest/globals'
import { describe as textOf } from '../../src/errors/action-error.ts'
import { checkInputs } from '../../src/runner/check-inputs.ts'
import type { Inputs, ExchangeInputs, OpenInputs } from '../../src/runner/check-inputs.ts'
import type { RawInputs } from '../../src/runner/inputs.ts'
import { inputErrorsOf, quote } from '../support/failures.ts'
import { PAT } from '../support/secrets.ts'

export const GOOD: RawInputs = {
  pat: PAT,
  entity: 'Acme-Labs',
  'export-env': '',
  'seal-key': '',
  'sealed-token': '',
  'vaunt-api-url': 'https://api.vaunt.dev',
  'github-api-url': 'https://api.github.com'
}

/** A GitHub Enterprise and a self-hosted Vaunt, so that any URL can be tried as one of them. */
export const ELSEWHERE = { 'vaunt-api-url': 'https://vaunt.example', 'github-api-url': 'https://ghes.example/api/v3' }

export function check(changes: Partial<RawInputs>): Inputs {
  return checkInputs({ ...GOOD, ...changes }, quote, () => 'unknown')
}

export function exchange(changes: Partial<RawInputs> = {}): ExchangeInputs {
  const inputs = check(changes)
  if (inputs.mode !== 'exchange') throw new Error('expected to exchange')
  return inputs
}

export function open(changes: Partial<RawInputs>): OpenInputs {
  const inputs = check(changes)
  if (inputs.mode !== 'open') throw new Error('expected to open')
  return inputs
}

/** What is wrong, as `input: code`. */
export async function problems(changes: Partial<RawInputs>): Promise<string[]> {
  const { problems } = await inputErrorsOf(() => check(changes))
  return problems.map(({ input, error }) => `${input}: ${error.code}`)
}

/** The whole text of the one problem that there is. */
export async function complaint(changes: Partial<RawInputs>): Promise<string> {
  const errors = await inputErrorsOf(() => check(changes))
  expect(errors.problems).toHaveLength(1)
  return textOf(errors, 'GUIDE')
}
