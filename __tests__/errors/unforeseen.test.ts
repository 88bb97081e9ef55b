// Tests that an unforeseen error shows where it was thrown, and nothing from outside.

import { describe, expect, test } from '@jest/globals'
import { kindOf, placeOf } from '../../src/errors/unforeseen.ts'

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** An error with a stack of one's own. */
function withStack(message: string, frames: readonly string[]): Error {
  return Object.assign(new TypeError(message), { stack: `TypeError: ${message}\n${frames.join('\n')}` })
}

describe('the place', () => {
  test('is the innermost functions and their lines', () => {
    const error = withStack('x', [
      '    at attest (file:///home/runner/action/dist/index.js:120:7)',
      '    at async run (file:///C:/actions/dist/index.js:40:3)',
      '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      '    at async file:///home/runner/action/dist/index.js:12:1',
      '    at late (file:///home/runner/action/dist/index.js:1:1)'
    ])
    expect(placeOf(error)).toBe('attest, index.js:120; run, index.js:40; index.js:12')
  })

  test('is that of a real error', () => {
    const error = thrownBy(() => JSON.parse('{'))
    expect(placeOf(error)).toMatch(/unforeseen\.test\.ts:\d+/)
  })

  test('shows nothing of a message that looks like a frame', () => {
    const message = 'x\n    at LOUDFAKE (file:///LOUDFAKE.js:1:1)\n    at LOUDFAKE (file:///a/LOUDFAKE.js:1:1)'
    expect(placeOf(withStack(message, ['    at attest (file:///a/index.js:1:2)']))).toBe('attest, index.js:1')
    expect(
      placeOf(
        thrownBy(() => {
          throw new Error(message)
        })
      )
    ).not.toContain('LOUDFAKE')
  })

  test('shows no packages, no folders, and no frames in other forms', () => {
    const error = withStack('x', [
      '    at parse (file:///home/LOUDFAKE/node_modules/jose/index.js:1:1)',
      '    at Object.<LOUDFAKE> (file:///a/b.js:1:1)',
      '    at eval (eval at LOUDFAKE (file:///a/b.js:1:1))',
      'at LOUDFAKE (file:///a/b.js:1:1)',
      `    at ${'a'.repeat(61)} (file:///a/b.js:1:1)`,
      '    at secret (file:///home/LOUDFAKE/index.js:5:1)'
    ])
    expect(placeOf(error)).toBe('secret, index.js:5')
  })

  test.each([
    ['no error', { message: '', stack: '    at a (file:///a/b.js:1:1)' }],
    ['an error without a stack', Object.assign(new Error('x'), { stack: undefined })],
    [
      'an error whose message changed',
      Object.assign(withStack('x', ['    at a (file:///a/b.js:1:1)']), { message: 'LOUDFAKE' })
    ],
    ['nothing', undefined]
  ])('is empty for %s', (_, thrown) => {
    expect(placeOf(thrown)).toBe('')
  })
})

test('the kind is the type and a system code, never the name that an error gives itself', () => {
  expect(kindOf(Object.assign(new TypeError('x'), { code: 'ENOSPC', name: 'LOUDFAKE' }))).toBe('TypeError ENOSPC')
  expect(kindOf(Object.assign(new Error('x'), { code: 'LOUDFAKE' }))).toBe('Error')
  expect(kindOf('LOUDFAKE')).toBe('a thrown string')
})
