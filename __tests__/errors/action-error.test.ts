// Tests how several failures are reported as one, and what an error contains.

import { describe, expect, test } from '@jest/globals'
import {
  ActionError,
  codeOf,
  collect,
  describe as textOf,
  InputErrors,
  requireNone,
  systemCode
} from '../../src/errors/action-error.ts'
import type { Problem } from '../../src/errors/action-error.ts'
import { quote } from '../support/failures.ts'

const GUIDE = 'https://github.com/-OWNER-/vaunt-token-action/blob/v1/docs/troubleshooting.md'

describe('several wrong inputs', () => {
  const first = { input: 'pat', error: ActionError.of('pat-missing', { reason: 'unknown' }) }
  const second = { input: 'entity', error: ActionError.of('entity-invalid', { value: quote('?'), empty: false }) }

  test('are told together, each with its input and its code; the first code stands for all', () => {
    const errors = new InputErrors([first, second])
    expect(errors.name).toBe('InputErrors')
    expect(errors.message).toBe('2 inputs are invalid')
    expect(codeOf(errors)).toBe('pat-missing')
    expect(textOf(errors, GUIDE)).toBe(
      '2 inputs are invalid. Nothing was sent. ' +
        `(1) 'pat': ${textOf(first.error, GUIDE)} (2) 'entity': ${textOf(second.error, GUIDE)}`
    )
  })

  test('a single one is told as if it were alone', () => {
    const errors = new InputErrors([second])
    expect(codeOf(errors)).toBe('entity-invalid')
    expect(textOf(errors, GUIDE)).toBe(textOf(second.error, GUIDE))
  })

  test('a failure that is no input error has its own code', () => {
    expect(codeOf(ActionError.of('internal', { kind: quote('Error'), place: quote('') }))).toBe('internal')
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

  test('hold signs that a replacement would take for its own', () => {
    const told = textOf(ActionError.of('pat-rejected', { attempts: 1 }), GUIDE, 'https://a$`$&.example')
    expect(told).toContain(
      'at https://a$`$&.example/settings/personal-access-tokens, or at https://a$`$&.example/settings/tokens'
    )
  })

  test('leave what a server says as it is', () => {
    const words = quote('see https://github.com/settings/x')
    const told = textOf(ActionError.of('pat-rejected', { attempts: 1, words }), GUIDE, 'https://ghe.example')
    expect(told).toContain('see https://github.com/settings/x')
  })
})

describe('collecting problems', () => {
  test('gives what the check gives, and keeps what it finds wrong', () => {
    const problems: Problem[] = []
    expect(collect(problems, () => 7)).toBe(7)
    const error = ActionError.of('token-malformed', { fault: 'pat' })
    const thrown = new InputErrors([{ input: 'token', error }])
    const throwing = (error: unknown) => (): number => {
      throw error
    }
    expect(collect(problems, throwing(thrown))).toBeUndefined()
    expect(problems).toEqual([{ input: 'token', error }])
    const other = new TypeError('x')
    expect(() => collect(problems, throwing(other))).toThrow(other)
  })

  test('none lets the run go on, and several are thrown in their order', () => {
    const error = ActionError.of('token-malformed', { fault: 'pat' })
    expect(() => {
      requireNone([undefined, undefined])
    }).not.toThrow()
    const [pat, token] = [
      { input: 'pat', error },
      { input: 'token', error }
    ]
    const problems: Problem[] = []
    collect(problems, () => {
      requireNone([undefined, pat, undefined, token])
    })
    expect(problems).toEqual([pat, token])
  })
})

test.each([
  ['ENOSPC', 'ENOSPC'],
  ['EAI_AGAIN', undefined],
  ['ELOUD FAKE', undefined],
  ['E', undefined],
  ['xENOSPC', undefined],
  [28, undefined],
  [undefined, undefined]
])('%p is the code of the system %p', (code, told) => {
  expect(systemCode(code)).toBe(told)
})
