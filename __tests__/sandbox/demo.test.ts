// Proves that `npm run demo` shows what it says, on the sandbox and with --live, and fails when the action does. Does not judge how it looks.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { answer } from '../../sandbox/network/answers.ts'
import { PATS } from '../../sandbox/github/population.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { ROOT } from '../docs/markdown.ts'
import { runToEnd } from '../support/processes.ts'
import type { Ended } from '../support/processes.ts'

/** Runs the demo of a copy of the repository, with nothing of this process's environment but what a system needs. */
function demo(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
  root = ROOT
): Promise<Ended> {
  const needed = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']
  const inherited = Object.entries(process.env).filter(([name]) => needed.includes(name))
  const env = { ...Object.fromEntries(inherited), ...environment }
  return runToEnd(process.execPath, [join(root, 'sandbox', 'demo.ts'), ...flags], { env })
}

/** The text of each scene, by its heading. */
function scenesOf({ stdout }: Ended): readonly string[] {
  return stdout.split(/^── /m).slice(1)
}

/** Of the made-up people, and of what was made for them: nothing secret may be in the log. */
const SECRET = /LOUDFAKE|eyJhbGciOiJFUzI1NiI/

describe('on the sandbox', () => {
  test('plays seven numbered scenes, says why each matters, and all pass', async () => {
    const ended = await demo()
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    const scenes = scenesOf(ended)
    expect(scenes.map(scene => scene.slice(0, 4))).toEqual(['1/7 ', '2/7 ', '3/7 ', '4/7 ', '5/7 ', '6/7 ', '7/7 '])
    for (const scene of scenes) expect(scene.split('\n')[1]).toMatch(/^[A-Z].{10,75}\.$/)
    const [user = '', admin = '', use = '', refused = '', sealing = '', opening = '', card = ''] = scenes
    expect(user).toMatch(/✓ success.*\n {4}token +\*\*\*\n/)
    expect(admin).toMatch(/entity-type +organization\n/)
    expect(use).toContain('\n  Vaunt has data for 7 repositories, 4 of them private\n')
    expect(refused).toMatch(/✗ failure \(exit 1\).*\n {4}error-code +not-an-admin\n/)
    expect(sealing).toContain("Warning: Skip output 'token' since it may contain secret.")
    expect(sealing).toContain('✓ sealed-token reaches the second job')
    expect(opening).toContain('Opened a sealed token for organization Acme-Labs, verified as Mona.')
    expect(opening).not.toContain('pat:')
    expect(card).toMatch(/✓ success.*\n {4}changed +true\n/)
    expect(card).toMatch(/pull-request +https:\/\/github\.com\/Acme-Labs\/anvil\/pull\/\d+\n/)
    expect(ended.stdout).toMatch(/\n7 of 7 passed\nDone in \d+\.\d s: \d+ requests to GitHub, \d+ to Vaunt\.\n/)
    expect(ended.stdout).not.toMatch(SECRET)
  })

  test('exits 1 at the first scene that fails and plays none after it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'demo-'))
    try {
      for (const part of ['sandbox', 'src', 'tools', 'action.yml', 'package.json']) {
        cpSync(join(ROOT, part), join(root, part), { recursive: true })
      }
      symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction')
      mkdirSync(join(root, 'dist'))
      // An action that lets everybody through: the first three scenes are none the wiser, but have no token.
      writeFileSync(join(root, 'dist', 'index.js'), 'process.exitCode = 0\n')
      const ended = await demo([], {}, root)
      expect(ended.code).toBe(1)
      expect(scenesOf(ended)).toHaveLength(3)
      expect(ended.stdout).toContain('Vaunt does not list the repositories.')
      expect(ended.stdout).toContain("2 of 7 passed. This one didn't: 3/7 ")
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})

describe('with --live', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    // The proxy leads the real names of GitHub and Vaunt to the sandbox.
    sandbox = await startSandbox({ proxy: {} })
  })
  afterEach(() => {
    sandbox.reset()
  })
  afterAll(async () => {
    await sandbox.stop()
  })

  function live(entity: string, pat: string): Promise<Ended> {
    const proxy = sandbox.proxy?.url ?? 'no proxy'
    const environment = { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: sandbox.caFile, VAUNT_PAT: pat }
    return demo(['--live', '--entity', entity], environment)
  }

  test('gets a token from the real services, and asks Vaunt with it', async () => {
    const ended = await live('acme-labs', PATS.monaForAcme.token)
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    const [token = '', use = ''] = scenesOf(ended)
    expect(token).toMatch(/^1\/2 [^]*Verified as Mona[^]*✓ success/)
    expect(use).toMatch(/^2\/2 [^]*\n {2}Vaunt has data for 7 repositories, 4 of them private\n/)
    expect(new Set(sandbox.proxy?.connects.map(({ authority }) => authority))).toEqual(
      new Set(['api.github.com:443', 'api.vaunt.dev:443'])
    )
    expect(ended.stdout).not.toMatch(SECRET)
  })

  test.each([true, false])('counts every page (a cursor on the last page: %s)', async cursorOnLastPage => {
    sandbox.vaunt.model.settings.cursorOnLastPage = cursorOnLastPage
    sandbox.vaunt.model.settings.repositories = Array.from({ length: 201 }, (_, index) => `repository-${index}`)
    const { code, stdout } = await live('acme-labs', PATS.monaForAcme.token)
    expect(stdout).toContain('Vaunt has data for 201 repositories, 101 of them private')
    expect(code).toBe(0)
  })

  test('one repository is one', async () => {
    sandbox.vaunt.model.settings.repositories = ['anvil']
    expect((await live('mona', PATS.monaFineGrained.token)).stdout).toContain(
      'Vaunt has data for 1 repository, 1 of them private'
    )
  })

  test('a refusal by Vaunt is told in its words, and ends with 1', async () => {
    sandbox.vaunt.stage('GET /v1/github/entities/:x/repositories', answer(403, { message: 'not for you', code: 0 }))
    const { code, stdout, stderr } = await live('acme-labs', PATS.monaForAcme.token)
    expect(stdout).toContain('Vaunt does not list the repositories. It answered with status 403: "not for you".')
    expect([code, stderr]).toEqual([1, ''])
  })

  test('a step that fails gives its own exit code, and Vaunt is asked nothing', async () => {
    const ended = await live('acme-labs', PATS.hubotFineGrained.token)
    expect(scenesOf(ended)).toHaveLength(1)
    expect(ended.stdout).toMatch(/error-code +not-an-admin/)
    expect(ended.code).toBe(1)
    expect(sandbox.vaunt.requests).toEqual([])
  })

  test.each([
    [['--live'], {}, /^--live requires --entity NAME/],
    [['--live', '--entity', 'mona'], {}, /^The environment variable VAUNT_PAT is empty\./],
    [['--live', '--entity', 'mona'], { VAUNT_PAT: '  ' }, /^The environment variable VAUNT_PAT is empty\./],
    [['--entity', 'mona'], {}, /^--entity requires --live/]
  ] as [string[], Record<string, string>, RegExp][])(
    '%j with %j prints one line and the usage, which says how to create a PAT',
    async (flags, environment, line) => {
      const { code, stdout, stderr } = await demo(flags, environment)
      expect(stderr.split('\n')[0]).toMatch(line)
      expect(stderr).toContain('\nUsage: npm run demo\n')
      expect(stderr).toContain('https://github.com/settings/personal-access-tokens/new')
      expect([code, stdout]).toEqual([2, ''])
    }
  )
})
