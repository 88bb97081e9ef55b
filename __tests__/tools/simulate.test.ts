// Tests that `npm run simulate` counts what the limits allow, with the same results on every machine, and explains its flags. The runs are small.

import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { runToEnd } from '../support/processes.ts'
import type { Ended } from '../support/processes.ts'

const SIMULATE = join(import.meta.dirname, '..', '..', 'tools', 'simulate.ts')

function simulate(...flags: string[]): Promise<Ended> {
  return runToEnd(process.execPath, [SIMULATE, ...flags])
}

/** The cells of the table, by the name of the run and the title of the column. */
function table({ stdout }: Ended): (run: string, column: string) => string {
  const [titles = [], , ...rows] = stdout
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim())
    )
  return (run, column) => rows.find(([name]) => name === run)?.[titles.indexOf(column)] ?? 'no such cell'
}

describe('a run', () => {
  test('lets through what the limits allow, and comes out the same again', async () => {
    // Answers of 3 s: after 30 of them GitHub's 90 s are used up, and ten jobs have attested.
    const flags = ['--jobs=40', '--answer-ms=3000', '--vaunt-per-second=1', '--vaunt-retry-after=7']
    const [one, other] = await Promise.all([simulate(...flags), simulate(...flags)])
    expect([one.code, one.stderr]).toEqual([0, ''])
    expect(other.stdout).toBe(one.stdout)
    const cell = table(one)
    expect(cell('all start within a minute', 'fail')).toBe('30 `github-rate-limited`')
    expect(cell('all start within a minute', 'succeed')).toBe('10')
    expect(cell('the same, GitHub without limits', 'requests to GitHub (refused)')).toBe('120 (0)')
    // Four jobs a second and one place a second: the others are refused, and come again.
    expect(cell('the same, GitHub without limits', 'to Vaunt (refused)')).toMatch(/^\d+ \([1-9]\d+\)$/)
    expect(cell('the same, GitHub without limits', 'second attempts, most in one second')).toMatch(
      /^[1-9]\d* of [1-9]\d*$/
    )
  }, 60_000)

  // The last of five starts after 8 s and works 7 s.
  test('needs four requests in all when one job seals the token', async () => {
    const cell = table(await simulate('--jobs=5', '--work-seconds=7'))
    const sealed = 'one sealed token, all start within 10 s'
    expect(['succeed', 'fail', 'whole run'].map(column => cell(sealed, column))).toEqual(['5', '0', '15 s'])
    expect(cell(sealed, 'requests to GitHub (refused)')).toBe('3 (0)')
    expect(cell(sealed, 'to Vaunt (refused)')).toBe('1 (0)')
  }, 60_000)
})

describe('how it is used', () => {
  test('--help says it', async () => {
    const { code, stdout, stderr } = await simulate('--help')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Usage: npm run simulate/)
    for (const flag of ['--jobs', '--retry-after', '--seed']) expect(stdout).toContain(`\n  ${flag} `)
  })

  test.each([
    ['--no-such-flag', /^Unknown option '--no-such-flag'/],
    ['--jobs', /^Option '--jobs <value>' argument missing/],
    ['--jobs=0', /^--jobs requires a whole number from 1 to 5000\.$/],
    ['--jobs=5001', /^--jobs requires a whole number/],
    ['--seed=-1', /^--seed requires a whole number/],
    ['--answer-ms=1e3', /^--answer-ms requires a whole number/],
    ['something', /^Unexpected argument 'something'/]
  ])('%s is one line and the usage, with exit code 2', async (flag, reason) => {
    const { code, stdout, stderr } = await simulate(flag)
    const [first = '', second] = stderr.split('\n')
    expect([code, stdout]).toEqual([2, ''])
    expect(first).toMatch(reason)
    expect(second).toBe('Usage: npm run simulate -- [--FLAG=NUMBER …]')
  })
})
