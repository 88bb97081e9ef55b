// Proves that the sandbox's repositories behave as GitHub's Git database does, in the shapes of GitHub's OpenAPI description.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request as send } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Ajv } from 'ajv'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { afterDoing, loseAnswer } from '../../../sandbox/network/answers.ts'
import { Objects } from '../../../sandbox/git/objects.ts'
import type { Repository } from '../../../sandbox/git/repository.ts'
import { addRepository, JOB_TOKEN } from '../../../sandbox/github/population.ts'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { get } from '../network/client.ts'

interface Got {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
const description = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../sandbox/github/github-openapi.json'), 'utf8')
) as { paths: Record<string, Record<string, { responses: Record<string, { $ref?: string }>; requestBody?: unknown }>> }
ajv.addSchema(description, 'github')

/** What the description says against a request's body and its answer; nothing when both are as described. */
function complaints(method: string, path: string, input: unknown, got: Got): unknown[] {
  const template = Object.keys(description.paths).find(each => {
    const pattern = each.replace(/\{(\w+)\}/g, (_, name) => (/ref|path/.test(String(name)) ? '.+' : '[^/]+'))
    return new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '') && description.paths[each]?.[method.toLowerCase()]
  })
  const operation = description.paths[template ?? '']?.[method.toLowerCase()]
  if (template === undefined || !operation) return [`${method} ${path} is not described`]
  const at = `/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}`
  const check = (pointer: string, value: unknown): unknown[] => {
    const validate = ajv.compile({ $ref: `github#${encodeURI(pointer)}` })
    return validate(value) ? [] : (validate.errors ?? [])
  }
  const response = operation.responses[got.status]
  if (!response) return [`${method} ${template} has no answer ${got.status}`]
  const pointer = response.$ref?.slice(1) ?? `${at}/responses/${got.status}`
  return [
    ...(operation.requestBody ? check(`${at}/requestBody/content/application~1json/schema`, input) : []),
    ...check(`${pointer}/content/application~1json/schema`, got.body)
  ]
}

let sandbox: Sandbox
let repository: Repository

beforeAll(async () => {
  sandbox = await startSandbox()
})

afterEach(() => {
  sandbox.reset()
})

afterAll(async () => {
  await sandbox.stop()
})

async function ask(method: string, path: string, input?: unknown, token = JOB_TOKEN): Promise<Got> {
  const options = { method, ca: sandbox.certificates.ca, headers: { authorization: `token ${token}` }, agent: false }
  return new Promise((resolve, reject) => {
    send(`${sandbox.github.url}${path}`, options, response => {
      text(response).then(body => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) as Got['body'] })
      }, reject)
    })
      .on('error', reject)
      .end(input === undefined ? undefined : JSON.stringify(input))
  })
}

/** Asks, and holds both the request and the answer against GitHub's description. */
async function call(method: string, path: string, input?: unknown, token?: string): Promise<Got> {
  const got = await ask(method, path, input, token)
  expect([method, path, got.status, complaints(method, path, input, got)]).toEqual([method, path, got.status, []])
  return got
}

function start(): void {
  repository = addRepository(sandbox.population, 'octo/demo')
}

const GIT = '/repos/octo/demo/git'

/** Commits a file as the action does: tree, commit, branch. @returns the commit */
async function commit(path: string, content: string, branch = 'main', more: object = {}): Promise<string> {
  const tip = (await call('GET', `${GIT}/ref/heads/${branch}`)).body['object'] as { sha: string }
  const base = (await call('GET', `${GIT}/commits/${tip.sha}`)).body['tree'] as { sha: string }
  const tree = await call('POST', `${GIT}/trees`, {
    base_tree: base.sha,
    tree: [{ path, mode: '100644', type: 'blob', content }]
  })
  const made = await call('POST', `${GIT}/commits`, {
    message: 'Update',
    tree: tree.body['sha'],
    parents: [tip.sha],
    ...more
  })
  return String(made.body['sha'])
}

describe('object names', () => {
  test('are those that git computes', () => {
    const objects = new Objects()
    const blob = objects.addBlob('hello\n')
    expect(blob).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
    const tree = objects.changed(undefined, {
      'a.txt': { mode: '100644', sha: blob },
      'a/b': { mode: '100644', sha: blob }
    })
    // As `git mktree` names it.
    const listed = [`100644 blob ${blob}\ta.txt`, `040000 tree ${objects.tree(tree)[1]?.sha ?? ''}\ta`].join('\n')
    let named: string
    try {
      named = execFileSync('git', ['mktree', '--missing'], { input: `${listed}\n`, encoding: 'utf8' }).trim()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return
    }
    expect(tree).toBe(named)
  })
})

describe('a repository', () => {
  test('takes a commit: tree, commit, branch', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello', 'cards/old.svg': '<svg/>' })
    const sha = await commit('cards/new.svg', '<svg>new</svg>')
    const moved = await call('PATCH', `${GIT}/refs/heads/main`, { sha, force: false })
    expect(moved.status).toBe(200)
    expect(repository.read('main', 'cards/new.svg')).toBe('<svg>new</svg>')
    expect(repository.read('main', 'cards/old.svg')).toBe('<svg/>')
    expect(repository.history('main')).toHaveLength(2)
    expect(repository.tipOf('main')).toMatchObject({ isVerified: true, author: { name: 'github-actions[bot]' } })
  })

  test.each([
    ['an author of its own', { author: { name: 'x', email: 'x@example.com' } }],
    ['a committer of its own', { committer: { name: 'x', email: 'x@example.com' } }]
  ])('leaves a commit with %s unsigned', async (_, more) => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    const sha = await commit('card.svg', '<svg/>', 'main', more)
    expect((await call('GET', `${GIT}/commits/${sha}`)).body).toMatchObject({ verification: { verified: false } })
  })

  test('refuses what is not a fast forward, unless forced', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    const sha = await commit('card.svg', '<svg/>')
    const theirs = repository.commitFiles('main', { 'README.md': 'hello again' })
    const refused = await call('PATCH', `${GIT}/refs/heads/main`, { sha, force: false })
    expect([refused.status, refused.body['message']]).toEqual([422, 'Update is not a fast forward'])
    expect(repository.branches.get('main')).toBe(theirs)
    expect((await call('PATCH', `${GIT}/refs/heads/main`, { sha, force: true })).status).toBe(200)
  })

  test('that is empty says so, and takes its first commit as a file', async () => {
    start()
    const empty = await call('GET', `${GIT}/ref/heads/main`)
    expect([empty.status, empty.body['message']]).toEqual([409, 'Git Repository is empty.'])
    const content = Buffer.from('<svg/>').toString('base64')
    const made = await call('PUT', '/repos/octo/demo/contents/cards/card.svg', { message: 'First', content })
    expect(made.status).toBe(201)
    expect(repository.read('main', 'cards/card.svg')).toBe('<svg/>')
  })

  test('makes a branch once', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    expect((await call('GET', `${GIT}/ref/heads/cards`)).status).toBe(404)
    const sha = await commit('card.svg', '<svg/>')
    expect((await call('POST', `${GIT}/refs`, { ref: 'refs/heads/cards', sha })).status).toBe(201)
    const again = await call('POST', `${GIT}/refs`, { ref: 'refs/heads/cards', sha })
    expect([again.status, again.body['message']]).toEqual([422, 'Reference already exists'])
  })

  test('shows trees, links, submodules, blobs, and files', async () => {
    start()
    repository.commitFiles('main', { 'a/card.svg': '<svg/>' })
    repository.commitEntry('main', 'link', '120000')
    repository.commitEntry('main', 'module', '160000')
    const tree = await call('GET', `${GIT}/trees/${repository.tipOf('main')?.tree ?? ''}`)
    const entries = (tree.body['tree'] as { path: string; type: string }[]).map(({ path, type }) => [path, type])
    expect(entries).toEqual([
      ['a', 'tree'],
      ['link', 'blob'],
      ['module', 'commit']
    ])
    const file = await ask('GET', '/repos/octo/demo/contents/a/card.svg?ref=main')
    expect(Buffer.from(String(file.body['content']), 'base64').toString()).toBe('<svg/>')
    const blob = await call('GET', `${GIT}/blobs/${String(file.body['sha'])}`)
    expect(Buffer.from(String(blob.body['content']), 'base64').toString()).toBe('<svg/>')
  })

  test('has pull requests: one for a branch, listed by its head', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    await call('GET', '/repos/octo/demo')
    const sha = await commit('card.svg', '<svg/>')
    await call('POST', `${GIT}/refs`, { ref: 'refs/heads/card', sha })
    const input = { title: 'Update the card', head: 'card', base: 'main', body: 'New' }
    const opened = await call('POST', '/repos/octo/demo/pulls', input)
    expect([opened.status, opened.body['html_url']]).toEqual([201, 'https://github.com/octo/demo/pull/1'])
    const again = await call('POST', '/repos/octo/demo/pulls', input)
    expect(again).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'A pull request already exists for octo:card.' }] }
    })
    const found = await call('GET', '/repos/octo/demo/pulls?state=open&head=octo:card')
    expect(found.body).toMatchObject([{ number: 1 }])
    expect((await ask('GET', '/repos/octo/demo/pulls?head=octo:other')).body).toEqual([])
  })

  test('gives a tree that is asked for by a commit the name of the commit', async () => {
    start()
    const tip = repository.commitFiles('main', { 'README.md': 'hello' })
    for (const name of [tip, 'main']) {
      expect((await call('GET', `${GIT}/trees/${name}`)).body).toMatchObject({
        sha: tip,
        tree: [{ path: 'README.md' }]
      })
    }
    const tree = repository.tipOf('main')?.tree ?? ''
    expect((await call('GET', `${GIT}/trees/${tree}`)).body).toMatchObject({ sha: tree })
  })

  test('keeps apart what differs in letter case only, and takes the encoded name of a branch', async () => {
    start()
    repository.commitFiles('vaunt/cards', { 'Cards/card.svg': 'one', 'cards/card.svg': 'two' })
    const tip = repository.branches.get('vaunt/cards') ?? ''
    const found = await ask('GET', `${GIT}/ref/heads%2Fvaunt%2Fcards`)
    expect(found.body).toMatchObject({ ref: 'refs/heads/vaunt/cards', object: { sha: tip } })
    expect(repository.read('vaunt/cards', 'Cards/card.svg')).toBe('one')
    expect((await call('GET', `${GIT}/trees/${tip}`)).body).toMatchObject({
      tree: [{ path: 'Cards' }, { path: 'cards' }]
    })
  })
})

describe('a request that is not as described', () => {
  test.each([
    ['PATCH', `${GIT}/refs/heads/main`, { force: false }],
    ['PATCH', `${GIT}/refs/heads/main`, { sha: '1'.repeat(40), force: 'no' }],
    ['POST', `${GIT}/refs`, { ref: 'refs/heads/new' }],
    ['POST', `${GIT}/trees`, { tree: [{ path: 'card.svg', mode: '644', content: '<svg/>' }] }],
    ['POST', `${GIT}/commits`, { message: 'Update', parents: [] }],
    ['POST', `${GIT}/commits`, { message: 'Update', tree: '1'.repeat(40), author: { name: 'x' } }],
    ['POST', `${GIT}/blobs`, { encoding: 'utf-8' }],
    ['PUT', '/repos/octo/demo/contents/cards/card.svg', { content: '' }],
    ['POST', '/repos/octo/demo/pulls', { head: 'card' }]
  ])('%s %s %j changes nothing', async (method, path, input) => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    const before = [...repository.branches]
    const got = await ask(method, path, input)
    expect(got).toMatchObject({ status: 422, body: { message: expect.stringMatching(/^Invalid request\.\n\nFor '/) } })
    expect([...repository.branches]).toEqual(before)
    expect(complaints(method, path, input, got)).not.toEqual([])
  })

  test('says so when it is no JSON', async () => {
    start()
    const got = await get(`${sandbox.github.url}${GIT}/blobs`, {
      ca: sandbox.certificates.ca,
      method: 'POST',
      headers: { authorization: `token ${JOB_TOKEN}` },
      body: '{"content":'
    })
    expect([got.status, got.body]).toEqual([400, expect.stringContaining('Problems parsing JSON')])
  })

  test('is refused when it builds on an object that does not exist', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    const unknown = '1'.repeat(40)
    const tree = [{ path: 'card.svg', mode: '100644', type: 'blob', content: '<svg/>' }]
    expect((await call('POST', `${GIT}/trees`, { base_tree: unknown, tree })).status).toBe(404)
    expect((await call('POST', `${GIT}/commits`, { message: 'x', tree: unknown })).status).toBe(422)
    expect((await call('PATCH', `${GIT}/refs/heads/main`, { sha: unknown })).status).toBe(422)
    expect((await call('POST', `${GIT}/refs`, { ref: 'refs/heads/new', sha: unknown })).status).toBe(422)
  })
})

describe('refusals, in the words of GitHub', () => {
  test.each([
    ['a token without permission', { contents: 'read', pullRequests: 'none' }, 403, /not accessible by integration/],
    ['a token that cannot see it', { contents: 'none', pullRequests: 'none' }, 404, /Not Found/]
  ] as const)('%s', async (_, permissions, status, words) => {
    repository = addRepository(sandbox.population, 'octo/demo', permissions)
    repository.commitFiles('main', { 'README.md': 'hello' })
    const got = await ask('POST', `${GIT}/trees`, { tree: [] })
    expect([got.status, got.body['message']]).toEqual([status, expect.stringMatching(words)])
  })

  test('a missing permission is named in a header', async () => {
    repository = addRepository(sandbox.population, 'octo/demo', { contents: 'read', pullRequests: 'read' })
    const permissionFor = async (path: string, input: object): Promise<unknown> => {
      const { headers } = await get(`${sandbox.github.url}/repos/octo/demo/${path}`, {
        ca: sandbox.certificates.ca,
        method: 'POST',
        headers: { authorization: `token ${JOB_TOKEN}` },
        body: JSON.stringify(input)
      })
      return headers['x-accepted-github-permissions']
    }
    expect(await permissionFor('git/blobs', { content: '' })).toBe('contents=write')
    expect(await permissionFor('pulls', { title: 'x', head: 'x', base: 'main' })).toBe('pull_requests=write')
  })

  test('an archived repository', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    repository.isArchived = true
    const got = await call('POST', `${GIT}/trees`, { tree: [] })
    expect([got.status, got.body['message']]).toEqual([403, 'Repository was archived so is read-only.'])
  })

  test.each([
    ['pull requests', { requiresPullRequest: true }, 'Changes must be made through a pull request.'],
    ['status checks', { requiredChecks: ['a', 'b'] }, '2 of 2 required status checks are expected.']
  ])('a rule that requires %s', async (_, rules, words) => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    repository.rules = rules
    const sha = await commit('card.svg', '<svg/>')
    const got = await call('PATCH', `${GIT}/refs/heads/main`, { sha })
    expect(got.status).toBe(422)
    expect(got.body['message']).toBe(`Repository rule violations found\n\n${words}\n\n`)
  })

  test('a rule that requires signatures lets only signed commits in', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    repository.rules = { requiresSignatures: true }
    const unsigned = await commit('card.svg', '<svg/>', 'main', { author: { name: 'x', email: 'x@example.com' } })
    expect((await call('PATCH', `${GIT}/refs/heads/main`, { sha: unsigned })).status).toBe(422)
    const signed = await commit('card.svg', '<svg/>')
    expect((await call('PATCH', `${GIT}/refs/heads/main`, { sha: signed })).status).toBe(200)
  })

  test('the setting that keeps Actions from opening pull requests', async () => {
    start()
    repository.commitFiles('main', { 'README.md': 'hello' })
    repository.allowsActionsPullRequests = false
    const got = await call('POST', '/repos/octo/demo/pulls', { title: 'x', head: 'x', base: 'main' })
    expect(got.body['message']).toBe('GitHub Actions is not permitted to create or approve pull requests.')
  })
})

test('an answer can be lost after the branch moved, and somebody else can come first', async () => {
  start()
  repository.commitFiles('main', { 'README.md': 'hello' })
  const sha = await commit('card.svg', '<svg/>')
  sandbox.github.stage('PATCH /repos/:o/:r/git/refs/heads/main', loseAnswer(sandbox.github.model))
  await expect(ask('PATCH', `${GIT}/refs/heads/main`, { sha })).rejects.toThrow()
  expect(repository.branches.get('main')).toBe(sha)
  const route = 'GET /repos/:o/:r/git/ref/heads/main'
  sandbox.github.stage(
    route,
    afterDoing(() => repository.commitFiles('main', { 'README.md': 'theirs' }), sandbox.github.model)
  )
  const tip = (await call('GET', `${GIT}/ref/heads/main`)).body['object']
  expect(tip).toMatchObject({ sha: repository.branches.get('main') })
  expect(repository.branches.get('main')).not.toBe(sha)
})
