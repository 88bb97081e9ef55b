// Tests that every npm script says in one line that Node.js is too old, whichever tool it would start.

import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from '@jest/globals'
import { read, ROOT } from '../docs/markdown.ts'

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
const CHECK = join(ROOT, 'tools', 'node-24.js')
const ONE_LINE = /^This needs Node\.js 24\.5 or newer, and this is [\d.]+\. Run npm ci: [^\n]+\.node-version\.\n$/

describe('the rule', () => {
  /** Runs the check in this Node, which says that it is another one. */
  function check(version: string, ...more: string[]): { status: number | null; stdout: string; stderr: string } {
    const disguise = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
    const disguised = `data:text/javascript,${encodeURIComponent(disguise)}`
    return spawnSync(process.execPath, ['--import', disguised, CHECK, ...more], { encoding: 'utf8' })
  }

  test.each(['14.21.3', '20.20.2', '22.23.3', '23.11.0', '24.0.0', '24.4.1'])(
    'Node %s is too old: one line, exit 1',
    version => {
      const { status, stdout, stderr } = check(version, join(ROOT, 'tools', 'simulate.ts'), '--help')
      expect([status, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(ONE_LINE)
      expect(stderr).toContain(`this is ${version}.`)
    }
  )

  test.each(['24.5.0', '24.19.0', '25.0.0', '100.1.0'])('Node %s is new enough', version => {
    const { status, stdout, stderr } = check(version)
    expect([status, stdout, stderr]).toEqual([0, '', ''])
  })

  test('a new enough Node starts the script with its flags', () => {
    const { status, stdout } = check('24.5.0', join(ROOT, 'tools', 'simulate.ts'), '--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Usage: npm run simulate/)
  })

  test('loaded before another program, it leaves the start to that program', () => {
    const args = ['--import', pathToFileURL(CHECK).href, join(ROOT, 'tools', 'simulate.ts'), '--help']
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stdout.match(/^Usage: /gm)).toHaveLength(1)
  })
})

test.each(Object.entries(scripts))('npm script %s asks the Node before anything else', (_, script) => {
  const [first = ''] = script.split(' && ')
  const [, other] = /^npm run (\S+)$/.exec(first) ?? []
  // Of several scripts the first one asks.
  expect(other === undefined ? first : scripts[other]).toMatch(/^node (?:-- )?tools\/node-24\.js(?: |$)/)
})

describe('with an older Node in PATH, and none from npm', () => {
  // Nothing but package.json and the check: a script that went on would end with other words.
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'))
  mkdirSync(join(folder, 'tools'))
  for (const file of ['package.json', 'tools/node-24.js']) copyFileSync(join(ROOT, file), join(folder, file))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  // npm puts the Node of node_modules before the machine's own.
  const machine = (process.env['PATH'] ?? '').split(delimiter).filter(path => !path.includes('node_modules'))
  const env = { PATH: machine.join(delimiter), HOME: folder, npm_config_update_notifier: 'false' }
  const testOnOldNode = isOld(versionOf(env)) ? test : test.skip

  testOnOldNode.each(Object.keys(scripts))('npm run %s is one line and exit 1', name => {
    const { status, stderr } = spawnSync('npm', ['run', '--silent', name], { cwd: folder, env, encoding: 'utf8' })
    expect(stderr).toMatch(ONE_LINE)
    expect(status).toBe(1)
  })

  testOnOldNode('npm test is, too', () => {
    const { status, stderr } = spawnSync('npm', ['test', '--silent'], { cwd: folder, env, encoding: 'utf8' })
    expect(stderr).toMatch(ONE_LINE)
    expect(status).toBe(1)
  })

  function versionOf(env: Readonly<Record<string, string>>): string {
    try {
      return execFileSync('node', ['--version'], { env, encoding: 'utf8' })
    } catch {
      return 'none'
    }
  }

  function isOld(version: string): boolean {
    const [, major = '24', minor = '5'] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
    return Number(major) < 24 || (Number(major) === 24 && Number(minor) < 5)
  }
})
