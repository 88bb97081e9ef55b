// Tests the report action in this process: the pages, the output, and the order. The whole program is tested in __tests__/program/repositories-report.test.ts.

import { describe, expect, test } from '@jest/globals'
import { runReport } from '../../src/actions/repositories-report.ts'
import type { Staged } from '../support/github.ts'
import { forgeToken } from '../support/secrets.ts'
import { createWorld } from '../support/staged-world.ts'
import type { StagedWorld, WorldOptions } from '../support/staged-world.ts'

const TOKEN = forgeToken({ alg: 'ES256' }, { sub: 'x' })
const FOLDER = '/temp/vaunt-repositories-1'

function createReportWorld(pages: readonly Staged[], options: WorldOptions = {}): StagedWorld {
  let asked = 0
  const effects: (readonly [string, ...string[]])[] = []
  const record =
    (name: string) =>
    (...values: string[]): void => {
      effects.push([name, ...values])
    }
  const world = createWorld({
    inputs: { pat: '', token: TOKEN, entity: 'Acme-Labs', ...options.inputs },
    environment: { GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_SERVER_URL: 'https://github.com', ...options.environment },
    stages: { vaunt: () => Promise.resolve(pages[asked++] ?? { status: 500 }) },
    world: {
      disk: {
        makeFolder: () => FOLDER,
        write: record('write'),
        append: record('append'),
        remove: record('remove')
      },
      ...options.world
    }
  })
  return Object.assign(world, { disked: effects })
}

const disked = (world: StagedWorld): readonly (readonly string[])[] =>
  (world as unknown as { disked: (readonly string[])[] }).disked
const asked = (world: StagedWorld): string[] =>
  world.effects.filter(([name]) => name === 'get').map(([, url = '']) => url.replace(/^.*\/entities/, ''))
const failure = (world: StagedWorld): string | undefined => world.effects.find(([name]) => name === 'setFailed')?.[1]

const page = (names: readonly string[], next?: string): Staged => ({
  body: {
    data: names.map(name => ({ name, private: name.startsWith('p'), stars: 1 })),
    ...(next === undefined ? {} : { next_cursor: next })
  }
})

describe('the report', () => {
  test('has every page once, in a file, a table and the outputs', async () => {
    const world = createReportWorld([
      page(['public', 'b'], 'c/1'),
      page(['B', 'p2'], 'c2'),
      { status: 404, body: { error: { code: 2 } } }
    ])
    await runReport(world)
    expect(asked(world)).toEqual([
      '/Acme-Labs/repositories?limit=100',
      '/Acme-Labs/repositories?limit=100&after=c%2F1',
      '/Acme-Labs/repositories?limit=100&after=c2'
    ])
    expect(world.outputs).toEqual({ count: '3', 'private-count': '2', file: `${FOLDER}/repositories.json` })
    const [[, file, text] = [], [, summary, table] = []] = disked(world)
    expect([file, summary]).toEqual([`${FOLDER}/repositories.json`, 'summary.md'])
    expect(JSON.parse(text ?? '')).toMatchObject({ entity: 'Acme-Labs', count: 3 })
    expect(table).toContain('## Repositories of Acme-Labs\n\n3 repositories.')
    expect(table).toContain('| <a href="https://github.com/Acme-Labs/p2"><code>p2</code></a> | private |  | 1 |  |  |')
    expect(world.printed()).toEqual(['Vaunt lists 3 repositories of Acme-Labs (2 private).'])
  })

  test('says in public repositories that anyone can read the names of private ones', async () => {
    const world = createReportWorld([page(['public'])], {
      environment: { GITHUB_EVENT_PATH: 'event.json' },
      world: { readFile: () => '{"repository":{"private":false}}' }
    })
    await runReport(world)
    expect(world.printed().at(-1)).toMatch(/^This repository is public, .* names of private repositories \(1\)/)
  })

  test.each<[string, Staged[], string]>([
    [
      'a page that is not described',
      [page(['a'], 'c'), { body: { data: [{}] } }],
      'page 2 of the repositories of Acme-Labs'
    ],
    ['no JSON', [{ body: '<html>' }], 'page 1 of the repositories of Acme-Labs'],
    [
      'a cursor that leads back',
      [page(['a'], 'c'), page(['b'], 'c')],
      'page 2 of the repositories, which leads back to an earlier page'
    ],
    ['a cursor that is too long', [page(['a'], 'c'.repeat(1025))], 'page 1'],
    ['half a character for a cursor', [page(['a'], '\ud800')], 'page 1']
  ])('%s ends it, and nothing is left', async (_, pages, words) => {
    const world = createReportWorld(pages)
    await runReport(world)
    expect(world.outputs).toEqual({ 'error-code': 'vaunt-unexpected' })
    expect(failure(world)).toContain(words)
    expect(disked(world)).toEqual([['remove', FOLDER]])
  })

  test('an end comes even where the pages have none', async () => {
    let number = 0
    const world = createReportWorld([], {})
    const endless = { ...world, createClient: world.createClient }
    await runReport({
      ...endless,
      createClient(options) {
        const client = world.createClient(options)
        return {
          ...client,
          request: () => createReportPage(client, ++number)
        }
      }
    })
    expect(number).toBe(1000)
    expect(failure(world)).toContain('of which there are more than 1000 pages')
  })

  test('a disk that is full is named, and the folder goes', async () => {
    const world = createReportWorld([page(['a'])], {
      world: {
        disk: {
          makeFolder: () => FOLDER,
          write() {
            throw Object.assign(new Error('LOUDFAKE'), { code: 'ENOSPC' })
          },
          append: () => undefined,
          remove: () => undefined
        }
      }
    })
    await runReport(world)
    expect(world.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
    expect(failure(world)).toContain('in the environment variable RUNNER_TEMP (ENOSPC)')
  })

  test('a table is cut where the runner would refuse it', async () => {
    const names = Array.from({ length: 6_000 }, (_, index) => `${'n'.repeat(80)}${index}`)
    const world = createReportWorld([page(names)])
    await runReport(world)
    const table = disked(world).find(([name]) => name === 'append')?.[2] ?? ''
    expect(Buffer.byteLength(table)).toBeLessThan(901_000)
    expect(table).toMatch(/\nNot shown here: \d+ repositories\. The JSON file lists all of them\.\n$/)
    expect(world.outputs.count).toBe('6000')
  })
})

describe('pages of any size', () => {
  /** Lists within lists, as deep as can be written, side by side. */
  const nested = (count: number): string =>
    `{"data":[{"name":"a","x":[${Array.from({ length: count }, () => '['.repeat(1_000) + ']'.repeat(1_000)).join()}]}]}`

  test('are written no longer than they came, however deep they are', async () => {
    const body = nested(500)
    const world = createReportWorld([{ body }])
    await runReport(world)
    const text = disked(world)[0]?.[2] ?? ''
    expect(text.length).toBeLessThan(body.length + 1_000)
    expect(JSON.parse(text)).toMatchObject({ count: 1, repositories: [{ name: 'a' }] })
  })

  test('end where all of them together would not fit, and nothing is left', async () => {
    const name = 'n'.repeat(5_000_000)
    const pages = Array.from({ length: 20 }, (_, index) => page([`${index}${name}`], `c${index}`))
    const world = createReportWorld(pages)
    await runReport(world)
    expect(world.outputs).toEqual({ 'error-code': 'vaunt-unexpected' })
    expect(failure(world)).toContain(
      'more than 50 MiB when the action requested all pages of the repositories of Acme-Labs'
    )
    expect(asked(world)).toHaveLength(11)
    expect(disked(world)).toEqual([['remove', FOLDER]])
  })

  test('with huge names give a short table that says what it left out', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `${index}${'🎉'.repeat(400)}`)
    const world = createReportWorld([page(names)])
    await runReport(world)
    const table = disked(world).find(([name]) => name === 'append')?.[2] ?? ''
    expect(Buffer.byteLength(table)).toBeLessThan(1_000_000)
    expect(table).toMatch(/\nNot shown here: \d+ repositories\. The JSON file lists all of them\.\n$/)
  })
})

describe('the table', () => {
  async function tableOf(repository: object, server = 'https://github.com'): Promise<string> {
    const world = createReportWorld([{ body: { data: [{ name: 'x', ...repository }] } }], {
      environment: { GITHUB_SERVER_URL: server }
    })
    await runReport(world)
    return disked(world).find(([name]) => name === 'append')?.[2] ?? ''
  }
  const row = async (repository: object, server?: string): Promise<string> =>
    (await tableOf(repository, server)).trimEnd().split('\n').at(-1) ?? ''

  test('has a head, and a row with all that is known', async () => {
    const all = { name: 'a.b-c_1', private: false, language: 'C++', stars: 1, forks: 2, open_issues: 3 }
    expect(await tableOf(all)).toBe(
      '## Repositories of Acme-Labs\n\n1 repository.\n\n' +
        '| Repository | Visibility | Language | Stars | Forks | Open issues |\n' +
        '| --- | --- | --- | ---: | ---: | ---: |\n' +
        '| <a href="https://github.com/Acme-Labs/a.b-c_1"><code>a&#46;b-c&#95;1</code></a> | public | C&#43;&#43; | 1 | 2 | 3 |\n'
    )
  })

  test.each<[object, string]>([
    [{ private: true }, 'private'],
    [{ private: false }, 'public'],
    [{ private: 'true' }, ''],
    [{}, '']
  ])('of %j says that it is %j', async (repository, words) => {
    expect((await row(repository)).split(' | ')[1]).toBe(words)
  })

  test('leaves out what is not of its kind', async () => {
    expect(await row({ language: 7, stars: '1', forks: 0.5, open_issues: 2 ** 53 })).toMatch(/<\/a> \|(?: {2}\|){5}$/)
  })

  test.each(['.', '..', 'a b', 'a/b', 'n'.repeat(101), ' a', 'a\n'])('has no link for the name %j', async name => {
    expect(await row({ name })).not.toContain('<a ')
  })

  test.each(['...', 'a.', '.a', 'n'.repeat(100)])('has a link for the name %j', async name => {
    expect(await row({ name })).toContain(`<a href="https://github.com/Acme-Labs/${name}">`)
  })

  test.each(['http://github.com', 'https://github.com/x', 'x https://github.com', 'https://github.com"'])(
    'has no link to the server %j',
    async server => {
      expect(await row({}, server)).not.toContain('<a ')
    }
  )

  test('has a link to a server with a port', async () => {
    expect(await row({}, 'https://ghes.example:8443')).toContain('<a href="https://ghes.example:8443/Acme-Labs/x">')
  })

  test.each([
    ['a\u200b \u202e\n\tb', 'a b'],
    ['\ud800', '\ufffd'.replace(/./, '&#65533;')],
    ['|<a>&*_`', '&#124;&#60;a&#62;&#38;&#42;&#95;&#96;'],
    ['n'.repeat(101), `${'n'.repeat(100)}…`],
    ['n'.repeat(100), 'n'.repeat(100)],
    ['é-…1', 'é-…1']
  ])('shows %j as text', async (name, shown) => {
    expect(await row({ name })).toContain(`<code>${shown}</code>`)
  })

  test('is a sentence when there is no repository', async () => {
    for (const body of [{ data: [] }, { data: null }, { error: { code: 2 } }]) {
      const world = createReportWorld([{ body }])
      await runReport(world)
      expect(disked(world).find(([name]) => name === 'append')?.[2]).toBe(
        '## Repositories of Acme-Labs\n\nVaunt lists no repositories.\n'
      )
      expect(world.outputs).toMatchObject({ count: '0', 'private-count': '0' })
    }
  })
})

describe('a secret of this run that Vaunt hands back', () => {
  const base64 = Buffer.from(`x${TOKEN}x`).toString('base64')

  test.each([
    ['as a name', { name: TOKEN }],
    ['within a name', { name: `a-${TOKEN}-b` }],
    ['as a language', { name: 'a', language: TOKEN }],
    ['in base64', { name: 'a', description: base64 }],
    ['deep inside, in a list', { name: 'a', topics: [['x', { y: TOKEN }]] }],
    ['as the name of a property', { name: 'a', [TOKEN]: 1 }],
    ['over two lines', { name: 'a', description: `${TOKEN.slice(0, 20)}\n${TOKEN.slice(20)}` }],
    ['as a token of somebody else', { name: 'ghp_LOUDFAKELOUDFAKELOUDFAKE' }]
  ])('%s, is neither in the summary nor in the file', async (_, repository) => {
    const world = createReportWorld([{ body: { data: [repository, { name: 'b', topics: ['t'], private: true }] } }])
    await runReport(world)
    const [[, , text = ''] = [], [, , table = ''] = []] = disked(world)
    for (const written of [text, table, table.replace(/&#(\d+);/g, (_, sign) => String.fromCodePoint(Number(sign)))]) {
      for (const secret of [TOKEN, TOKEN.slice(0, 20), base64.slice(4, 40), 'LOUDFAKE'])
        expect(written).not.toContain(secret)
    }
    expect(text).toContain('***')
    expect(JSON.parse(text)).toMatchObject({
      count: 2,
      repositories: [{}, { name: 'b', topics: ['t'], private: true }]
    })
    expect(world.outputs).toMatchObject({ count: '2', 'private-count': '1' })
  })

  test('what has no secret in it is written as it came', async () => {
    const repository = { name: 'a', topics: ['x', null, 1, true, { y: [] }], description: 'a\nb' }
    const world = createReportWorld([{ body: { data: [repository] } }])
    await runReport(world)
    expect(JSON.parse(disked(world)[0]?.[2] ?? '')).toMatchObject({ repositories: [repository] })
  })

  test('what is nested more deeply than can be written is refused', async () => {
    const nested = `{"data":[{"name":"a","x":${'['.repeat(60_000)}${']'.repeat(60_000)}}]}`
    const world = createReportWorld([{ body: nested }])
    await runReport(world)
    expect(failure(world)).toMatch(/the repositories, which are nested too deeply.*\[vaunt-unexpected\]/)
    expect(disked(world).filter(([name]) => name !== 'remove')).toEqual([])
  })
})

describe('a page', () => {
  test.each<[string, object]>([
    ['another error', { error: { code: 1 } }],
    ['an error elsewhere', { code: 2 }],
    ['data that is no list', { data: {} }],
    ['one thing that is no repository', { data: [{ name: 'a' }, {}] }],
    ['a cursor that is a number', { data: [{ name: 'a' }], next_cursor: 7 }]
  ])('with %s is not what is described', async (_, body) => {
    const world = createReportWorld([{ body }])
    await runReport(world)
    expect(failure(world)).toContain('[vaunt-unexpected]')
    expect(failure(world)).toContain("doesn't match its documented API")
  })

  test('that is no JSON is told as such', async () => {
    const world = createReportWorld([{ body: '<html>' }])
    await runReport(world)
    expect(failure(world)).toContain("isn't JSON")
  })

  test('may name its cursor in the metadata, of 1,024 characters at most', async () => {
    const cursor = 'c'.repeat(1024)
    const world = createReportWorld([{ body: { data: [{ name: 'a' }], meta_data: { next_cursor: cursor } } }, page([])])
    await runReport(world)
    expect(asked(world).at(-1)).toBe(`/Acme-Labs/repositories?limit=100&after=${cursor}`)
    expect(world.outputs.count).toBe('1')
  })

  test('that is empty ends the list, whatever its cursor says', async () => {
    const world = createReportWorld([page(['a'], 'c'), page([], 'd')])
    await runReport(world)
    expect([asked(world).length, world.outputs.count]).toEqual([2, '1'])
  })

  test('that is missing at once is a refusal', async () => {
    const world = createReportWorld([{ status: 404, body: { error: { code: 2, message: 'No data.' } } }])
    await runReport(world)
    expect(world.outputs).toEqual({ 'error-code': 'vaunt-entity-unknown' })
  })

  test('is asked for with its own limits, as JSON, and the connections are closed', async () => {
    const world = createReportWorld([page(['a'])])
    await runReport(world)
    expect(world.clientOptions().limits).toMatchObject({ bodyBytes: 5_242_880, actionMs: 600_000 })
    expect(world.effects.filter(([name]) => name === 'close')).toHaveLength(1)
  })
})

test.each(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])('without %s nothing is asked', async variable => {
  const world = createReportWorld([page(['a'])], { environment: { [variable]: '' } })
  await runReport(world)
  expect(failure(world)).toContain(`the environment variable ${variable}`)
  expect(asked(world)).toEqual([])
})

test('in a public repository without private ones there is nothing to warn of', async () => {
  const world = createReportWorld([page(['a'])], {
    environment: { GITHUB_EVENT_PATH: 'event.json' },
    world: { readFile: () => '{"repository":{"private":false}}' }
  })
  await runReport(world)
  expect(world.effects.filter(([name]) => name === 'warning')).toEqual([])
})

/** A page with one repository and a cursor of its own. */
async function createReportPage(
  client: { readonly request: (...asked: never[]) => unknown },
  number: number
): Promise<never> {
  const body = { data: [{ name: `r${number}` }], next_cursor: `c${number}` }
  const answer = { status: 200, headers: {}, body: JSON.stringify(body), json: body, trail: { attempts: 1 } }
  await Promise.resolve(client)
  return answer as never
}
