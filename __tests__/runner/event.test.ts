// Tests what the event of a run says about missing secrets, and about the visibility of its repository.

import { describe, expect, jest, test } from '@jest/globals'
import { findMissingPatReason, isPublicRepository } from '../../src/runner/event.ts'
import { fc } from '../support/properties.ts'

describe('why there is no PAT', () => {
  const pullRequest = (head: unknown): string =>
    JSON.stringify({ pull_request: { base: { repo: { full_name: 'Acme-Labs/anvil' } }, head } })
  const fromFork = pullRequest({ repo: { full_name: 'mona/anvil', fork: true } })
  const fromBranch = pullRequest({ repo: { full_name: 'Acme-Labs/anvil', fork: false } })

  test.each([
    ['pull_request', 'mona', fromFork, 'fork'],
    ['pull_request_review', 'mona', fromFork, 'fork'],
    ['pull_request_review_comment', 'mona', fromFork, 'fork'],
    // A fork that was deleted since.
    ['pull_request', 'mona', pullRequest({ repo: null }), 'fork'],
    ['pull_request', 'dependabot[bot]', fromFork, 'fork'],
    ['pull_request', 'dependabot[bot]', fromBranch, 'dependabot'],
    ['push', 'dependabot[bot]', '{}', 'dependabot'],
    [undefined, 'dependabot[bot]', '{}', 'dependabot'],
    ['pull_request', 'mona', fromBranch, 'unknown'],
    // Has secrets, also for forks.
    ['pull_request_target', 'mona', fromFork, 'unknown'],
    ['push', 'mona', fromFork, 'unknown'],
    ['workflow_dispatch', undefined, '{}', 'unknown'],
    [undefined, undefined, '', 'unknown'],
    ['push', 'dependabot', '{}', 'unknown'],
    ['push', 'notdependabot[bot]', '{}', 'unknown']
  ])('%s by %s: %#', (eventName, actor, event, expected) => {
    expect(findMissingPatReason(eventName, actor, () => event)).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['no JSON', 'not json'],
    ['truncated', fromFork.slice(0, 40)],
    ['null', 'null'],
    ['a text', '"pull_request"'],
    ['a list', '[1,2]'],
    ['no pull request', '{"pull_request":null}'],
    ['no base', '{"pull_request":{"head":{"repo":null}}}'],
    ['no head', '{"pull_request":{"base":{"repo":{"full_name":"a/b"}}}}'],
    ['a base without a name', '{"pull_request":{"base":{"repo":{"full_name":7}},"head":{"repo":null}}}'],
    [
      'properties only by inheritance',
      '{"__proto__":{"pull_request":{"base":{"repo":{"full_name":"a/b"}},"head":{"repo":null}}}}'
    ]
  ])('an event file that holds %s tells nothing', (_, event) => {
    expect(findMissingPatReason('pull_request', 'mona', () => event)).toBe('unknown')
  })

  test('an event file that cannot be read tells nothing', () => {
    const readEvent = (): string => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    }
    expect(findMissingPatReason('pull_request', 'mona', readEvent)).toBe('unknown')
    expect(findMissingPatReason('pull_request', 'dependabot[bot]', readEvent)).toBe('dependabot')
  })

  test('the event file is read only for pull requests', () => {
    const readEvent = jest.fn(() => fromFork)
    for (const eventName of [undefined, 'push', 'pull_request_target', 'issues'])
      findMissingPatReason(eventName, 'm', readEvent)
    expect(readEvent).not.toHaveBeenCalled()
  })

  test('a deeply nested or huge event file is no harm', () => {
    expect(findMissingPatReason('pull_request', 'mona', () => '['.repeat(1_000_000))).toBe('unknown')
    expect(findMissingPatReason('pull_request', 'mona', () => `[${'[],'.repeat(500_000)}0]`)).toBe('unknown')
    expect(
      findMissingPatReason('pull_request', 'mona', () => `{"a":"${'x'.repeat(5_000_000)}",${fromFork.slice(1)}`)
    ).toBe('fork')
  })

  test('any JSON gives one of the three answers', () => {
    const event = fc.oneof(
      fc.json(),
      fc.record({ pull_request: fc.record({ base: fc.anything(), head: fc.anything() }) }).map(value => {
        try {
          return JSON.stringify(value)
        } catch {
          return ''
        }
      })
    )
    fc.assert(
      fc.property(event, text => {
        expect(['fork', 'unknown']).toContain(findMissingPatReason('pull_request', 'mona', () => text))
      })
    )
  })
})

describe('whether the repository is public', () => {
  const ENVIRONMENT = { GITHUB_EVENT_PATH: 'event.json' }

  test.each([
    ['{"repository":{"private":false}}', true],
    ['{"repository":{"private":true}}', false],
    ['{"repository":{}}', false],
    ['{"repository":{"private":0}}', false],
    ['not json', false]
  ])('the event %s: %s', (event, expected) => {
    expect(isPublicRepository(ENVIRONMENT, path => (path === 'event.json' ? event : ''))).toBe(expected)
  })

  test('an event file that cannot be read: it is not', () => {
    const readFile = (): never => {
      throw new Error('ENOENT')
    }
    expect(isPublicRepository(ENVIRONMENT, readFile)).toBe(false)
  })
})
