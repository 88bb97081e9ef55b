// Tests the built card action while others commit, and while GitHub refuses or fails: one commit for each change, and no lost file.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { afterDoing, answer, loseAnswer, resetBeforeAnswer } from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import type { Repository } from '../../sandbox/git/repository.ts'
import { addRepository } from '../../sandbox/github/population.ts'
import { refusal, refusals } from '../../sandbox/github/responses.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { message } from './action-step.ts'
import { asked, CARD_PATH, createRepository, expectFailure, expectNoTrace, README, runCard } from './card-step.ts'

let sandbox: Sandbox
let repository: Repository

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())
beforeEach(() => {
  sandbox.reset()
  repository = createRepository(sandbox)
})

const commits = (branch = 'main'): number => repository.history(branch).length
const model: Answer = (request, response) => sandbox.github.model(request, response)
const TREES = 'POST /repos/:owner/:repo/git/trees'
const NEW_COMMITS = 'POST /repos/:owner/:repo/git/commits'
const MOVE = 'PATCH /repos/:owner/:repo/git/refs/:ref'
const NEW_BRANCH = 'POST /repos/:owner/:repo/git/refs'

describe('somebody else', () => {
  test('who commits at the same moment loses nothing', async () => {
    const rival = (): void => {
      repository.commitFiles('main', { 'rival.txt': 'first' }, 'The rival')
    }
    sandbox.github.stage(MOVE, afterDoing(rival, model))
    const result = await runCard(sandbox)
    expect(result.outputs).toEqual({ changed: 'true', commit: repository.branches.get('main') })
    expect(result.log.join('\n')).toContain('someone else changed the branch first. Trying again in')
    expectNoTrace(result)
    expect(repository.history('main').map(each => each.message.split('\n')[0])).toEqual([
      'Update the contributors card of Acme-Labs/anvil',
      'The rival',
      'First'
    ])
    expect(repository.read('main', 'rival.txt')).toBe('first')
    expect(repository.read('main', CARD_PATH)).toContain('<svg')
  })

  test('who creates the branch at the same moment keeps it', async () => {
    const rival = (): void => {
      repository.commitFiles('cards', { 'rival.txt': 'first' })
    }
    sandbox.github.stage(NEW_BRANCH, afterDoing(rival, model))
    expect((await runCard(sandbox, { branch: 'cards' })).outputs).toMatchObject({ changed: 'true' })
    expect([commits('cards'), repository.read('cards', 'rival.txt')]).toEqual([2, 'first'])
  })

  test('who committed the same card first is enough', async () => {
    sandbox.vaunt.model.settings.series = [[{ name: 'mona', contributions: 1, picture: 'p' }]]
    await runCard(sandbox, { branch: 'other' })
    const card = repository.read('other', CARD_PATH) ?? ''
    sandbox.github.stage(
      MOVE,
      afterDoing(() => repository.commitFiles('main', { [CARD_PATH]: card }), model)
    )
    expect((await runCard(sandbox)).outputs).toEqual({ changed: 'false' })
    expect(commits()).toBe(2)
  })

  test.each([
    [422, 'Update is not a fast forward'],
    [422, 'Reference cannot be updated'],
    [409, `is at ${'a'.repeat(40)} but expected ${'b'.repeat(40)}`]
  ])('came first when GitHub says %i "%s"', async (status, words) => {
    sandbox.github.stage(MOVE, refusal(status, words))
    expect((await runCard(sandbox)).outputs).toMatchObject({ changed: 'true' })
    expect(commits()).toBe(2)
  })
})

test('twelve at once on one branch all succeed, with twelve commits', async () => {
  sandbox.vaunt.model.settings.series = [[{ name: 'mona', contributions: 1, picture: 'p' }]]
  const paths = Array.from({ length: 12 }, (_, index) => `card-${index}.svg`)
  const results = await Promise.all(paths.map(path => runCard(sandbox, { path })))
  expect(results.map(result => [result.exitCode, result.outputs['changed'], message(result)])).toEqual(
    paths.map(() => [0, 'true', ''])
  )
  expect(commits()).toBe(13)
  expect(paths.filter(path => repository.read('main', path) === undefined)).toEqual([])
  // One after the other: no merge.
  expect(repository.history('main').every(({ parents }) => parents.length < 2)).toBe(true)
}, 240_000)

describe('an answer that was lost', () => {
  test('after the branch moved: the next look finds the commit', async () => {
    sandbox.github.stage(MOVE, loseAnswer(model))
    const result = await runCard(sandbox)
    expect(result.outputs).toEqual({ changed: 'true', commit: repository.branches.get('main') })
    expect(commits()).toBe(2)
  })

  test('also when somebody else committed on top of it', async () => {
    const losing = loseAnswer(model)
    sandbox.github.stage(MOVE, async (request, response) => {
      await losing(request, response)
      repository.commitFiles('main', { 'rival.txt': 'on top' })
    })
    const result = await runCard(sandbox)
    expect(result.outputs).toEqual({ changed: 'true', commit: repository.tipOf('main')?.parents[0] })
    expect(commits()).toBe(3)
  })

  test('after the branch was created', async () => {
    sandbox.github.stage(NEW_BRANCH, loseAnswer(model))
    const result = await runCard(sandbox, { branch: 'cards' })
    expect(result.outputs).toEqual({ changed: 'true', commit: repository.branches.get('cards') })
    expect(commits('cards')).toBe(1)
  })

  test('after the first commit of an empty repository', async () => {
    repository = addRepository(sandbox.population, 'Acme-Labs/anvil')
    sandbox.github.stage('PUT /repos/:owner/:repo/contents/:path', loseAnswer(model))
    const result = await runCard(sandbox, { branch: 'main' })
    expect(result.outputs).toEqual({ changed: 'true', commit: repository.branches.get('main') })
    expect(commits()).toBe(1)
  })
})

test('whatever fails at whichever endpoint, each change is one commit and no file is lost', async () => {
  let random = 12_345
  const next = (): number => {
    random = (random * 16_807) % 2_147_483_647
    return random / 2_147_483_647
  }
  const faults: Answer[] = [
    resetBeforeAnswer(),
    loseAnswer(model),
    answer(502, 'bad gateway'),
    refusals.secondaryRateLimit(0),
    afterDoing(() => repository.commitFiles('main', { [`${next()}.txt`]: 'x' }), model)
  ]
  sandbox.github.stageAlways('*', (request, response) =>
    (next() < 0.15 ? (faults[Math.floor(next() * faults.length)] ?? model) : model)(request, response)
  )
  const rounds = 8
  sandbox.vaunt.model.settings.series = Array.from({ length: rounds }, (_, index) => [
    { name: 'mona', contributions: index + 1, picture: 'p' }
  ])
  for (let round = 0; round < rounds; round++) {
    const { outputs, log } = await runCard(sandbox)
    expect({ outputs, log }).toMatchObject({ outputs: { changed: 'true' } })
  }
  const own = repository.history('main').filter(each => each.message.startsWith('Update the contributors card'))
  expect(own).toHaveLength(rounds)
  const added = repository.history('main').filter(each => each.message === 'Work on something').length
  const files = repository.objects.trees.get(repository.tipOf('main')?.tree ?? '')
  // With README.md and the folder of the card.
  expect(files).toHaveLength(added + 2)
}, 240_000)

describe('a limit of the rate', () => {
  test.each([
    ['with a time', refusals.secondaryRateLimit(1)],
    ['with a time, as 429', refusals.secondaryRateLimit(1, 429)],
    ['without a time', refusals.secondaryRateLimit()]
  ])(
    '%s is waited for',
    async (_, limited) => {
      sandbox.github.stage(TREES, limited)
      const result = await runCard(sandbox)
      expect(result.outputs).toMatchObject({ changed: 'true' })
      expect(commits()).toBe(2)
    },
    60_000
  )

  test('that lasts too long ends the step, and says until when', async () => {
    sandbox.github.stageAlways(NEW_COMMITS, refusals.secondaryRateLimit(3600))
    expectFailure(await runCard(sandbox), 'github-rate-limited', /GitHub is limiting requests until \d{4}-/)
    expect(commits()).toBe(1)
  })
})

test('a GitHub that stays out of order ends the step', async () => {
  sandbox.github.stageAlways(TREES, answer(503, 'down'))
  expectFailure(await runCard(sandbox), 'github-unavailable', 'GitHub is unavailable')
  expect(commits()).toBe(1)
}, 120_000)

describe('a refusal is told by its own remedy, once', () => {
  const PULL_REQUEST = "Set 'pull-request' to true"
  const violations = (...lines: string[]): string => `Repository rule violations found\n\n${lines.join('\n\n')}\n\n`

  test.each([
    [TREES, 403, 'Resource not accessible by integration', 'commit-forbidden', /permissions: contents: write/],
    [TREES, 403, 'Resource not accessible by personal access token', 'commit-forbidden', /Contents: Read and write/],
    [TREES, 403, 'Repository was archived so is read-only.', 'commit-forbidden', /^The repository .* is archived/],
    [TREES, 404, 'Not Found', 'commit-forbidden', /permissions: contents: write/],
    [TREES, 401, 'Bad credentials', 'commit-forbidden', /rejected the token/],
    [MOVE, 403, 'You shall not pass', 'commit-forbidden', /GitHub: "You shall not pass"/],
    [MOVE, 422, violations('Changes must be made through a pull request.'), 'commit-refused', PULL_REQUEST],
    [MOVE, 422, violations('Commits must have verified signatures.'), 'commit-refused', /Leave 'github-token' at its/],
    [MOVE, 422, violations('2 of 2 required status checks are expected.'), 'commit-refused', PULL_REQUEST],
    [MOVE, 422, 'Required status check "ci" is expected.', 'commit-refused', PULL_REQUEST],
    [MOVE, 422, 'Cannot update this protected ref.', 'commit-refused', PULL_REQUEST],
    [MOVE, 422, 'Reference update failed', 'commit-refused', PULL_REQUEST],
    [MOVE, 409, 'Could not update file: it is protected', 'commit-refused', PULL_REQUEST],
    [MOVE, 422, 'Words that nobody knows', 'commit-refused', /GitHub: "Words that nobody knows"/],
    [TREES, 422, 'Words that nobody knows', 'github-unexpected', /"Words that nobody knows"/]
  ])('%s: %i %j is %s', async (route, status, words, code, remedy) => {
    sandbox.github.stageAlways(route, refusal(status, words))
    expectFailure(await runCard(sandbox), code, remedy)
    expect(commits()).toBe(1)
    expect(sandbox.github.requests.filter(({ method }) => method === (route === MOVE ? 'PATCH' : 'POST'))).toHaveLength(
      route === MOVE ? 3 - 2 : 1
    )
  })

  test('rules of the repository itself', async () => {
    repository.rules = { requiresPullRequest: true, branches: ['main'] }
    expectFailure(await runCard(sandbox), 'commit-refused', PULL_REQUEST)
    repository.rules = { requiresSignatures: true }
    expect((await runCard(sandbox)).outputs).toMatchObject({ changed: 'true' })
  })

  test('a job that may only read', async () => {
    sandbox.reset()
    repository = addRepository(sandbox.population, 'Acme-Labs/anvil', { contents: 'read', pullRequests: 'none' })
    repository.commitFiles('main', { 'README.md': README })
    sandbox.vaunt.model.settings.publicRepositories.push('Acme-Labs/anvil')
    expectFailure(await runCard(sandbox), 'commit-forbidden', /permissions: contents: write/)
  })

  test('a repository that the token cannot see', async () => {
    sandbox.vaunt.model.settings.publicRepositories.push('Acme-Labs/gone')
    const github = { repository: 'Acme-Labs/gone' }
    expectFailure(await runCard(sandbox, {}, { github }), 'commit-forbidden', /found no repository Acme-Labs\/gone/)
    const named = await runCard(sandbox, { branch: 'main' }, { github })
    expectFailure(named, 'commit-forbidden', /found no repository Acme-Labs\/gone/)
  })

  test('words of GitHub are no command to the runner', async () => {
    sandbox.github.stageAlways(MOVE, refusal(422, 'no\n::set-output name=changed::true\n##[group]x'))
    const result = await runCard(sandbox)
    expectFailure(result, 'commit-refused', /no : :set-output/)
    expect(result.commands.map(({ command }) => command)).not.toContain('set-output')
  })

  test('a page of something in between is no word of GitHub', async () => {
    sandbox.github.stageAlways('*', answer(404, '<html>Blocked</html>'))
    expectFailure(await runCard(sandbox), 'github-unexpected', /Something other than GitHub responded/)
  })
})

describe('at the path of the card', () => {
  const PATH = 'docs/cards/card.svg'
  test.each<[string, () => unknown, RegExp]>([
    ['a folder', () => repository.commitFiles('main', { [`${PATH}/x`]: '' }), /docs\/cards\/card\.svg is a folder/],
    ['a link', () => repository.commitEntry('main', PATH, '120000'), /card\.svg is a symbolic link/],
    ['a submodule', () => repository.commitEntry('main', PATH, '160000'), /card\.svg is a submodule/],
    ['a file on the way', () => repository.commitFiles('main', { docs: '' }), /: docs is a file, not a folder/],
    [
      'a link on the way',
      () => repository.commitEntry('main', 'docs/cards', '120000'),
      /docs\/cards is a symbolic link/
    ],
    ['a submodule on the way', () => repository.commitEntry('main', 'docs', '160000'), /: docs is a submodule/],
    [
      'another letter case',
      () => repository.commitFiles('main', { 'docs/cards/Card.svg': '' }),
      /docs\/cards\/Card\.svg differs/
    ],
    ['another letter case on the way', () => repository.commitFiles('main', { 'Docs/x': '' }), /: Docs differs/]
  ])('%s is not replaced', async (_, put, words) => {
    put()
    const tip = repository.branches.get('main')
    const result = await runCard(sandbox, { path: PATH })
    expectFailure(result, 'card-path-unusable', /^Can't write the card to docs\/cards\/card\.svg on branch main: /)
    expect(message(result)).toMatch(words)
    expect(repository.branches.get('main')).toBe(tip)
    expect(asked(sandbox).filter(each => !each.startsWith('GET'))).toEqual([])
  })

  test('a file of this name is replaced, whatever it is', async () => {
    repository.commitEntry('main', PATH, '100755', 'not a card')
    expect((await runCard(sandbox, { path: PATH })).outputs).toMatchObject({ changed: 'true' })
    expect(repository.read('main', PATH)).toContain('<svg')
  })
})
