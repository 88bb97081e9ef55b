// Proves that the commands are called as people expect: --help and -h, one line and the usage for a mistake, and the flags that npm keeps. Does not prove what the commands do.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { Misuse, readFlags } from '../../sandbox/command-line.ts'
import { RECORD } from '../../tools/public-interface.ts'
import { ROOT } from '../docs/markdown.ts'
import { runToEnd } from '../support/processes.ts'
import type { Ended } from '../support/processes.ts'

describe('flags', () => {
  const COMMAND = {
    calls: ['npm run sow', 'npm run sow -- --seeds 9 --field NAME'],
    flags: {
      dry: { what: 'sows nothing' },
      field: { value: 'NAME', what: 'where' },
      'row-count': { usual: 3, from: 1, to: 9, what: 'how many rows' },
      depth: { usual: 0.5, from: 0.25, to: 2, isFraction: true, what: 'how deep' }
    }
  } as const
  const NONE = { dry: false, field: undefined, 'row-count': 3, depth: 0.5 }

  function mistakeOf(args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
    try {
      return `none: ${JSON.stringify(readFlags(COMMAND, args, environment))}`
    } catch (error) {
      if (error instanceof Misuse) return error.message
      throw error
    }
  }

  test.each([
    [[], NONE],
    [['--dry'], { ...NONE, dry: true }],
    [['--field', 'north'], { ...NONE, field: 'north' }],
    [['--field=-x'], { ...NONE, field: '-x' }],
    [['--row-count=9', '--depth', '1.25'], { ...NONE, 'row-count': 9, depth: 1.25 }],
    [['--row-count', '4', '--row-count', '5'], { ...NONE, 'row-count': 5 }],
    [['--help'], 'help'],
    [['-h', '--dry'], 'help']
  ])('%j', (args, values) => {
    expect(readFlags(COMMAND, args, {})).toEqual(values)
  })

  test.each([
    [['--no-such'], "Unknown option '--no-such'"],
    [['-x'], "Unknown option '-x'"],
    [['north'], "Unexpected argument 'north'"],
    [['--field'], "Option '--field <value>' argument missing"],
    [['--field='], "Option '--field <value>' argument missing"],
    [['--field', '--dry'], "Option '--field <value>' argument missing"],
    [['--row-count='], "Option '--row-count <value>' argument missing"],
    [['--dry=yes'], "Option '--dry' does not take an argument"],
    [['--help', '--no-such'], "Unknown option '--no-such'"],
    ...['0', '10', '1.5', '1e0', 'x', '0x1', ' 1'].map(value => [
      [`--row-count=${value}`],
      '--row-count requires a whole number from 1 to 9.'
    ]),
    ...['0.2', '2.1', '.5', '-1', 'Infinity'].map(value => [
      [`--depth=${value}`],
      '--depth requires a number from 0.25 to 2.'
    ])
  ] as [string[], string][])('%j is a mistake: %s', (args, mistake) => {
    expect(mistakeOf(args).slice(0, mistake.length)).toBe(mistake)
    expect(mistakeOf(args)).not.toContain('\n')
  })

  test.each([
    [{ npm_config_dry: 'true' }, [], '--dry'],
    [{ npm_config_field: 'true' }, [], '--field NAME'],
    [{ npm_config_field: 'true' }, ['north'], '--field north'],
    [{ npm_config_field: 'true', npm_config_dry: 'true' }, ['north'], '--dry --field north'],
    [{ npm_config_field: 'true', npm_config_depth: 'true' }, ['north', '1'], '--field NAME --depth NUMBER'],
    [{ npm_config_field: 'north' }, [], '--field=north'],
    [{ npm_config_row_count: '5', npm_config_dry: 'true' }, [], '--dry --row-count=5'],
    [{ npm_config_dry: 'true' }, ['--field', 'north'], '--dry']
  ] as [Record<string, string>, string[], string][])(
    '%j, which npm kept, is told with what to write',
    (kept, args, flags) => {
      expect(mistakeOf(args, kept)).toBe(
        `npm doesn't pass on flags that come before "--". Run: npm run sow -- ${flags}`
      )
    }
  )

  test.each([
    [{ npm_config_dry: '' }, []],
    [{ npm_config_dry: 'false' }, []],
    [{ npm_config_row_count: '5' }, ['--row-count=4']],
    [{ npm_config_other: 'true' }, []]
  ] as [Record<string, string>, string[]][])('%j with %j is none of them', (environment, args) => {
    expect(mistakeOf(args, environment)).toMatch(/^none: /)
  })
})

describe('every command', () => {
  /** With a flag that is given alone, and one that takes a value. */
  const COMMANDS: [name: string, flag: string, withValue: string][] = [
    ['demo', '--live', '--entity'],
    ['sandbox', '--minutes=3', '--env-file'],
    ['bench', '--runs=3', '--runs'],
    ['simulate', '--seed=3', '--jobs']
  ]

  function npmRun(...args: string[]): Promise<Ended> {
    // npm hands its own flags to whatever it starts, these tests included.
    const environment = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'))
    const isWindows = process.platform === 'win32'
    return runToEnd(isWindows ? 'npm.cmd' : 'npm', ['run', '--silent', ...args], {
      cwd: ROOT,
      env: Object.fromEntries(environment),
      shell: isWindows
    })
  }

  test.each(COMMANDS)('npm run %s -- --help, and -h: the usage, and exit 0', async name => {
    const [long, short] = await Promise.all([npmRun(name, '--', '--help'), npmRun(name, '--', '-h')])
    expect([long.code, long.stderr]).toEqual([0, ''])
    expect(long.stdout).toMatch(new RegExp(`^Usage: npm run ${name}\\b`))
    expect(short).toEqual(long)
  })

  test.each(COMMANDS)('npm run %s with a mistake: one line, the usage, and exit 2', async (name, _, withValue) => {
    const [unknown, missing] = await Promise.all([npmRun(name, '--', '--no-such-flag'), npmRun(name, '--', withValue)])
    expectMisuse(unknown, name, /^Unknown option '--no-such-flag'\.?$/)
    expectMisuse(missing, name, new RegExp(`^Option '${withValue} <value>' argument missing$`))
  })

  test.each(COMMANDS)('npm run %s %s: npm keeps the flag, and it is told', async (name, flag) => {
    expectMisuse(
      await npmRun(name, flag),
      name,
      new RegExp(`^npm doesn't pass on flags .* Run: npm run ${name} -- ${flag}$`)
    )
  })

  function expectMisuse({ code, stdout, stderr }: Ended, name: string, line: RegExp): void {
    // npm itself may warn of a flag that it does not know.
    const [first = '', second = ''] = stderr.split(/\r?\n/).filter(each => !each.startsWith('npm warn '))
    expect(first).toMatch(line)
    expect(second).toMatch(new RegExp(`^Usage: npm run ${name}\\b`))
    expect(stderr).not.toMatch(/^ +at /m)
    expect([code, stdout]).toEqual([2, ''])
  }
})

describe('npm run sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    ['tools/build.ts', ['--bogus'], "Unknown option '--bogus'", 2],
    ['tools/build.ts', ['--help'], '', 0],
    ['tools/build.ts', ['-h'], '', 0],
    ['tools/public-interface.ts', ['--help'], '', 0],
    ['tools/public-interface.ts', ['--bogus'], "Unknown option '--bogus'", 2],
    ['tools/pictures.ts', ['--bogus'], "Unknown option '--bogus'", 2]
  ])('%s %j: the usage, and nothing is written', async (file, flags, words, expected) => {
    const isRecorded = existsSync(join(ROOT, RECORD))
    const { code, stdout, stderr } = await runToEnd(process.execPath, [join(ROOT, file), ...flags], { cwd: folder })
    expect(code).toBe(expected)
    expect(`${stdout}${stderr}`).toMatch(/^Usage: npm run [\w-]+/m)
    expect(stderr.split('\nUsage:')[0]).toContain(words)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(existsSync(join(ROOT, RECORD))).toBe(isRecorded)
  })

  test.each(['sandbox/serve.ts', 'tools/bench.ts', 'tools/simulate.ts'])(
    '%s says that it has no --live, though npm keeps it',
    async file => {
      const options = { cwd: ROOT, env: { ...process.env, npm_config_live: 'true' } }
      const { code, stderr } = await runToEnd(process.execPath, [join(ROOT, file)], options)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^Unknown option '--live'\nUsage: /)
    }
  )

  test('writes its addresses to the file of --env-file, which is not there yet', async () => {
    const file = join(folder, 'sandbox.env')
    const { code, stdout } = await serve('--env-file', file)
    expect(code).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^SANDBOX_GITHUB_API_URL=https:\/\/localhost:\d+\nSANDBOX_VAUNT_API_URL=https:/)
    expect(stdout).toBe(`${text}Running for 0.01 minutes. Press Ctrl+C to stop.\n`)
  })

  test('says in one line that the file cannot be written', async () => {
    const { code, stderr } = await serve('--env-file', join(folder, 'no', 'such', 'folder'))
    expect(stderr).toMatch(/^Can't write the file: ENOENT[^\n]*\nUsage: npm run sandbox\n/)
    expect(code).toBe(2)
  })

  /** As the script of package.json does, which keeps the flag from Node. */
  function serve(...args: string[]): Promise<Ended> {
    const { sandbox } = (
      JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { sandbox: string } }
    ).scripts
    const [, ...words] = sandbox.split(' ')
    return runToEnd(process.execPath, [...words, ...args, '--minutes', '0.01'], { cwd: ROOT })
  }
})
