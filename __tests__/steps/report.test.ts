// Proves the story of the report in this process: pages, what is written, and in which order. The whole program runs in __tests__/program/repositories-report.test.ts.

import { describe, expect, test } from '@jest/globals'
import { runReport } from '../../src/steps/report.ts'
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
    expect(table).toContain('## Repositories of Acme-Labs\n\n3 in all.')
    expect(table).toContain('| <a href="https://github.com/Acme-Labs/p2"><code>p2</code></a> | private |  | 1 |  |  |')
    expect(world.printed()).toEqual(['Vaunt knows 3 repositories of Acme-Labs, 2 of them private.'])
  })

  test('says in public repositories that everybody can read the names of private ones', async () => {
    const world = createReportWorld([page(['public'])], {
      environment: { GITHUB_EVENT_PATH: 'event.json' },
      world: { readFile: () => '{"repository":{"private":false}}' }
    })
    await runReport(world)
    expect(world.printed().at(-1)).toMatch(/^This repository is public, .* 1 private repositories/)
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
          get: () => createReportPage(client, ++number)
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
    expect(failure(world)).toContain('RUNNER_TEMP cannot be written (ENOSPC)')
  })

  test('a table is cut where the runner would refuse it', async () => {
    const names = Array.from({ length: 6_000 }, (_, index) => `${'n'.repeat(80)}${index}`)
    const world = createReportWorld([page(names)])
    await runReport(world)
    const table = disked(world).find(([name]) => name === 'append')?.[2] ?? ''
    expect(Buffer.byteLength(table)).toBeLessThan(901_000)
    expect(table).toMatch(/\nThe other \d+ are in the JSON file\.\n$/)
    expect(world.outputs.count).toBe('6000')
  })
})

/** A page with one repository and a cursor of its own. */
async function createReportPage(
  client: { readonly get: (...asked: never[]) => unknown },
  number: number
): Promise<never> {
  const body = { data: [{ name: `r${number}` }], next_cursor: `c${number}` }
  const answer = { status: 200, headers: {}, body: JSON.stringify(body), json: body, trail: { attempts: 1 } }
  await Promise.resolve(client)
  return answer as never
}
