// Owns the proof of how several failures are told as one, and of what an error carries.

import { describe, expect, test } from '@jest/globals'
import { ActionError, codeOf, describe as textOf, InputErrors } from '../src/errors.ts'
import { quote } from './support/failures.ts'

const GUIDE = 'https://github.com/-OWNER-/vaunt-token-action/blob/v1/docs/troubleshooting.md'

describe('several wrong inputs', () => {
  const first = { input: 'pat', error: ActionError.of('pat-missing', { reason: 'unknown' }) }
  const second = { input: 'entity', error: ActionError.of('entity-invalid', { value: quote('?'), empty: false }) }

  test('are told together, each with its input and its code; the first code stands for all', () => {
    const errors = new InputErrors([first, second])
    expect(errors.name).toBe('InputErrors')
    expect(errors.message).toBe('2 inputs are wrong')
    expect(codeOf(errors)).toBe('pat-missing')
    expect(textOf(errors, GUIDE)).toBe(
      '2 inputs are wrong, and nothing was sent. ' +
        `(1) pat: ${textOf(first.error, GUIDE)} (2) entity: ${textOf(second.error, GUIDE)}`
    )
  })

  test('a single one is told as if it were alone', () => {
    const errors = new InputErrors([second])
    expect(codeOf(errors)).toBe('entity-invalid')
    expect(textOf(errors, GUIDE)).toBe(textOf(second.error, GUIDE))
  })

  test('a failure that is no input error has its own code', () => {
    expect(codeOf(ActionError.of('internal', { during: 'x', kind: quote('Error') }))).toBe('internal')
  })
})

describe('the links of a remedy', () => {
  test('lead to the GitHub that was asked', () => {
    const told = textOf(ActionError.of('pat-rejected', { attempts: 1 }), GUIDE, 'https://ghe.example')
    expect(told).toContain('https://ghe.example/settings/personal-access-tokens')
    expect(told).not.toContain('https://github.com/settings')
    // The guide is where the action's repository is.
    expect(told).toContain(GUIDE)
  })

  test('leave what a server says as it is', () => {
    const words = quote('see https://github.com/settings/x')
    const told = textOf(ActionError.of('pat-rejected', { attempts: 1, words }), GUIDE, 'https://ghe.example')
    expect(told).toContain('see https://github.com/settings/x')
  })
})
