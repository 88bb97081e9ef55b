// Proves the step of repositories-report.yml that makes the report: run word for word in bash, against the sandbox's Vaunt.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { answer, html, inTurn, truncatedJson } from '../../sandbox/answers.ts'
import type { Answer } from '../../sandbox/answers.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Outcome, Workspace } from './steps.ts'
import { createWorkspace, findStep, inBash, readWorkflow } from './steps.ts'

const REPOSITORIES = 'GET /v1/github/entities/:entity/repositories'

inBash('the step that reports the repositories', () => {
  const step = findStep(readWorkflow('.github/workflows/repositories-report.yml'), 'report')
  let sandbox: Sandbox
  let token: string
  let workspace: Workspace

  beforeAll(async () => {
    sandbox = await startSandbox()
    token = await sandbox.vaunt.model.issueToken('Acme-Labs')
  })
  afterAll(() => sandbox.stop())
  beforeEach(() => {
    sandbox.reset()
    workspace = createWorkspace()
  })
  afterEach(() => {
    workspace.remove()
  })

  function report(values: Record<string, string> = {}, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return workspace.run(
      step,
      {
        'steps.vaunt.outputs.entity': 'Acme-Labs',
        'runner.temp': workspace.temp,
        'steps.vaunt.outputs.token': token,
        'inputs.vaunt-api-url': sandbox.vaunt.url,
        ...values
      },
      { CURL_CA_BUNDLE: sandbox.caFile, GITHUB_SERVER_URL: 'https://github.com', ...environment }
    )
  }

  const file = (): string => join(workspace.temp, 'repositories.json')

  function readReport(): { entity: string; count: number; repositories: { name: string }[] } {
    return JSON.parse(readFileSync(file(), 'utf8')) as ReturnType<typeof readReport>
  }

  /** One clear line, no report, nothing left behind. */
  function expectFailure(outcome: Outcome, words: string): void {
    expect(outcome.log.trimEnd().split('\n')).toEqual([expect.stringMatching(/^::error::[^\n]+$/)])
    expect(outcome.log).toContain(words)
    expect(outcome).toMatchObject({ code: 1, outputs: {}, summary: '' })
    expect(workspace.leftovers()).toEqual([])
    expect(outcome.log).not.toContain(token)
  }

  test('reports what Vaunt lists', async () => {
    const outcome = await report()
    const { repositories } = sandbox.vaunt.model.settings
    expect(outcome).toMatchObject({
      code: 0,
      outputs: { count: String(repositories.length) },
      log: `Reported ${repositories.length} repositories of Acme-Labs.\n`
    })
    const { entity, count, repositories: reported } = readReport()
    expect([entity, count, reported.map(({ name }) => name)]).toEqual(['Acme-Labs', repositories.length, repositories])
    expect(rows(outcome.summary)).toHaveLength(repositories.length)
    expect(workspace.leftovers()).toEqual(['repositories.json'])
    expect(`${outcome.log}${outcome.summary}${readFileSync(file(), 'utf8')}`).not.toContain(token)
    expect(new Set(sandbox.vaunt.requests.map(({ headers }) => headers['authorization']))).toEqual(
      new Set([`Bearer ${token}`])
    )
  })

  test('shows what it knows of a repository, and nothing for what it does not', async () => {
    const full = { name: 'anvil', private: true, language: 'C++', stars: 12, forks: 3, open_issues: 0, size: 99 }
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([full, { name: 'boomerang', private: false, stars: 'many' }]))
    const { summary } = await report()
    expect(summary).toBe(
      '## Repositories of Acme-Labs\n\n2 in all.\n\n' +
        '| Repository | Visibility | Language | Stars | Forks | Open issues |\n' +
        '| --- | --- | --- | ---: | ---: | ---: |\n' +
        '| <a href="https://github.com/Acme-Labs/anvil"><code>anvil</code></a> | private | C&#43;&#43; | 12 | 3 | 0 |\n' +
        '| <a href="https://github.com/Acme-Labs/boomerang"><code>boomerang</code></a> | public |  |  |  |  |\n'
    )
    // The file has all of it.
    expect(readReport().repositories[0]).toEqual(full)
  })

  test.each([
    ['no cursor', undefined],
    ['an empty page', answer(200, { meta_data: { count: 0 }, data: [], next_cursor: 'p3/=' })],
    ['null', answer(200, { data: null })],
    ['an error that says there is no data', answer(200, { error: { message: 'no data', code: 2 } })],
    ['404', answer(404, { error: { message: 'no data', code: 2 } })]
  ])('follows every page, until the last one has or is followed by %s', async (_, end) => {
    const pages = [named('a', 100), named('b', 100), named('c', 50)]
    const answers = pages.map((page, index) => {
      const isLast = end === undefined && index === 2
      return answer(200, {
        meta_data: { count: page.length },
        data: page,
        ...(isLast ? {} : { next_cursor: `p${index + 1}/=` })
      })
    })
    sandbox.vaunt.stage(REPOSITORIES, ...answers, ...(end === undefined ? [] : [end]))
    const outcome = await report()
    expect(outcome).toMatchObject({ code: 0, outputs: { count: '250' } })
    expect(readReport().repositories).toEqual(pages.flat())
    expect(sandbox.vaunt.requests.map(({ path }) => path.split('?')[1])).toEqual(
      ['limit=100', 'limit=100&after=p1%2F%3D', 'limit=100&after=p2%2F%3D', 'limit=100&after=p3%2F%3D'].slice(
        0,
        end === undefined ? 3 : 4
      )
    )
  })

  test('takes a cursor from the metadata, too', async () => {
    const first = answer(200, { meta_data: { next_cursor: 'next' }, data: named('a', 1) })
    sandbox.vaunt.stage(REPOSITORIES, first, listing(named('b', 1)))
    expect((await report()).outputs).toEqual({ count: '2' })
  })

  test('says so when there is none', async () => {
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([]))
    expect(await report()).toMatchObject({
      code: 0,
      outputs: { count: '0' },
      summary: '## Repositories of Acme-Labs\n\nVaunt lists none.\n'
    })
    expect(readReport()).toEqual({ entity: 'Acme-Labs', count: 0, repositories: [] })
  })

  test('stops at a cursor that repeats', async () => {
    const page = (cursor: string): Answer => answer(200, { data: named(cursor, 1), next_cursor: cursor })
    sandbox.vaunt.stageAlways(REPOSITORIES, inTurn(page('one'), page('two'), page('one')))
    expectFailure(await report(), "Vaunt's page 3 leads back to an earlier one.")
    expect(sandbox.vaunt.requests).toHaveLength(3)
  })

  test('stops at pages without end', async () => {
    let number = 0
    sandbox.vaunt.stageAlways(REPOSITORIES, (request, response) => {
      number++
      return answer(200, { data: named(`p${number}`, 1), next_cursor: String(number) })(request, response)
    })
    expectFailure(await report(), 'more than 100 pages')
    expect(sandbox.vaunt.requests).toHaveLength(100)
  }, 60_000)

  test.each([
    ['403', answer(403, '::error::raw'), 'Vaunt refused /v1/github/entities/Acme-Labs/repositories (403)'],
    ['404 at once', answer(404), 'Vaunt does not know'],
    ['an HTML page', html(), 'page 1 is not what its API describes'],
    ['JSON that breaks off', truncatedJson(), 'page 1 is not what its API describes'],
    ['nothing', answer(200, ''), 'page 1 is not'],
    ['null', answer(200, 'null'), 'page 1 is not'],
    ['no data', answer(200, {}), 'page 1 is not'],
    ['another error', answer(200, { error: { code: 3 } }), 'page 1 is not'],
    ['an object for data', answer(200, { data: { token: 'x' } }), 'page 1 is not'],
    ['a repository that is none', answer(200, { data: ['anvil'] }), 'page 1 is not'],
    ['a repository without a name', answer(200, { data: [{ name: null }] }), 'page 1 is not'],
    ['a cursor that is a number', answer(200, { data: [], next_cursor: 7 }), 'page 1 is not'],
    ['a cursor without end', answer(200, { data: [], next_cursor: 'x'.repeat(1025) }), 'page 1 is not'],
    ['half a character for a cursor', answer(200, '{"data":[{"name":"a"}],"next_cursor":"\\ud800"}'), 'page 1 is not']
  ])('refuses %s', async (_, first, words) => {
    sandbox.vaunt.stageAlways(REPOSITORIES, first)
    expectFailure(await report(), words)
  })

  test('refuses all when a later page is bad', async () => {
    sandbox.vaunt.stage(REPOSITORIES, answer(200, { data: named('a', 100), next_cursor: 'next' }), answer(403))
    expectFailure(await report(), '(403)')
  })

  test('leaves an earlier report as it was when it fails', async () => {
    writeFileSync(file(), 'earlier')
    sandbox.vaunt.stageAlways(REPOSITORIES, html())
    await report()
    expect(readFileSync(file(), 'utf8')).toBe('earlier')
    rmSync(file())
  })

  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a | b |\n| --- | --- |\n| c',
    '](javascript:alert(1)) [x](http://evil.sandbox.test)',
    '![x](http://evil.sandbox.test/pixel.png)',
    '`code` *bold* _it_ ~~gone~~ # heading',
    '</code></a></td></table><h1>taken over',
    'www.evil.sandbox.test http://evil.sandbox.test mail@evil.sandbox.test @mona #1',
    '\r\n::error::forged\n##[error]forged',
    'right\u202Eto\u2066left\u200B',
    '\\| \\\\',
    '&lt;b&gt;&#60;',
    '..',
    '\ud800',
    '$(touch pwned) `touch pwned` ${{ secrets.VAUNT_PAT }}',
    'x'.repeat(5000),
    '',
    '__proto__'
  ]
  test.each(hostile)('shows the name %j as text', async name => {
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([{ name, language: name }, { name: 'after' }]))
    const outcome = await report()
    expect(outcome).toMatchObject({ code: 0, log: 'Reported 2 repositories of Acme-Labs.\n' })
    const [row = '', next] = rows(outcome.summary)
    expect(next).toBe('| <a href="https://github.com/Acme-Labs/after"><code>after</code></a> |  |  |  |  |  |')
    const cells = row.split(' | ')
    expect(cells).toHaveLength(6)
    // Letters, digits and references; nothing that opens anything but our own elements.
    const text = cells[0]?.replace(
      /^\| (?:<a href="https:\/\/github\.com\/Acme-Labs\/[\w.-]+">)?<code>(.*)<\/code>(?:<\/a>)?$/,
      '$1'
    )
    for (const shown of [text, cells[2]]) {
      expect(shown).toMatch(/^(?:[\p{L}\p{M}\p{N} …-]|&#\d+;)*$/u)
      const read = shown?.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))) ?? ''
      expect(Array.from(read).length).toBeLessThanOrEqual(101)
      // It reads as it was, but for what cannot be seen.
      expect(read).toBe(
        name.length > 100
          ? `${'x'.repeat(100)}…`
          : name
              .toWellFormed()
              .replace(/[\p{C}\p{Z}]+/gu, ' ')
              .trim()
      )
    }
    expect(readReport().repositories[0]?.name).toBe(name)
    expect(existsSync(join(workspace.path, 'pwned'))).toBe(false)
  })

  test('keeps the summary within what the runner takes', async () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({ name: `${'<'.repeat(99)}${index}` }))
    const page = (index: number): Answer =>
      answer(200, {
        data: many.slice(index * 4500, (index + 1) * 4500),
        ...(index === 0 ? { next_cursor: 'next' } : {})
      })
    sandbox.vaunt.stageAlways(REPOSITORIES, inTurn(page(0), page(1)))
    const outcome = await report()
    expect(outcome).toMatchObject({ code: 0, outputs: { count: '9000' } })
    expect(Buffer.byteLength(outcome.summary)).toBeLessThan(1024 * 1024)
    const shown = rows(outcome.summary).length
    expect(outcome.summary).toMatch(new RegExp(`\\nThe other ${9000 - shown} are in the JSON artifact\\.\\n$`))
    expect(readReport().repositories).toHaveLength(9000)
  })

  test('names the code, and nothing else, of what was not foreseen', async () => {
    const outcome = await report({ 'runner.temp': join(workspace.temp, 'not-there') })
    expectFailure(outcome, 'not foreseen (ENOENT)')
    expect(outcome.log).not.toContain('not-there')
  })

  test.each(['', '..', 'a/b', '-a', 'a\nb', 'a'.repeat(40)])(
    'refuses the entity %j before anything is sent',
    async entity => {
      expectFailure(await report({ 'steps.vaunt.outputs.entity': entity }), 'The input entity')
      expect(sandbox.vaunt.requests).toEqual([])
    }
  )
})

/** The rows of the summary's table, without its head. */
function rows(summary: string): string[] {
  return summary
    .split('\n')
    .filter(line => line.startsWith('| '))
    .slice(2)
}

function named(prefix: string, count: number): { name: string }[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${prefix}-${index}` }))
}

/** A first page that is the last. */
function listing(data: readonly unknown[]): Answer {
  return answer(200, { meta_data: { count: data.length, data_type: 2 }, data })
}
