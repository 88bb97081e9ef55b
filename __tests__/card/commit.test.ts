// Tests how a card is committed while others commit and responses are lost: with one commit, and without losing anyone else's.

import { describe, expect, test } from '@jest/globals'
import { COMMIT_LIMITS, commitCard } from '../../src/card/commit.ts'
import type { Patience } from '../../src/card/commit.ts'
import { drawCard } from '../support/cards.ts'
import { failureOf } from '../support/failures.ts'
import { after, broken, hostRepository, refused } from '../support/repository.ts'
import type { Hosted } from '../support/repository.ts'

const PATH = 'docs/card.svg'
const MOVED = [422, 'Update is not a fast forward'] as const

function commit(
  { asked }: Hosted,
  {
    card = drawCard([['mona', 1, 'p']]),
    branch = 'main',
    path = PATH,
    ...more
  }: Partial<Patience> & {
    card?: string
    path?: string
  } = {}
): Promise<string | undefined> {
  const limits = { ...COMMIT_LIMITS, firstPauseMs: 1, pauseMs: 5 }
  const file = { path, text: card, message: 'Update the card\n\nby run 1' }
  return commitCard(asked, file, { branch, limits, uptime: () => performance.now(), onPause: () => undefined, ...more })
}

test('the limits are those of the contract', () => {
  expect(COMMIT_LIMITS).toEqual({ totalMs: 180_000, pauseMs: 20_000, firstPauseMs: 400, growth: 1.6, outages: 5 })
})

test('a card is committed once; the same card is not, and one that says something new is', async () => {
  const hosted = hostRepository()
  const first = await commit(hosted)
  expect(first).toBe(hosted.repository.branches.get('main'))
  expect(hosted.repository.read('main', PATH)).toBe(drawCard([['mona', 1, 'p']]))
  expect(hosted.repository.read('main', 'README.md')).toBe('x')
  expect(await commit(hosted)).toBeUndefined()
  const second = await commit(hosted, { card: drawCard([['mona', 2, '']]) })
  expect(second).toBe(hosted.repository.branches.get('main'))
  // The picture that was lost is kept.
  expect(hosted.repository.read('main', PATH)).toBe(drawCard([['mona', 2, 'p']]))
})

test('of a file that is too large for an answer, the object is read', async () => {
  const hosted = hostRepository()
  await commit(hosted)
  const large = async (answered: () => Promise<Awaited<ReturnType<Hosted['client']['request']>>>) => {
    const answer = await answered()
    const body = JSON.stringify({ ...JSON.parse(answer.body), content: '', encoding: 'none' })
    return { ...answer, body }
  }
  hosted.fail('GET', /contents/, large)
  expect(await commit(hosted)).toBeUndefined()
  expect(hosted.requests.at(-1)).toBe('GET /git/blobs/SHA')
})

test.each(['ghs_job', 'ghp_person'])("with %s the author is the bot: by GitHub's choice, or by ours", async token => {
  const hosted = hostRepository(token)
  await commit(hosted)
  expect(hosted.repository.tipOf('main')).toMatchObject({
    author: { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' },
    isVerified: token === 'ghs_job'
  })
})

describe('somebody else came first', () => {
  test('so the branch is looked at again, and the reason is told', async () => {
    const hosted = hostRepository()
    hosted.fail(
      'PATCH',
      /refs/,
      after(() => hosted.repository.commitFiles('main', { rival: 'x' }))
    )
    const reasons: string[] = []
    const onPause = (reason: string, waitMs: number): void => {
      expect(waitMs).toBeLessThan(5)
      reasons.push(reason)
    }
    expect(await commit(hosted, { onPause })).toBe(hosted.repository.branches.get('main'))
    expect(reasons).toEqual(['someone else changed the branch first'])
    expect(hosted.repository.read('main', 'rival')).toBe('x')
  })

  test('each time until the time is up', async () => {
    const hosted = hostRepository()
    let now = 0
    const uptime = (): number => (now += 10_000)
    hosted.fail('PATCH', /refs/, ...Array.from({ length: 50 }, () => refused(...MOVED)))
    const error = await failureOf(() => commit(hosted, { uptime }))
    expect([error.code, hosted.requests.filter(each => each.startsWith('PATCH')).length]).toEqual(['branch-busy', 18])
    expect(error.message).toContain('in each of 18 attempts within 180 seconds')
  })
})

describe('an answer that was lost', () => {
  test.each([true, false])('when the branch was to be moved, and it arrived: %p', async arrives => {
    const hosted = hostRepository()
    hosted.fail('PATCH', /refs/, broken(arrives))
    expect(await commit(hosted)).toBe(hosted.repository.branches.get('main'))
    expect(hosted.repository.history('main')).toHaveLength(2)
  })

  test.each([true, false])('when the branch was to be created, and it arrived: %p', async arrives => {
    const hosted = hostRepository()
    hosted.fail('POST', /refs/, broken(arrives))
    expect(await commit(hosted, { branch: 'cards' })).toBe(hosted.repository.branches.get('cards'))
    expect(hosted.repository.history('cards')).toHaveLength(1)
  })

  test('in the first of two attempts of the client, of which the second was refused', async () => {
    const hosted = hostRepository()
    hosted.fail('PATCH', /refs/, async answered => {
      await answered()
      hosted.repository.commitFiles('main', { rival: 'on top' })
      return await refused(...MOVED, 2)(answered)
    })
    expect(await commit(hosted)).toBe(hosted.repository.tipOf('main')?.parents[0])
    expect(hosted.repository.history('main')).toHaveLength(3)
  })

  test.each([true, false])('of the first commit of a repository, and it arrived: %p', async arrives => {
    const hosted = hostRepository()
    hosted.repository.branches.clear()
    hosted.fail('PUT', /contents/, broken(arrives))
    expect(await commit(hosted)).toBe(hosted.repository.branches.get('main'))
    expect(hosted.repository.history('main')).toMatchObject([{ message: 'Update the card\n\nby run 1' }])
  })

  test('is looked for in the newest history only, and what came before our own base is not', async () => {
    const hosted = hostRepository()
    for (let number = 0; number < 5; number++) hosted.repository.commitFiles('main', { number: `${number}` })
    hosted.fail('PATCH', /refs/, async answered => {
      hosted.repository.commitFiles('main', { rival: 'x' })
      return await broken(false)(answered)
    })
    expect(await commit(hosted)).toBe(hosted.repository.branches.get('main'))
    expect(hosted.requests.filter(each => each.startsWith('GET /git/commits'))).toHaveLength(1)
  })

  test('at every request, five times in all, is too much', async () => {
    const hosted = hostRepository()
    hosted.fail('POST', /trees/, ...Array.from({ length: 9 }, () => broken(false)))
    expect((await failureOf(() => commit(hosted))).code).toBe('github-unavailable')
    expect(hosted.requests.filter(each => each === 'POST /git/trees')).toHaveLength(5)
  })
})

test('what is no outage is not tried again', async () => {
  const hosted = hostRepository()
  hosted.fail('POST', /trees/, refused(403, 'Resource not accessible by integration'))
  expect((await failureOf(() => commit(hosted))).code).toBe('commit-forbidden')
  expect(hosted.requests.filter(each => each === 'POST /git/trees')).toHaveLength(1)
})

describe('an answer that is not what the API describes', () => {
  test.each([
    ['GET', /git\/ref\//, { ref: 'refs/heads/other', object: { sha: 'a'.repeat(40) } }],
    ['GET', /git\/ref\//, { ref: 'refs/heads/main', object: { sha: '../x' } }],
    ['GET', /git\/ref\//, []],
    ['GET', /git\/trees/, { tree: 'x' }],
    ['GET', /git\/trees/, { tree: [], truncated: true }],
    ['POST', /git\/trees/, {}],
    ['POST', /git\/commits/, { sha: 'x' }]
  ])('%s %s %j', async (method, path, json) => {
    const hosted = hostRepository()
    hosted.fail(method, path, async answered => ({ ...(await answered()), body: JSON.stringify(json) }))
    const error = await failureOf(() => commit(hosted))
    expect([error.code, hosted.repository.history('main').length]).toEqual(['github-unexpected', 1])
  })
})

test('asks the commit for its tree if GitHub does not find a tree by its commit', async () => {
  const hosted = hostRepository()
  hosted.fail('GET', /git\/trees/, refused(404, 'Not Found'))
  expect(await commit(hosted)).toBe(hosted.repository.branches.get('main'))
  expect(hosted.repository.read('main', 'README.md')).toBe('x')
})

test.each<[string, (hosted: Hosted) => unknown, string]>([
  ['a folder', ({ repository }) => repository.commitFiles('main', { [`${PATH}/x`]: '' }), 'docs/card.svg is a folder'],
  ['a link', ({ repository }) => repository.commitEntry('main', PATH, '120000'), 'is a symbolic link'],
  ['a submodule', ({ repository }) => repository.commitEntry('main', PATH, '160000'), 'is a submodule'],
  ['a file on the way', ({ repository }) => repository.commitFiles('main', { docs: '' }), 'docs is a file'],
  [
    'a link on the way',
    ({ repository }) => repository.commitEntry('main', 'docs', '120000'),
    'docs is a symbolic link'
  ],
  [
    'other letters',
    ({ repository }) => repository.commitFiles('main', { 'docs/CARD.svg': '' }),
    'docs/CARD.svg differs'
  ],
  [
    'both',
    ({ repository }) => repository.commitFiles('main', { 'docs/CARD.svg': '', [PATH]: '' }),
    'docs/CARD.svg differs'
  ]
])('nothing is committed where there is %s', async (_, put, words) => {
  const hosted = hostRepository()
  put(hosted)
  const tip = hosted.repository.branches.get('main')
  const error = await failureOf(() => commit(hosted))
  expect([error.code, hosted.repository.branches.get('main')]).toEqual(['card-path-unusable', tip])
  expect(error.message).toContain(words)
})
