// What is in dist/: that it is what src/ builds to, byte for byte, how large it is, and whose code is in it. Runs the real build, into a folder of its own.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** Packages whose code runs with an admin's PAT. Think before you add one. */
const PACKAGES = [
  '@actions/core',
  '@actions/github',
  '@octokit/auth-token',
  '@octokit/core',
  '@octokit/endpoint',
  '@octokit/graphql',
  '@octokit/request',
  '@octokit/request-error',
  'before-after-hook',
  'content-type',
  'jose',
  'json-with-bigint',
  'universal-user-agent'
]

/** Parts of Node: no process is started, no name is looked up and no connection opened but through https. */
const BUILT_INS = ['crypto', 'fs', 'module', 'net', 'os', 'path', 'https', 'timers/promises']

const LICENCES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause']

/** The bar is 450 kB; this leaves room for a little growth, not for another library. */
const MAX_BYTES = 320_000

let built: string
let modules: string[]

interface Module {
  readonly name?: unknown
  readonly modules?: unknown
}

function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((module: Module) => [
    ...(typeof module.name === 'string' ? [module.name] : []),
    ...namesIn(module.modules)
  ])
}

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'bundle-'))
  const ncc = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')
  const stats = join(built, 'stats.json')
  const { build } = manifest(ROOT).scripts
  // The very words of the build script, with somewhere else to write to.
  const words = build.split(' ')
  expect(words[0]).toBe('ncc')
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [ncc, ...words.slice(1), '--out', join(built, 'dist'), '--stats-out', stats],
    { cwd: ROOT, encoding: 'utf8' }
  )
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
  modules = [...new Set(namesIn((JSON.parse(readFileSync(stats, 'utf8')) as Module).modules))]
}, 180_000)

afterAll(() => {
  rmSync(built, { recursive: true, force: true })
})

interface Manifest {
  readonly license: string
  readonly scripts: { readonly build: string }
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

const packageOf = (module: string): string | undefined => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1]

describe('dist/', () => {
  test('is what src/ builds to, byte for byte (if not: npm run build)', () => {
    const fresh = join(built, 'dist')
    expect(readdirSync(DIST).sort()).toEqual(readdirSync(fresh).sort())
    for (const name of readdirSync(fresh)) {
      expect({ name, same: readFileSync(join(DIST, name)).equals(readFileSync(join(fresh, name))) }).toEqual({
        name,
        same: true
      })
    }
  })

  test('is small enough to be read', () => {
    expect(readFileSync(join(DIST, 'index.js')).length).toBeLessThan(MAX_BYTES)
  })

  test('is not minified', () => {
    const lines = readFileSync(join(DIST, 'index.js'), 'utf8').split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(1_000)
  })

  test('has no character that hides or turns others', () => {
    expect(readFileSync(join(DIST, 'index.js'), 'utf8')).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/)
  })
})

describe('the bundle', () => {
  test('has code of the listed packages only', () => {
    expect([...new Set(modules.map(packageOf).filter(name => name !== undefined))].sort()).toEqual(PACKAGES)
  })

  test('uses the listed parts of Node only', () => {
    const used = modules.flatMap(name => /^external "(?:node:)?(.*)"$/.exec(name)?.[1] ?? [])
    expect([...new Set(used)].sort()).toEqual([...BUILT_INS].sort().filter(name => used.includes(name)))
  })

  test('has one HTTP stack: the libraries that the toolkit would bring are stand-ins', () => {
    const stood = modules.filter(name => name.startsWith('./stand-ins/')).map(name => name.split('/')[2])
    expect([...new Set(stood)].sort()).toEqual(
      readdirSync(join(ROOT, 'stand-ins'))
        .filter(name => !name.startsWith('.'))
        .sort()
    )
    // What undici and the toolkit's own client are known by.
    const code = readFileSync(join(DIST, 'index.js'), 'utf8')
    expect(code).not.toMatch(/undici|kDispatcher|llhttp|HttpClientResponse|tunnelOverHttp|child_process/i)
  })

  test('is under licences that allow it, and says so', () => {
    const texts = readFileSync(join(DIST, 'licenses.txt'), 'utf8').split(/\r?\n/)
    for (const name of PACKAGES) {
      const { license } = manifest(join(ROOT, 'node_modules', ...name.split('/')))
      expect({ name, allowed: LICENCES.includes(license) }).toEqual({ name, allowed: true })
      expect(texts).toContain(name)
    }
  })
})

describe('a stand-in that is called after all', () => {
  test.each([
    ['fetch', 'undici', 'fetch'],
    ['getExecOutput', '@actions/exec', 'getExecOutput']
  ])('%s throws', async (_, name, function_) => {
    const library = (await import(name)) as Record<string, () => unknown>
    expect(() => library[function_]?.()).toThrow(/^stand-in: /)
  })

  test('the HTTP client of the toolkit throws', async () => {
    const name = ['@actions', 'http-client'].join('/')
    const { HttpClient } = (await import(name)) as {
      HttpClient: new () => { getJson: () => unknown; getAgent: () => unknown }
    }
    expect(() => new HttpClient().getJson()).toThrow(/^stand-in: /)
    expect(new HttpClient().getAgent()).toBeUndefined()
  })
})
