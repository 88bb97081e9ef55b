// Proves tools/adopt.sh: run as it is, in a copy of this repository. That a release is refused while the placeholder stands is release.test.ts's.

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { copyRepository, inBash, ROOT, start } from './steps.ts'

/** Where this action is published; until then, what nobody can register. */
const PUBLISHER = '-OWNER-'
/** In two pieces: adopt.sh shall find it in the copy's other files, not here. */
const PLACEHOLDER = ['-OWNER', '-'].join('')
const NAME = 'acme-tools-for-everybody'

inBash('tools/adopt.sh', () => {
  let folder: string
  const environment = { ...process.env, GIT_CONFIG_GLOBAL: devNull }
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8', maxBuffer: 1 << 26 })
  const adopt = (...args: string[]): Promise<{ code: number | null; log: string }> =>
    start('bash', ['tools/adopt.sh', ...args], folder, environment)
  const holding = (text: string): string[] => {
    try {
      return git('grep', '-lF', '-e', text).trim().split('\n')
    } catch {
      return []
    }
  }

  beforeAll(() => {
    folder = copyRepository()
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    git('init', '--quiet')
    git('add', '--all')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    ['nothing', []],
    ['two names', ['one', 'two']],
    ['an option', ['--force']],
    ['a name with a slash', ['acme/tools']],
    ['the placeholder itself', [PLACEHOLDER]],
    ['a name with two hyphens in a row', ['acme--tools']],
    ['a name of 40 characters', ['a'.repeat(40)]]
  ])('refuses %s, and changes nothing', async (_, args) => {
    const { code, log } = await adopt(...args)
    expect(code).toBe(2)
    expect(log).toMatch(/^[^\n]+\nUsage: bash tools\/adopt\.sh NAME\n/)
    expect(git('diff', '--name-only')).toBe('')
  })

  test.each(['-h', '--help'])('%s tells how to call it', async flag => {
    expect(await adopt(flag)).toEqual({ code: 0, log: expect.stringMatching(/^Usage: bash tools\/adopt\.sh NAME\n/) })
  })

  test('puts the name in the place of the placeholder everywhere, and changes nothing else', async () => {
    if (PUBLISHER !== PLACEHOLDER) {
      // Adopted already.
      expect(holding(PLACEHOLDER)).toEqual([])
      return
    }
    const before = holding(PLACEHOLDER)
    expect(before).toEqual(
      expect.arrayContaining(['README.md', 'SECURITY.md', '.github/CODEOWNERS', 'examples/basic.yml'])
    )
    const { code, log } = await adopt(NAME)
    expect(log).toContain(`Replaced ${PLACEHOLDER} with ${NAME} in ${before.length} files.`)
    expect(code).toBe(0)
    expect(holding(PLACEHOLDER)).toEqual([])
    expect(git('diff', '--name-only').trim().split('\n')).toEqual(before)

    expect(readFileSync(join(folder, 'examples/basic.yml'), 'utf8')).toBe(
      readFileSync(join(ROOT, 'examples/basic.yml'), 'utf8').replaceAll(PLACEHOLDER, NAME)
    )
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).not.toContain('<!-- placeholder -->')
    // Drawn anew: with a long name in them, lines break elsewhere.
    const picture = readFileSync(join(folder, 'docs/failing-step.svg'), 'utf8')
    const lines = [...picture.matchAll(/<text [^>]*>([^<]*)</g)].map(([, line = '']) => line)
    expect(lines.join('')).toContain(`https://github.com/${NAME}/vaunt-token-action/blob/v1/docs/troubleshooting.md`)
    expect(lines.filter(line => line.trimEnd().length > 45)).toEqual([])
    expect(() =>
      execFileSync(
        process.execPath,
        [
          join('node_modules', 'prettier', 'bin', 'prettier.cjs'),
          '--check',
          ...before.filter(path => /\.(?:md|ts|yml)$/.test(path))
        ],
        {
          cwd: folder
        }
      )
    ).not.toThrow()
    expect(await adopt(NAME)).toEqual({ code: 0, log: `Nothing to do: no file contains ${PLACEHOLDER}.\n` })
  }, 60_000)

  test('every address of this action is at one publisher; until there is one, at what nobody can register', () => {
    const found = execFileSync('git', ['grep', '-hoE', '[A-Za-z0-9_-]+/vaunt-token-action\\b'], {
      cwd: ROOT,
      encoding: 'utf8'
    })
    expect(
      new Set(
        found
          .trim()
          .split('\n')
          .map(address => address.split('/')[0])
      )
    ).toEqual(new Set([PUBLISHER]))
    // GitHub's rule for a login: no hyphen at either end, nor two in a row.
    if (PUBLISHER === PLACEHOLDER) expect(PUBLISHER).toMatch(/^-|-$|--/)
    else expect(PUBLISHER).toMatch(/^[A-Za-z\d]+(?:-[A-Za-z\d]+)*$/)
  })
})
