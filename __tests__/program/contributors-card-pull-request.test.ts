// Tests the built card action with a pull request: it is opened and kept up to date, and nobody's commits are lost.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { afterDoing, loseAnswer } from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import type { Repository } from '../../sandbox/git/repository.ts'
import { addRepository } from '../../sandbox/github/population.ts'
import { refusal } from '../../sandbox/github/responses.ts'
import type { StepResult } from '../../sandbox/runner/runner.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
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
  // The way out of this rule is what pull requests are for.
  repository.rules = { requiresPullRequest: true, branches: ['main'] }
  draw(['mona', 1])
})

const HEAD = 'vaunt/contributors-card'
const OPEN = 'POST /repos/:owner/:repo/pulls'
const MOVE = 'PATCH /repos/:owner/:repo/git/refs/:ref'
const model: Answer = (request, response) => sandbox.github.model(request, response)

function propose(inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  return runCard(sandbox, { 'pull-request': 'true', ...inputs })
}

/** What the card shows from now on. */
function draw(...shown: (readonly [name: string, contributions: number])[]): void {
  sandbox.vaunt.model.settings.series = [shown.map(([name, contributions]) => ({ name, contributions, picture: 'p' }))]
}

const url = (): string => `https://github.com/Acme-Labs/anvil/pull/${repository.pullRequests[0]?.number ?? 0}`
const history = (branch = HEAD): string[] => repository.history(branch).map(each => each.message.split('\n')[0] ?? '')
const UPDATE = 'Update the contributors card of Acme-Labs/anvil'

describe('a first card', () => {
  test('opens a pull request that says what changed', async () => {
    draw(['mona', 1], ['`<b>`@all fixes #1', 2])
    const result = await propose()
    expect(result.outputs).toEqual({
      changed: 'true',
      commit: repository.branches.get(HEAD),
      'pull-request': url()
    })
    expect(result.log).toContain(`Pull request: ${url()}`)
    expectNoTrace(result)
    expect(repository.pullRequests).toMatchObject([{ head: HEAD, base: 'main', title: UPDATE, state: 'open' }])
    expect([history(), history('main')]).toEqual([[UPDATE, 'First'], ['First']])
    expect(repository.history(HEAD)[0]).toMatchObject({ isVerified: true })
    const body = repository.pullRequests[0]?.body ?? ''
    expect(body).toContain('\n    The card is new.\n')
    expect(body).toContain('https://github.com/Acme-Labs/anvil/actions/runs/4711')
    expect(body).toMatch(/workflows wait until someone with write access approves them.*app's token/)
  })

  test('can come from another branch, and go to another one', async () => {
    repository.commitFiles('assets', { x: '' }, 'Assets')
    const result = await propose({ branch: 'assets', 'pull-request-branch': 'my/cards' })
    expect(result.outputs).toMatchObject({ changed: 'true', 'pull-request': url() })
    expect(repository.pullRequests).toMatchObject([{ head: 'my/cards', base: 'assets' }])
    expect(history('my/cards')).toEqual([UPDATE, 'Assets'])
  })

  test('starts the branch afresh when it is left over from before', async () => {
    repository.commitFiles(HEAD, { left: 'over' }, 'Left over')
    expect((await propose()).outputs).toMatchObject({ changed: 'true', 'pull-request': url() })
    expect(history()).toEqual([UPDATE, 'First'])
  })

  test('is proposed once although the answer to it was lost', async () => {
    sandbox.github.stage(OPEN, loseAnswer(model))
    expect((await propose()).outputs).toEqual({
      changed: 'true',
      commit: repository.branches.get(HEAD),
      'pull-request': url()
    })
    expect([repository.pullRequests.length, history()]).toEqual([1, [UPDATE, 'First']])
  })

  test('whose branch was set although the answer was lost keeps what somebody else put on top', async () => {
    repository.commitFiles(HEAD, { left: 'over' }, 'Left over')
    const losing = loseAnswer(model)
    sandbox.github.stage(MOVE, async (request, response) => {
      await losing(request, response)
      repository.commitFiles(HEAD, { 'rival.txt': 'on top' }, 'The rival')
    })
    expect((await propose()).outputs).toMatchObject({ changed: 'true', 'pull-request': url() })
    expect(history()).toEqual(['The rival', UPDATE, 'First'])
  })

  test('joins the pull request that somebody else opened at the same moment', async () => {
    const rival = (): void => {
      const number = 77
      repository.pullRequests.push({
        number,
        head: HEAD,
        base: 'main',
        user: 'Mona',
        title: '',
        body: '',
        state: 'open'
      })
    }
    sandbox.github.stage(OPEN, afterDoing(rival, model))
    expect((await propose()).outputs).toMatchObject({ changed: 'true', 'pull-request': url() })
    expect(repository.pullRequests).toHaveLength(1)
  })
})

describe('with an open pull request', () => {
  beforeEach(async () => {
    await propose()
    sandbox.github.requests.length = 0
  })

  test('the same card changes nothing', async () => {
    const tip = repository.branches.get(HEAD)
    expect((await propose()).outputs).toEqual({ changed: 'false', 'pull-request': url() })
    expect(repository.branches.get(HEAD)).toBe(tip)
  })

  test('another card goes on top of it, and what somebody else committed there stays', async () => {
    repository.commitFiles(HEAD, { 'rival.txt': 'mine' }, 'The rival')
    draw(['mona', 2])
    expect((await propose()).outputs).toEqual({
      changed: 'true',
      commit: repository.branches.get(HEAD),
      'pull-request': url()
    })
    expect(history()).toEqual([UPDATE, 'The rival', UPDATE, 'First'])
    expect(repository.pullRequests).toHaveLength(1)
  })

  test('a commit of somebody else at the same moment stays as well', async () => {
    draw(['mona', 2])
    sandbox.github.stage(
      MOVE,
      afterDoing(() => repository.commitFiles(HEAD, { 'rival.txt': 'x' }, 'The rival'), model)
    )
    expect((await propose()).outputs).toMatchObject({ changed: 'true' })
    expect(history()).toEqual([UPDATE, 'The rival', UPDATE, 'First'])
  })

  test('once it is merged, nothing is left to propose until the card says something new', async () => {
    const [pull] = repository.pullRequests
    if (pull) pull.state = 'closed'
    repository.branches.set('main', repository.branches.get(HEAD) ?? '')
    expect((await propose()).outputs).toEqual({ changed: 'false' })
    expect(asked(sandbox).filter(each => !each.startsWith('GET'))).toEqual([])
    draw(['mona', 2], ['hubot', 1])
    expect((await propose()).outputs).toMatchObject({ changed: 'true' })
    expect(repository.pullRequests.filter(({ state }) => state === 'open')).toHaveLength(1)
    expect(repository.pullRequests.at(-1)?.body).toContain('    hubot is new on the card.\n')
  })

  test('an unchanged run asks GitHub five times at most', async () => {
    repository.branches.set('main', repository.branches.get(HEAD) ?? '')
    expect((await propose()).outputs).toEqual({ changed: 'false', 'pull-request': url() })
    expect(asked(sandbox).length).toBeLessThanOrEqual(5)
  })
})

describe('a refusal', () => {
  test('by the setting names it', async () => {
    repository.allowsActionsPullRequests = false
    expectFailure(
      await propose(),
      'pull-request-forbidden',
      /'Allow GitHub Actions to create and approve pull requests'/
    )
  })

  test.each([
    [403, 'Resource not accessible by integration', /permissions: pull-requests: write/],
    [404, 'Not Found', /permissions: pull-requests: write/],
    [403, 'Words that nobody knows', /GitHub: "Words that nobody knows"/]
  ])('%i "%s" is told by its own remedy', async (status, words, remedy) => {
    sandbox.github.stageAlways(OPEN, refusal(status, words))
    expectFailure(await propose(), 'pull-request-forbidden', remedy)
  })

  test('for a branch that does not exist says so, and so for a repository without any commit', async () => {
    expectFailure(await propose({ branch: 'gone' }), 'commit-forbidden', /^GitHub found no branch gone in Acme-Labs/)
    addRepository(sandbox.population, 'Acme-Labs/anvil')
    expectFailure(await propose({ branch: 'main' }), 'commit-forbidden', /^GitHub found no branch main in Acme-Labs/)
  })

  test.each([{ branch: 'a', 'pull-request-branch': 'a' }, { 'pull-request-branch': 'main' }])(
    '%j: the two branches must differ',
    async inputs => {
      expectFailure(await propose(inputs), 'step-input-invalid', /^Input 'pull-request-branch' is /)
      expect(asked(sandbox).filter(each => each !== 'GET ')).toEqual([])
    }
  )

  test('leaves the README as it was', async () => {
    repository.rules = { requiresPullRequest: true }
    expectFailure(await propose(), 'commit-refused', /pull request/)
    expect(repository.read('main', 'README.md')).toBe(README)
    expect(repository.read('main', CARD_PATH)).toBeUndefined()
  })
})
