// Tests that the versions, commands, and test files that the documentation names exist and agree with package.json, CHANGELOG.md, and CI.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { filesBelow, links, read, ROOT, sections, tables } from './markdown.ts'

const manifest = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> }
const [major = ''] = manifest.version.split('.')
const documents = filesBelow('.', '.md')

describe('versions', () => {
  const changelog = read('CHANGELOG.md')
  const headings = sections(changelog)
    .filter(({ level }) => level === 2)
    .map(({ heading }) => heading)
  const releases = headings.filter(heading => heading !== '[Unreleased]')

  test("the changelog's newest version is the package's, with its date or as not released yet", () => {
    const [, version, date = ''] = /^\[(\d+\.\d+\.\d+)\] - (.+)$/.exec(releases[0] ?? '') ?? []
    expect(version).toBe(manifest.version)
    if (date !== 'Unreleased') expect(new Date(date).toISOString()).toBe(`${date}T00:00:00.000Z`)
  })

  test('the changelog has the versions in order, newest first, each with its link', () => {
    const versions = releases.map(heading => heading.slice(1, heading.indexOf(']')))
    expect(versions).toEqual([...versions].sort((a, b) => b.localeCompare(a, 'en', { numeric: true })))
    for (const heading of headings) expect(changelog).toContain(`\n${heading.split(' ')[0]}: https://`)
  })

  test.each(documents.filter(path => path !== 'CHANGELOG.md'))("%s uses no other version than the package's", path => {
    const text = read(path)
    const majors = [...text.matchAll(/vaunt-token-action(?:\/[\w./-]+)?@v(\d+)(?![\d.])/g)].map(([, named]) => named)
    const exact = [...text.matchAll(/vaunt-token-action(?:\/[\w./-]+)?@(?:COMMIT # )?v(\d+\.\d+\.\d+)/g)]
    // Behind a commit stands the version of that commit: an older one, until the next pull request after a release.
    const ofCommits = [...text.matchAll(/vaunt-token-action(?:\/[\w./-]+)?@[0-9a-f]{40} # v(\d+\.\d+\.\d+)/g)]
    for (const [, named] of ofCommits) expect(changelog).toContain(`\n[${named}]: https://`)
    expect(majors.filter(named => named !== major)).toEqual([])
    expect(exact.map(([, named]) => named).filter(named => named !== manifest.version)).toEqual([])
  })
})

describe('commands', () => {
  const named = documents.flatMap(path =>
    [...read(path).matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(([, run, test]) => ({
      path,
      script: run ?? test ?? ''
    }))
  )

  test('every npm script that the documentation names exists', () => {
    expect(named.map(({ path }) => path)).toContain('README.md')
    expect(named.filter(({ script }) => !Object.hasOwn(manifest.scripts, script))).toEqual([])
  })
})

describe('the gate', () => {
  const ci = read('.github/workflows/ci.yml')

  test('has in it whatever else CI asks of a pull request', () => {
    const gate = read('.ci/run')
    const commands = [...ci.matchAll(/^ +run: (.+)$/gm)].map(([, command = '']) => command)
    expect(commands).toContain('npm test')
    expect(commands.filter(command => command !== 'bash .ci/run' && !gate.includes(`\n${command}`))).toEqual([])
  })
})

test('the reviewed wording is the only snapshot, is written by its own script alone, and never by the way', () => {
  expect(filesBelow('__tests__', '.snap')).toEqual(['__tests__/errors/__snapshots__/catalogue.test.ts.snap'])
  expect(manifest.scripts['test']).toContain(' --ci ')
  const writing = Object.entries(manifest.scripts).filter(([, script]) => /--update-snapshot|(?<!\S)-u\b/.test(script))
  expect(writing.map(([name]) => name)).toEqual(['record-wording'])
  expect(writing[0]?.[1]).toMatch(/ __tests__\/errors\/catalogue\.test\.ts$/)
})

describe('tests that documents name', () => {
  test.each(documents)('%s names no test file that is missing', path => {
    const named = [...read(path).matchAll(/__tests__\/[\w./-]+\.ts\b/g)].map(([file]) => file)
    expect(named.filter(file => !existsSync(join(ROOT, file)))).toEqual([])
  })

  test('every guarantee of SECURITY.md names the test that proves it', () => {
    const guarantees = tables(read('SECURITY.md')).find(rows => rows.length > 10) ?? []
    expect(guarantees).not.toEqual([])
    const unproven = guarantees.filter(row => !/`__tests__\/[\w./-]+\.test\.ts`/.test(row.at(-1) ?? ''))
    expect(unproven).toEqual([])
  })
})

test('every decision is listed', () => {
  const decisions = filesBelow('docs/adr', '.md').filter(path => /\/\d{4}-/.test(path))
  const list = read('docs/adr/README.md')
  expect(decisions.map(path => path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('/') + 5))).toEqual(
    decisions.map((_, index) => String(index + 1).padStart(4, '0'))
  )
  for (const path of decisions) {
    expect(links(list)).toContain(path.slice('docs/adr/'.length))
  }
})
