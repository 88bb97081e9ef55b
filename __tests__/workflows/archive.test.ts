// Proves what a runner downloads before every job: the archive of a commit is small, and has all that runs.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ROOT } from './steps.ts'

const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 })
const lines = (...args: string[]): string[] =>
  git(...args)
    .toString()
    .split('\n')
    .filter(line => line !== '')

/** Outside a clone there is no archive to look at. */
const inClone =
  existsSync(join(ROOT, '.git')) && spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT }).status === 0
    ? describe
    : describe.skip

inClone('the archive of a commit', () => {
  /** The tracked files, without those that .gitattributes keeps out of an archive, by themselves or with a folder above. */
  const tracked = lines('ls-files')
  const kept = tracked.filter(path => !isLeftOut(path))

  test('has every action of this repository, with the program that it starts', () => {
    const actions = tracked.filter(path => /(?:^|\/)action\.ya?ml$/.test(path) && !path.startsWith('__tests__/'))
    expect(actions).toContain('action.yml')
    const needed = actions.flatMap(path => {
      const { runs } = parse(readFileSync(join(ROOT, path), 'utf8')) as { runs: { main: string } }
      return [path, posix.join(dirname(path), runs.main)]
    })
    expect(needed.filter(path => !kept.includes(path))).toEqual([])
  })

  test('has the whole of dist/, the license, and what people ask about it', () => {
    const needed = tracked.filter(path => /^(?:dist\/|(?:LICENSE|README\.md|SECURITY\.md)$)/.test(path))
    expect(needed.length).toBeGreaterThan(8)
    expect(needed.filter(path => !kept.includes(path))).toEqual([])
  })

  test('has nothing else: a clone is what dist/ is rebuilt from', () => {
    const wanted =
      /^(?:dist\/|(?:action\.yml|contributors-card\/action\.yml|repositories-report\/action\.yml|LICENSE|README\.md|SECURITY\.md)$)/
    expect(kept.filter(path => !wanted.test(path))).toEqual([])
  })

  test('has at most 140 kB', () => {
    expect(gzipSync(git('archive', '--worktree-attributes', 'HEAD')).length).toBeLessThanOrEqual(140_000)
  })
})

function isLeftOut(path: string): boolean {
  const parts = path.split('/')
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  return lines('check-attr', 'export-ignore', '--', ...above).some(line => line.endsWith(': export-ignore: set'))
}
