// Tests the built report action as a whole, in a child process, against the sandbox's Vaunt.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { answer, html, inTurn, truncatedJson } from '../../sandbox/network/answers.ts'
import type { Answer } from '../../sandbox/network/answers.ts'
import { PATS } from '../../sandbox/github/population.ts'
import type { StepResult } from '../../sandbox/runner/runner.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { message } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'

const ACTION = join(import.meta.dirname, '../../repositories-report/action.yml')
const REPOSITORIES = 'GET /v1/github/entities/:entity/repositories'

describe('the step repositories-report', () => {
  let sandbox: Sandbox
  let token: string
  let temp: string

  beforeAll(async () => {
    sandbox = await startSandbox()
    token = await sandbox.vaunt.model.issueToken('Acme-Labs')
  })
  afterAll(() => sandbox.stop())
  beforeEach(() => {
    sandbox.reset()
    temp = mkdtempSync(join(tmpdir(), 'runner-temp-'))
  })
  afterEach(() => {
    rmSync(temp, { recursive: true, force: true })
  })

  function report(
    inputs: Record<string, string> = {},
    environment: Record<string, string | undefined> = {},
    event: Record<string, unknown> = {}
  ): Promise<StepResult> {
    return sandbox.runStep({
      actionFile: ACTION,
      with: { token, entity: 'Acme-Labs', ...inputs },
      github: { server_url: 'https://github.com', event },
      environment: { RUNNER_TEMP: temp, ...environment }
    })
  }

  function readReport(result: StepResult): { entity: string; count: number; repositories: { name: string }[] } {
    return JSON.parse(readFileSync(result.outputs['file'] ?? '', 'utf8')) as ReturnType<typeof readReport>
  }

  /** One clear line, no report, nothing left behind. */
  function expectFailure(result: StepResult, code: string, words: RegExp | string): void {
    expect([result.outputs, message(result)]).toEqual([{ 'error-code': code }, expect.stringMatching(words)])
    expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(result).toMatchObject({ exitCode: 1, summary: '', stderr: '' })
    expect(readdirSync(temp)).toEqual([])
    expectNoLeak(result, [token])
  }

  test('reports what Vaunt lists', async () => {
    const result = await report()
    const { repositories } = sandbox.vaunt.model.settings
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { count: '7', 'private-count': '4' },
      log: ['Vaunt lists 7 repositories of Acme-Labs (4 private).']
    })
    const { entity, count, repositories: reported } = readReport(result)
    expect([entity, count, reported.map(({ name }) => name)]).toEqual(['Acme-Labs', repositories.length, repositories])
    expect(rows(result.summary)).toHaveLength(repositories.length)
    expect(result.outputs['file']).toMatch(/[\\/]repositories\.json$/)
    expectNoLeak(result, [token])
    expect(readFileSync(result.outputs['file'] ?? '', 'utf8')).not.toContain(token)
    expect(new Set(sandbox.vaunt.requests.map(({ headers }) => headers['authorization']))).toEqual(
      new Set([`Bearer ${token}`])
    )
  })

  test('shows what it knows of a repository, and nothing for what it does not', async () => {
    const full = { name: 'anvil', private: true, language: 'C++', stars: 12, forks: 3, open_issues: 0, size: 99 }
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([full, { name: 'boomerang', private: false, stars: 'many' }]))
    const result = await report()
    expect(result.summary).toBe(
      '## Repositories of Acme-Labs\n\n2 repositories.\n\n' +
        '| Repository | Visibility | Language | Stars | Forks | Open issues |\n' +
        '| --- | --- | --- | ---: | ---: | ---: |\n' +
        '| <a href="https://github.com/Acme-Labs/anvil"><code>anvil</code></a> | private | C&#43;&#43; | 12 | 3 | 0 |\n' +
        '| <a href="https://github.com/Acme-Labs/boomerang"><code>boomerang</code></a> | public |  |  |  |  |\n'
    )
    // The file has all of it.
    expect(readReport(result).repositories[0]).toEqual(full)
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
    const result = await report()
    expect(result).toMatchObject({ exitCode: 0, outputs: { count: '250' } })
    expect(readReport(result).repositories).toEqual(pages.flat())
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
    expect((await report()).outputs).toMatchObject({ count: '2', 'private-count': '0' })
  })

  test('says so when there is none', async () => {
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([]))
    const result = await report()
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { count: '0', 'private-count': '0' },
      summary: '## Repositories of Acme-Labs\n\nVaunt lists no repositories.\n'
    })
    expect(readReport(result)).toEqual({ entity: 'Acme-Labs', count: 0, repositories: [] })
  })

  test('stops at a cursor that repeats', async () => {
    const page = (cursor: string): Answer => answer(200, { data: named(cursor, 1), next_cursor: cursor })
    sandbox.vaunt.stageAlways(REPOSITORIES, inTurn(page('one'), page('two'), page('one')))
    expectFailure(await report(), 'vaunt-unexpected', 'page 3 of the repositories, which leads back to an earlier page')
    expect(sandbox.vaunt.requests).toHaveLength(3)
  })

  test('stops at pages without end', async () => {
    let number = 0
    sandbox.vaunt.stageAlways(REPOSITORIES, (request, response) => {
      number++
      return answer(200, { data: named(`p${number}`, 1), next_cursor: String(number) })(request, response)
    })
    expectFailure(await report(), 'vaunt-unexpected', 'more than 1000 pages')
    expect(sandbox.vaunt.requests).toHaveLength(1000)
  }, 60_000)

  test.each([
    [
      '403',
      answer(403),
      'vaunt-refused',
      'Vaunt refused the request for page 1 of the repositories of Acme-Labs \\(HTTP 403\\)'
    ],
    ['403 of a firewall', answer(403, '::error::raw'), 'vaunt-unexpected', 'Something other than Vaunt responded'],
    ['404 at once', answer(404), 'vaunt-entity-unknown', 'Vaunt has no account named Acme-Labs'],
    ['an HTML page', html(), 'vaunt-unexpected', "isn't JSON"],
    ['JSON that breaks off', truncatedJson(), 'vaunt-unexpected', "isn't JSON"],
    ['nothing', answer(200, ''), 'vaunt-unexpected', "isn't JSON"],
    ['null', answer(200, 'null'), 'vaunt-unexpected', "doesn't match its documented API"],
    ['no data', answer(200, {}), 'vaunt-unexpected', "doesn't match its documented API"],
    ['another error', answer(200, { error: { code: 3 } }), 'vaunt-unexpected', "doesn't match its documented API"],
    [
      'an object for data',
      answer(200, { data: { token: 'x' } }),
      'vaunt-unexpected',
      "doesn't match its documented API"
    ],
    [
      'a repository that is none',
      answer(200, { data: ['anvil'] }),
      'vaunt-unexpected',
      "doesn't match its documented API"
    ],
    [
      'a repository without a name',
      answer(200, { data: [{ name: null }] }),
      'vaunt-unexpected',
      "doesn't match its documented API"
    ],
    [
      'a cursor that is a number',
      answer(200, { data: [], next_cursor: 7 }),
      'vaunt-unexpected',
      "doesn't match its documented API"
    ],
    [
      'a cursor without end',
      answer(200, { data: [], next_cursor: 'x'.repeat(1025) }),
      'vaunt-unexpected',
      "doesn't match its documented API"
    ],
    [
      'half a character for a cursor',
      answer(200, '{"data":[{"name":"a"}],"next_cursor":"\\ud800"}'),
      'vaunt-unexpected',
      'page 1 of the repositories'
    ]
  ])('refuses %s', async (_, first, code, words) => {
    sandbox.vaunt.stageAlways(REPOSITORIES, first)
    expectFailure(await report(), code, words)
  })

  test('refuses all when a later page is bad', async () => {
    sandbox.vaunt.stage(REPOSITORIES, answer(200, { data: named('a', 100), next_cursor: 'next' }), answer(403))
    expectFailure(await report(), 'vaunt-refused', 'page 2 .*\\(HTTP 403\\)')
  })

  test('counts a repository once that stands on two pages', async () => {
    const first = answer(200, { data: [{ name: 'Anvil', private: true }, { name: 'b' }], next_cursor: 'next' })
    sandbox.vaunt.stage(REPOSITORIES, first, listing([{ name: 'b' }, { name: 'anvil', private: true }, { name: 'c' }]))
    const result = await report()
    expect(result.outputs).toMatchObject({ count: '3', 'private-count': '1' })
    expect(readReport(result).repositories.map(({ name }) => name)).toEqual(['Anvil', 'b', 'c'])
  })

  test('reports more than 10,000 repositories', async () => {
    let number = 0
    sandbox.vaunt.stageAlways(REPOSITORIES, (request, response) => {
      number++
      const page = { data: named(`p${number}`, 100), ...(number < 130 ? { next_cursor: String(number) } : {}) }
      return answer(200, page)(request, response)
    })
    expect((await report()).outputs).toMatchObject({ count: '13000' })
  }, 60_000)

  test('leaves an earlier report as it was', async () => {
    const earlier = await report()
    const text = readFileSync(earlier.outputs['file'] ?? '', 'utf8')
    sandbox.vaunt.stageAlways(REPOSITORIES, html())
    expect((await report()).exitCode).toBe(1)
    sandbox.reset()
    expect((await report()).outputs['file']).not.toBe(earlier.outputs['file'])
    expect(readFileSync(earlier.outputs['file'] ?? '', 'utf8')).toBe(text)
  })

  test.each([
    [{ private: false }, 1],
    [{ private: true }, 0],
    [{}, 0]
  ])('warns when everybody can read the names of private repositories (%j)', async (repository, warnings) => {
    const result = await report({}, {}, { repository })
    expect(result.annotations.map(({ level }) => level)).toEqual(Array(warnings).fill('warning'))
    sandbox.vaunt.stageAlways(REPOSITORIES, listing([{ name: 'open', private: false }]))
    expect((await report({}, {}, { repository })).annotations).toEqual([])
  })

  test('takes a PAT, as the token step does', async () => {
    const result = await report({ token: '', pat: PATS.monaForAcme.token })
    expect(result.outputs).toMatchObject({ count: '7', 'private-count': '4' })
    expect(result.log).toContain('Verified as Mona (ID 1001).')
    expectNoLeak(result, sandbox.vaunt.model.tokens)
  })

  test('takes a sealed token, and whom it is for', async () => {
    const key = Buffer.alloc(32, 7).toString('base64')
    const minted = await sandbox.runStep({
      with: { pat: PATS.monaForAcme.token, entity: 'acme-labs', 'seal-key': key }
    })
    const sealed = minted.outputs['sealed-token'] ?? ''
    const result = await report({ token: '', entity: '', 'sealed-token': sealed, 'seal-key': key })
    expect(result.log).toContain('Vaunt lists 7 repositories of Acme-Labs (4 private).')
  })

  test.each([
    ['GITHUB_STEP_SUMMARY', undefined],
    ['GITHUB_OUTPUT', '/nowhere/output']
  ])('needs %s, and asks nothing without it', async (variable, value) => {
    const result = await report({}, { [variable]: value })
    expect(message(result)).toContain(variable)
    expect(message(result)).toContain('[runner-files-unusable]')
    // Without a file for outputs there is none.
    expect(result.outputs).toEqual(variable === 'GITHUB_OUTPUT' ? {} : { 'error-code': 'runner-files-unusable' })
    expect(sandbox.vaunt.requests).toEqual([])
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
    const result = await report()
    expect(result).toMatchObject({ exitCode: 0, log: ['Vaunt lists 2 repositories of Acme-Labs (0 private).'] })
    const [row = '', next] = rows(result.summary)
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
    expect(readReport(result).repositories[0]?.name).toBe(name)
  })

  test('keeps the summary within what the runner takes', async () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({ name: `${'<'.repeat(99)}${index}` }))
    const page = (index: number): Answer =>
      answer(200, {
        data: many.slice(index * 4500, (index + 1) * 4500),
        ...(index === 0 ? { next_cursor: 'next' } : {})
      })
    sandbox.vaunt.stageAlways(REPOSITORIES, inTurn(page(0), page(1)))
    const result = await report()
    expect(result).toMatchObject({ exitCode: 0, outputs: { count: '9000' } })
    expect(Buffer.byteLength(result.summary)).toBeLessThan(1024 * 1024)
    const shown = rows(result.summary).length
    expect(result.summary).toMatch(
      new RegExp(`\\nNot shown here: ${9000 - shown} repositories\\. The JSON file lists all of them\\.\\n$`)
    )
    expect(readReport(result).repositories).toHaveLength(9000)
  })

  test('without a folder for temporary files asks nothing, and names the variable and the code alone', async () => {
    const result = await report({}, { RUNNER_TEMP: join(temp, 'not-there') })
    expectFailure(result, 'runner-files-unusable', 'in the environment variable RUNNER_TEMP \\(ENOENT\\)')
    expect(message(result)).not.toContain('not-there')
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test.each(['..', 'a/b', '-a', 'a\nb', 'a'.repeat(40)])(
    'refuses the entity %j before anything is sent',
    async entity => {
      expectFailure(await report({ entity }), 'entity-invalid', "Input 'entity'")
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
