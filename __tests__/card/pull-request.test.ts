// Tests when the card's pull request is opened, which commit it is based on, and what it says.

import { describe, expect, test } from '@jest/globals'
import { COMMIT_LIMITS } from '../../src/card/commit.ts'
import { proposeCard, pullRequestText } from '../../src/card/pull-request.ts'
import type { Proposed } from '../../src/card/pull-request.ts'
import { drawCard } from '../support/cards.ts'
import { failureOf } from '../support/failures.ts'
import { after, broken, hostRepository, refused } from '../support/repository.ts'
import type { Hosted } from '../support/repository.ts'

const PATH = 'card.svg'
const HEAD = 'vaunt/contributors-card'
const URL_OF_FIRST = 'https://github.com/octo/demo/pull/1'

function propose({ asked }: Hosted, contributions = 1, base = 'main'): Promise<Proposed> {
  const limits = { ...COMMIT_LIMITS, firstPauseMs: 1, pauseMs: 5 }
  const patience = { branch: HEAD, limits, uptime: () => performance.now(), onPause: () => undefined }
  const file = { path: PATH, text: drawCard([['mona', contributions, 'p']]), message: `Update ${contributions}` }
  const describe = (changes: readonly string[]): string => changes.join('\n')
  return proposeCard(asked, { file, base, title: 'Update the card', describe }, patience)
}

const messages = ({ repository }: Hosted, branch = HEAD): string[] =>
  repository.history(branch).map(({ message }) => message)

test('is opened on top of the base, and says what changed', async () => {
  const hosted = hostRepository()
  const { commit, url } = await propose(hosted)
  expect([commit, url]).toEqual([hosted.repository.branches.get(HEAD), URL_OF_FIRST])
  expect(hosted.repository.pullRequests).toMatchObject([
    { head: HEAD, base: 'main', title: 'Update the card', body: 'The card is new.' }
  ])
  expect(messages(hosted)).toEqual(['Update 1', 'First'])
})

test('stays as it is for the same card, and takes another one on top of what is there', async () => {
  const hosted = hostRepository()
  await propose(hosted)
  expect(await propose(hosted)).toEqual({ commit: undefined, url: URL_OF_FIRST })
  hosted.repository.commitFiles(HEAD, { other: 'x' }, 'Somebody')
  expect(await propose(hosted, 2)).toEqual({ commit: hosted.repository.branches.get(HEAD), url: URL_OF_FIRST })
  expect(messages(hosted)).toEqual(['Update 2', 'Somebody', 'Update 1', 'First'])
})

test('is not opened when the base has the card', async () => {
  const hosted = hostRepository()
  hosted.repository.commitFiles('main', { [PATH]: drawCard([['mona', 1, 'other']]) })
  hosted.repository.commitFiles('main', { [PATH]: drawCard([['mona', 1, 'p']]) })
  expect(await propose(hosted)).toEqual({ commit: undefined, url: undefined })
  expect(hosted.repository.pullRequests).toEqual([])
})

test('is not mistaken for one of other branches', async () => {
  const hosted = hostRepository()
  const pull = { number: 7, user: 'x', title: '', body: '', state: 'open' } as const
  const others = [
    { ...pull, head: 'other', base: 'main' },
    { ...pull, head: HEAD, base: 'other' }
  ]
  hosted.fail('GET', /pulls/, async answered => {
    const answer = await answered()
    const json = others.map(({ head, base }) => ({ html_url: URL_OF_FIRST, head: { ref: head }, base: { ref: base } }))
    return { ...answer, body: JSON.stringify(json) }
  })
  await propose(hosted)
  expect(hosted.repository.pullRequests).toHaveLength(1)
})

describe('one commit and one pull request come of it', () => {
  test.each<[string, string, RegExp, boolean]>([
    ['the branch was created', 'POST', /refs/, true],
    ['the branch was not created', 'POST', /refs/, false],
    ['the pull request was opened', 'POST', /pulls/, true],
    ['the pull request was not opened', 'POST', /pulls/, false]
  ])('when the answer is lost after %s', async (_, method, path, arrives) => {
    const hosted = hostRepository()
    hosted.fail(method, path, broken(arrives))
    expect(await propose(hosted)).toEqual({ commit: hosted.repository.branches.get(HEAD), url: URL_OF_FIRST })
    expect([messages(hosted), hosted.repository.pullRequests.length]).toEqual([['Update 1', 'First'], 1])
  })

  test.each([true, false])('when a branch that is left over was set, and it arrived: %p', async arrives => {
    const hosted = hostRepository()
    hosted.repository.commitFiles(HEAD, { left: 'over' }, 'Left over')
    hosted.fail('PATCH', /refs/, broken(arrives))
    await propose(hosted)
    expect([messages(hosted), hosted.repository.pullRequests.length]).toEqual([['Update 1', 'First'], 1])
  })

  test('when somebody else opens it at the same moment', async () => {
    const hosted = hostRepository()
    const rival = { number: 1, head: HEAD, base: 'main', user: 'x', title: '', body: '', state: 'open' } as const
    hosted.fail(
      'POST',
      /pulls/,
      after(() => hosted.repository.pullRequests.push({ ...rival }))
    )
    expect(await propose(hosted)).toEqual({ commit: hosted.repository.branches.get(HEAD), url: URL_OF_FIRST })
    expect(hosted.repository.pullRequests).toHaveLength(1)
  })

  test('when somebody else commits on the branch of the open pull request', async () => {
    const hosted = hostRepository()
    await propose(hosted)
    hosted.fail(
      'PATCH',
      /refs/,
      after(() => hosted.repository.commitFiles(HEAD, { other: 'x' }, 'Somebody'))
    )
    await propose(hosted, 2)
    expect(messages(hosted)).toEqual(['Update 2', 'Somebody', 'Update 1', 'First'])
  })
})

test('is refused by GitHub, and the branch that is for it stays', async () => {
  const hosted = hostRepository()
  hosted.fail('POST', /pulls/, refused(403, 'GitHub Actions is not permitted to create or approve pull requests.'))
  expect((await failureOf(() => propose(hosted))).code).toBe('pull-request-forbidden')
})

test('needs a base', async () => {
  const hosted = hostRepository()
  expect((await failureOf(() => propose(hosted, 1, 'gone'))).message).toContain('no branch gone in octo/demo')
  hosted.repository.branches.clear()
  expect((await failureOf(() => propose(hosted))).code).toBe('commit-forbidden')
})

test.each(['javascript:alert(1)', 'https://evil.example/x y', 'https://github.com/octo/demo/pull/1\n::x', 7])(
  'has an address that is one: %j is not',
  async url => {
    const hosted = hostRepository()
    hosted.fail('POST', /pulls/, async answered => ({
      ...(await answered()),
      body: JSON.stringify({ html_url: url })
    }))
    expect((await failureOf(() => propose(hosted))).code).toBe('github-unexpected')
  }
)

describe('the text', () => {
  const text = (changes: readonly string[], token = 'ghs_x'): string =>
    pullRequestText({ title: 'Update the card', changes, runUrl: 'https://github.com/octo/demo/actions/runs/1', token })

  test('lists what changed, in a block in which no name is a mention', () => {
    expect(text(['mona is new.', '@all\n\n# closes #1 is new.'])).toContain(
      '\n\n    mona is new.\n    @all # closes #1 is new.\n\n'
    )
  })

  test('leaves out what is too much', () => {
    const long = text([...Array.from({ length: 60 }, (_, index) => `${index} is new.`), 'x'.repeat(500)])
    expect(long).toContain('    49 is new.\n    (11 more)\n')
    expect(text(['x'.repeat(500)])).not.toContain('x'.repeat(201))
  })

  test.each([
    ['ghs_x', true],
    ['ghp_x', false]
  ])('of a pull request opened with %s tells of workflows that wait: %p', (token, tells) => {
    expect(text([], token).includes('wait until someone with write access approves them')).toBe(tells)
  })
})
