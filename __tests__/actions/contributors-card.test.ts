// Tests the card action in this process, with a staged Vaunt and the sandbox's GitHub, without a network. The whole program is tested in __tests__/program/.

import { describe, expect, test } from '@jest/globals'
import { runCard } from '../../src/actions/contributors-card.ts'
import { COMMIT_LIMITS } from '../../src/card/commit.ts'
import { JOB_TOKEN } from '../../sandbox/github/population.ts'
import { drawCard } from '../support/cards.ts'
import { after, hostRepository } from '../support/repository.ts'
import type { Hosted } from '../support/repository.ts'
import { forgeToken } from '../support/secrets.ts'
import { createWorld } from '../support/staged-world.ts'
import type { StagedWorld, WorldOptions } from '../support/staged-world.ts'

const TOKEN = forgeToken({ alg: 'ES256' }, { sub: 'x' })
const PATH = '.vaunt/cards/contributors.svg'
const CARD = `\n\n${drawCard([['mona', 1, 'p']]).trim()}`

interface Ran {
  readonly world: StagedWorld
  readonly hosted: Hosted
}

/** Runs the step for octo/demo. No secret is printed. */
async function card(
  inputs: Readonly<Record<string, string>> = {},
  options: WorldOptions & { readonly hosted?: Hosted; readonly limits?: Partial<typeof COMMIT_LIMITS> } = {}
): Promise<Ran> {
  const { hosted = hostRepository(), limits, ...more } = options
  const staged = createWorld({
    inputs: { pat: '', 'github-token': JOB_TOKEN, ...inputs },
    stages: { vaunt: { body: CARD } },
    ...more,
    environment: {
      GITHUB_REPOSITORY: 'octo/demo',
      GITHUB_REPOSITORY_OWNER: 'octo',
      GITHUB_SERVER_URL: 'https://github.com',
      ...more.environment
    }
  })
  const world: StagedWorld = {
    ...staged,
    uptime: () => performance.now(),
    createClient(made) {
      const vaunt = staged.createClient(made)
      return {
        ...vaunt,
        request: (service, url, message) => (service === 'Vaunt' ? vaunt : hosted.client).request(service, url, message)
      }
    }
  }
  await runCard(world, { ...COMMIT_LIMITS, firstPauseMs: 1, pauseMs: 5, ...limits })
  expect(world.printed().join('\n')).not.toMatch(/LOUDFAKE/)
  expect(world.printed().join('\n')).not.toContain(TOKEN)
  return { world, hosted }
}

const failure = ({ world }: Ran): string | undefined => world.effects.find(([name]) => name === 'setFailed')?.[1]
const askedVaunt = ({ world }: Ran): string[] =>
  world.effects.flatMap(([name, url = '']) => (name === 'get' && url.includes('vaunt') ? [url] : []))
const nothingSent = (ran: Ran): void => {
  expect([askedVaunt(ran), ran.hosted.requests]).toEqual([[], []])
}

test('a card is committed, and the outputs and the log say so; a second time nothing changes', async () => {
  const first = await card()
  const commit = first.hosted.repository.branches.get('main') ?? ''
  expect(first.world.outputs).toEqual({ changed: 'true', commit })
  expect(first.world.printed()).toEqual([`Committed the card to ${PATH} on main (${commit.slice(0, 12)}).`])
  expect(first.hosted.repository.read('main', PATH)).toBe(CARD)
  const second = await card({}, { hosted: first.hosted })
  expect(second.world.outputs).toEqual({ changed: 'false' })
  expect(second.world.printed()).toEqual([`The card at ${PATH} on main is up to date.`])
})

test('a proposed card has the address of its pull request as output and in the log', async () => {
  const { world, hosted } = await card({ 'pull-request': 'TRUE' })
  const url = 'https://github.com/octo/demo/pull/1'
  expect(world.outputs).toEqual({
    changed: 'true',
    commit: hosted.repository.branches.get('vaunt/contributors-card'),
    'pull-request': url
  })
  expect(world.printed().at(-1)).toBe(`Pull request: ${url}`)
  expect(world.printed()[0]).toMatch(
    /^Proposed the card for \.vaunt\/cards\/contributors\.svg on main \([\da-f]{12}\)\.$/
  )
  expect(hosted.repository.pullRequests).toMatchObject([{ title: 'Update the contributors card of octo/demo' }])
})

test('every secret is masked before anything else is done', async () => {
  const { world } = await card({ token: TOKEN })
  expect(world.effects.slice(0, 3)).toEqual([['setSecret', JOB_TOKEN], ['setSecret', TOKEN], ['createClient']])
})

test('each pause is told with its reason', async () => {
  const hosted = hostRepository()
  hosted.fail(
    'PATCH',
    /refs/,
    after(() => hosted.repository.commitFiles('main', { rival: 'x' }))
  )
  const { world } = await card({}, { hosted })
  expect(world.printed()[0]).toMatch(
    /^The card isn't committed yet: someone else changed the branch first\. Trying again in 0\.0 s\.$/
  )
})

test('other line ends would be changed by git in every clone', async () => {
  const { hosted } = await card({}, { stages: { vaunt: { body: CARD.replaceAll('\n', '\r\n') } } })
  expect(hosted.repository.read('main', PATH)).toBe(CARD)
})

test('the card is asked for as an SVG, of this repository and ten people unless told otherwise', async () => {
  const address = 'https://api.vaunt.dev/v1/github/entities/octo/repositories/demo/contributors?format=svg&limit=10'
  expect(askedVaunt(await card())).toEqual([address])
  const other = await card({ repository: 'other', limit: '71' })
  expect(askedVaunt(other)).toEqual([address.replace('demo', 'other').replace('=10', '=71')])
  expect(other.world.printed()[0]).toBe("Input 'limit' is 71. Vaunt may cut off cards with more than 70 contributors.")
})

test('one client is closed before the next is made', async () => {
  const { world } = await card()
  const clients = world.effects.map(([name]) => name).filter(name => name === 'createClient' || name === 'close')
  expect(clients).toEqual(['createClient', 'close', 'createClient', 'close'])
  expect(world.clientOptions().limits).toMatchObject({ actionMs: 180_000, bodyBytes: 10_485_760 })
})

test('the message of the commit leads to the run, on the server that people know', async () => {
  const message = async (server: string): Promise<string | undefined> => {
    const inputs = { token: TOKEN, 'github-api-url': 'https://ghe.example/api/v3' }
    const { hosted } = await card(inputs, { environment: { GITHUB_SERVER_URL: server } })
    return hosted.repository.tipOf('main')?.message
  }
  const run = 'octo/demo/actions/runs/4711'
  expect(await message('https://ghe.example')).toBe(
    `Update the contributors card of octo/demo\n\nGenerated by Vaunt, committed by https://ghe.example/${run}`
  )
  expect(await message('file:///tmp')).toContain(`https://ghe.example/${run}`)
})

test('the branch is the default one, which the event names', async () => {
  const hosted = hostRepository()
  hosted.repository.commitFiles('trunk', { a: '' })
  hosted.repository.defaultBranch = 'trunk'
  await card({}, { hosted })
  expect(hosted.repository.read('trunk', PATH)).toBe(CARD)
  const event = JSON.stringify({ repository: { default_branch: 'main' } })
  const environment = { GITHUB_EVENT_PATH: 'event.json' }
  const { world } = await card(
    {},
    { hosted, environment, world: { readFile: path => (path === 'event.json' ? event : '') } }
  )
  expect(world.printed()[0]).toContain(' on main (')
})

describe('a refusal', () => {
  test.each([401, 403, 404])('of Vaunt (%i) without a credential means that one is needed', async status => {
    const vaunt = { status, body: { error: { code: 0, message: 'no' } } }
    const ran = await card({}, { stages: { vaunt } })
    expect(ran.world.outputs).toEqual({ 'error-code': 'pat-missing' })
    expect(failure(ran)).toContain('Vaunt requires a PAT for octo/demo')
    const withToken = await card({ token: TOKEN }, { stages: { vaunt } })
    expect(withToken.world.outputs['error-code']).toMatch(/^vaunt-/)
  })

  test('of Vaunt in a run of a fork says that first', async () => {
    const event = JSON.stringify({ pull_request: { base: { repo: { full_name: 'octo/demo' } }, head: { repo: null } } })
    const environment = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: 'event.json' }
    const vaunt = { status: 401, body: '' }
    const ran = await card({}, { stages: { vaunt }, environment, world: { readFile: () => event } })
    expect(failure(ran)).toMatch(/^This run comes from a pull request from a fork.*Vaunt requires a PAT/)
  })

  test('of an unsafe card leaves the branch as it was', async () => {
    const { world, hosted } = await card({}, { stages: { vaunt: { body: '<svg onload="x"/>' } } })
    expect([world.outputs, hosted.requests]).toEqual([{ 'error-code': 'card-unsafe' }, []])
  })

  test.each([
    ['github-token', JOB_TOKEN, {}],
    ['token', TOKEN, { token: TOKEN }]
  ])('of a card that has the %s in it leaves the branch as it was', async (_, secret, inputs) => {
    const { world, hosted } = await card(inputs, { stages: { vaunt: { body: `<svg><text>${secret}</text></svg>` } } })
    expect([world.outputs, hosted.requests]).toEqual([{ 'error-code': 'vaunt-unexpected' }, []])
  })

  test('of GitHub ends in its own code', async () => {
    const hosted = hostRepository()
    hosted.repository.isArchived = true
    const ran = await card({}, { hosted })
    expect(ran.world.outputs).toEqual({ 'error-code': 'commit-forbidden' })
    expect(failure(ran)).toContain('The repository octo/demo is archived')
  })
})

describe('before anything is sent', () => {
  test.each(['', ' '])('a missing github-token (%j) is told', async token => {
    const ran = await card({ 'github-token': token })
    expect(ran.world.outputs).toEqual({ 'error-code': 'commit-forbidden' })
    nothingSent(ran)
  })

  test.each(['ghs_x y', 'a\nb', '""', 'ghs_\u00e9'])('a github-token such as %j is no token', async bad => {
    const ran = await card({ 'github-token': bad })
    expect(ran.world.outputs).toEqual({ 'error-code': 'commit-forbidden' })
    // The runner would mask each line of it, wherever it stands.
    expect(ran.world.effects.filter(([name]) => name === 'setSecret')).toEqual([])
    nothingSent(ran)
  })

  test('the runner has to say which repository this is', async () => {
    for (const repository of ['', 'demo']) {
      const ran = await card({}, { environment: { GITHUB_REPOSITORY: repository } })
      expect(ran.world.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
      expect(failure(ran)).toContain('GITHUB_REPOSITORY')
      nothingSent(ran)
    }
  })

  test.each([
    [{ 'github-api-url': 'http://ghe.example' }, 'url-invalid', 1],
    [{ 'github-api-url': 'http://ghe.example', pat: 'ghp_LOUDFAKE' }, 'url-invalid', 1],
    [{ 'github-api-url': 'x', limit: '0' }, 'step-input-invalid', 2]
  ])('%j is %s', async (inputs, code, count) => {
    const ran = await card(inputs)
    expect(ran.world.outputs).toEqual({ 'error-code': code })
    expect(failure(ran)?.match(/\[[a-z-]+\] docs/g)).toHaveLength(count)
    nothingSent(ran)
  })

  test.each([
    [{ repository: 'a/b' }, 'repository'],
    [{ repository: '.' }, 'repository'],
    [{ repository: '..' }, 'repository'],
    [{ repository: 'n'.repeat(101) }, 'repository'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: '1e1' }, 'limit'],
    [{ path: 'card.png' }, 'path'],
    [{ path: '/card.svg' }, 'path'],
    [{ path: 'a/../card.svg' }, 'path'],
    [{ path: '.git/card.svg' }, 'path'],
    [{ path: 'x/.GIT/card.svg' }, 'path'],
    [{ path: 'a//card.svg' }, 'path'],
    [{ path: 'a\\card.svg' }, 'path'],
    [{ path: 'con.svg' }, 'path'],
    [{ path: 'AUX/card.svg' }, 'path'],
    [{ path: 'a/com1.x.svg' }, 'path'],
    [{ path: 'GIT~1/card.svg' }, 'path'],
    [{ path: 'x/a/ card.svg' }, 'path'],
    [{ path: 'x/ /card.svg' }, 'path'],
    [{ path: 'a /card.svg' }, 'path'],
    [{ path: 'a./card.svg' }, 'path'],
    [{ path: `${'p'.repeat(252)}.svg` }, 'path'],
    ...['a..b', '-a', 'a.lock', 'HEAD', 'refs/heads/', 'refs/tags/v1', 'refs/pull/12/merge', '@', 'a/', '/a'].map(
      branch => [{ branch }, 'branch'] as const
    ),
    ...['a//b', '.a', 'a/.b', 'a.', 'a b', 'a~b', `refs/heads/${'a'.repeat(201)}`].map(
      branch => [{ branch }, 'branch'] as const
    ),
    [{ 'pull-request': 'yes' }, 'pull-request'],
    [{ 'pull-request-branch': 'a b' }, 'pull-request-branch'],
    [{ 'pull-request': 'true', branch: 'a', 'pull-request-branch': 'refs/heads/a' }, 'pull-request-branch']
  ])('%j is refused', async (inputs, name) => {
    const ran = await card(inputs)
    expect(ran.world.outputs).toEqual({ 'error-code': 'step-input-invalid' })
    expect(failure(ran)).toContain(`Input '${name}' is `)
    nothingSent(ran)
  })
})

test('the branch of the pull request may not be the default branch', async () => {
  const ran = await card({ 'pull-request': 'true', 'pull-request-branch': 'main' })
  expect(ran.world.outputs).toEqual({ 'error-code': 'step-input-invalid' })
  expect(ran.hosted.repository.history('main')).toHaveLength(1)
})

test.each([
  'refs/heads/assets',
  'assets',
  'a-b',
  'a@b',
  '@a',
  'HEADS',
  'my-HEAD',
  'a.b',
  'x/refs/heads/y',
  'b'.repeat(200)
])('the card may go to the branch %.20s, which is made', async branch => {
  const { world, hosted } = await card({ branch })
  expect(world.outputs.changed).toBe('true')
  expect(hosted.repository.history(branch.replace(/^refs\/heads\//, ''))).toHaveLength(1)
})

test.each(['card.svg', 'a/b.c/card.svg', `${'p'.repeat(251)}.svg`])('the card may be put at %.20s', async path => {
  const { hosted } = await card({ path: ` ${path} ` })
  expect(hosted.repository.read('main', path)).toBe(CARD)
})

test.each([
  ['other', false, 1],
  ['other', true, 0],
  ['DEMO', false, 0],
  ['', false, 0]
])('of the repository %j, in one that is private: %s: %i warnings', async (repository, isPrivate, count) => {
  const event = JSON.stringify({ repository: { private: isPrivate, default_branch: 'main' } })
  const { world } = await card(
    { repository, token: TOKEN },
    {
      environment: { GITHUB_EVENT_PATH: 'event.json' },
      world: { readFile: path => (path === 'event.json' ? event : '') }
    }
  )
  const warnings = world.effects.filter(([name]) => name === 'warning')
  expect(warnings).toHaveLength(count)
  if (count > 0) expect(warnings[0]?.[1]).toMatch(/anyone can see who contributes to octo\/other\. .*private/)
})

test.each([
  ['\turl = https://github.com/octo/demo\n', 'assets'],
  ['\turl = https://github.com/octo/demo.git/\n', 'assets'],
  ['\tURL=git@github.com:x/OCTO/Demo.git\n', 'assets'],
  ['\turl = https://github.com/octo/demo2\n', 'main'],
  ['\tpushurl = https://github.com/octo/demo\n', 'main']
])('of a checkout with the setting %j the card goes to %s', async (settings, branch) => {
  const readFile = (path: string): string => {
    if (path === '/checkout/.git/config') return `[remote "origin"]\n${settings}`
    if (path === '/checkout/.git/HEAD') return 'ref: refs/heads/assets\n'
    throw new Error('no such file')
  }
  const { hosted } = await card({}, { environment: { GITHUB_WORKSPACE: '/checkout' }, world: { readFile } })
  expect(hosted.repository.read(branch, PATH)).toBe(CARD)
})
