// Proves what a runner downloads before every job: the archive of a commit is small, and has all that runs. That it builds to the same dist/ needs the registry: tools/check-archive.sh.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
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

  test('has what it takes to build dist/, and the licence', () => {
    const needed = tracked.filter(path =>
      /^(?:src|stand-ins|dist)\/|^(?:LICENSE|package(?:-lock)?\.json|tsconfig\.json)$/.test(path)
    )
    expect(needed.length).toBeGreaterThan(20)
    expect(needed.filter(path => !kept.includes(path))).toEqual([])
  })

  test('has nothing that only developers and readers want', () => {
    expect(
      kept.filter(path => /^(?:__tests__|docs|examples|sandbox|scripts|\.\w+)\/|\.md$|^\.|config\.js$/.test(path))
    ).toEqual([])
  })

  test('has at most 200 kB', () => {
    expect(git('archive', '--worktree-attributes', '--format=tar.gz', 'HEAD').length).toBeLessThanOrEqual(200_000)
  })
})

function isLeftOut(path: string): boolean {
  const parts = path.split('/')
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
  return lines('check-attr', 'export-ignore', '--', ...above).some(line => line.endsWith(': export-ignore: set'))
}
