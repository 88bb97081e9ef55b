// Tests dist/: that it is what src/ builds to, byte for byte, how large it is, which packages it contains, and that the SBOM lists them. Runs the real build in a temporary folder.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { modulesIn } from '../tools/bill-of-materials.ts'
import type { Statistics } from '../tools/bill-of-materials.ts'

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
  '@octokit/plugin-paginate-rest',
  '@octokit/request',
  '@octokit/request-error',
  '@rgrove/parse-xml',
  'before-after-hook',
  'content-type',
  'jose',
  'json-with-bigint',
  'universal-user-agent'
]

/** The entries of the three actions, and the bundle that each of them starts. */
const ENTRIES = ['index.js', 'contributors-card.js', 'repositories-report.js']
const BUNDLE = 'start.js'
const FILES = [...ENTRIES, BUNDLE]

/** Modules that are imported and never called, each replaced by one small file (build/unused-modules/README.md). */
const REPLACED = [
  '@actions/exec',
  '@actions/http-client',
  '@actions/http-client/lib/auth',
  '@octokit/plugin-rest-endpoint-methods',
  'undici'
]

/** Parts of Node: no name is looked up and no connection opened but through https. */
const BUILT_INS = [
  ...['crypto', 'fs', 'module', 'os', 'path', 'timers/promises', 'util/types', 'zlib'],
  // The connections are our own: CONNECT to a proxy is the one request that goes out by http.
  ...['http', 'https', 'net', 'tls']
]

const LICENSES = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause']

/** Leaves room for a little growth, not for another library. */
const MAX_BYTES = 450_000

let built: string
let modules: string[]

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'bundle-'))
  const { build } = manifest(ROOT).scripts
  // The very words of the build script, with somewhere else to write to.
  const words = build.split(' ')
  expect(words[0]).toBe('node')
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [...words.slice(1), '--out', join(built, 'dist'), '--stats', join(built, 'stats.json')],
    { cwd: ROOT, encoding: 'utf8' }
  )
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
  modules = modulesIn(JSON.parse(readFileSync(join(built, 'stats.json'), 'utf8')) as Statistics)
}, 180_000)

afterAll(() => {
  rmSync(built, { recursive: true, force: true })
})

interface Manifest {
  readonly version: string
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
    const bytes = FILES.reduce((sum, name) => sum + readFileSync(join(DIST, name)).length, 0)
    expect(bytes).toBeLessThan(MAX_BYTES)
  })

  test('has no other programs', () => {
    expect(
      readdirSync(DIST)
        .filter(name => /\.[cm]?js$/.test(name))
        .sort()
    ).toEqual([...FILES].sort())
  })

  test.each(ENTRIES)('%s starts its action, and does nothing else', name => {
    const action = name === 'index.js' ? 'vaunt-token' : name.replace('.js', '')
    const [comment, ...code] = readFileSync(join(DIST, name), 'utf8').split('\n')
    expect(comment).toMatch(/^\/\/ /)
    expect(code).toEqual(['import { start } from "./start.js";', `await start('${action}');`, ''])
  })

  test.each(FILES)('%s is not minified', name => {
    const lines = readFileSync(join(DIST, name), 'utf8').split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(1_000)
  })

  test.each(FILES)('%s has no character that hides or turns others', name => {
    expect(readFileSync(join(DIST, name), 'utf8')).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/)
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

  test('has one HTTP stack: the libraries that the toolkit would bring are replaced', () => {
    const prefix = './build/unused-modules/'
    const replacing = modules.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length))
    expect(Object.keys(replacedPaths()).sort()).toEqual(REPLACED)
    expect(readdirSync(UNUSED).sort()).toEqual(['README.md', ...filesOf(replacedPaths())].sort())
    // The other two go altogether: nobody calls what would call them.
    expect(replacing.sort()).toEqual(['actions-http-client.js', 'octokit-plugin-rest-endpoint-methods.js', 'undici.js'])
    // What undici and the toolkit's own client are known by.
    const code = readFileSync(join(DIST, BUNDLE), 'utf8')
    expect(code).not.toMatch(/kDispatcher|llhttp|HttpClientResponse|tunnelOverHttp/i)
  })

  test('is under licenses that allow it, and says so', () => {
    const texts = readFileSync(join(DIST, 'licenses.txt'), 'utf8').split(/\r?\n/)
    for (const name of PACKAGES) {
      const { license } = manifest(join(ROOT, 'node_modules', ...name.split('/')))
      expect({ name, allowed: LICENSES.includes(license) }).toEqual({ name, allowed: true })
      expect(texts).toContain(name)
    }
  })
})

const UNUSED = join(ROOT, 'build', 'unused-modules')

type Paths = Readonly<Record<string, readonly string[]>>

/** Module → the file that replaces it. */
function replacedPaths(): Paths {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8')) as {
    compilerOptions: { paths: Paths }
  }
  return compilerOptions.paths
}

const filesOf = (paths: Paths): string[] => Object.values(paths).flatMap(files => files.map(file => basename(file)))

describe('a replaced module that is called after all', () => {
  const load = async (name: string): Promise<unknown> => {
    const [file = ''] = replacedPaths()[name] ?? []
    return import(pathToFileURL(join(ROOT, file)).href)
  }

  test.each([
    ['undici', 'fetch'],
    ['@actions/exec', 'getExecOutput']
  ])('%s throws', async (name, member) => {
    const { [member]: called } = (await load(name)) as Record<string, () => unknown>
    expect(() => called?.()).toThrow(/^replaced in the bundle: /)
  })

  test('the HTTP client of the toolkit throws for a request, and for credentials', async () => {
    const { HttpClient } = (await load('@actions/http-client')) as {
      HttpClient: new () => { getJson: () => unknown; getAgent: () => unknown; getAgentDispatcher: () => unknown }
    }
    expect(() => new HttpClient().getJson()).toThrow(/^replaced in the bundle: /)
    expect([new HttpClient().getAgent(), new HttpClient().getAgentDispatcher()]).toEqual([undefined, undefined])
    const { BearerCredentialHandler } = (await load('@actions/http-client/lib/auth')) as {
      BearerCredentialHandler: new () => unknown
    }
    expect(() => new BearerCredentialHandler()).toThrow(/^replaced in the bundle: /)
  })

  test('the table of endpoints is empty', async () => {
    const { restEndpointMethods } = (await load('@octokit/plugin-rest-endpoint-methods')) as {
      restEndpointMethods: () => object
    }
    expect(restEndpointMethods()).toEqual({})
  })
})

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses: readonly { readonly license: { readonly id: string } }[]
}

describe('the bill of materials', () => {
  const components = (): readonly Component[] =>
    (JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8')) as { components: Component[] }).components

  test('lists the packages in the bundle, no more and no less', () => {
    expect(components().map(({ name }) => name)).toEqual(PACKAGES)
  })

  test('agrees with the code of the bundle: of each listed package there are lines in it, of the other installed ones none', () => {
    const bundled = new Set(linesOf(FILES.map(name => join(DIST, name))))
    const ours = new Set(
      modules.filter(name => /^\.\/(?:src|build)\//.test(name)).flatMap(name => linesOf([join(ROOT, name)]))
    )
    const listed = new Set(components().map(({ name }) => name))
    // Packages of one author have lines in common: those of a listed package say nothing of another one.
    const ofListed = new Set([...listed].flatMap(linesOfPackage))
    const seen = runtimePackages().filter(name =>
      linesOfPackage(name).some(
        line => bundled.has(line) && !ours.has(line) && (listed.has(name) || !ofListed.has(line))
      )
    )
    expect(seen.sort()).toEqual(components().map(({ name }) => name))
  })

  test('has the version, the license and the checksum of what is installed, and the place where it comes from', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity: string }>
    }
    for (const { name, version, purl, hashes, licenses } of components()) {
      const installed = manifest(join(ROOT, 'node_modules', ...name.split('/')))
      expect({ name, version, licenses }).toEqual({
        name,
        version: installed.version,
        licenses: [{ license: { id: installed.license } }]
      })
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${installed.version}`)
      const [hash] = hashes
      const bytes = Buffer.from(hash?.content ?? '', 'hex')
      expect([hash?.alg, `sha512-${bytes.toString('base64')}`]).toEqual([
        'SHA-512',
        lock.packages[`node_modules/${name}`]?.integrity
      ])
    }
  })

  test('stands beside the licenses of the same packages', () => {
    const texts = readFileSync(join(DIST, 'licenses.txt'), 'utf8').replaceAll('\r\n', '\n')
    for (const { name, licenses } of components()) {
      expect(`\n${texts}`).toContain(`\n${name}\n${licenses[0]?.license.id ?? '-'}\n`)
    }
  })

  test('has a serial number, without which actions/attest takes it for no SBOM', () => {
    const { serialNumber } = JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8')) as { serialNumber: string }
    expect(serialNumber).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })

  test('is of this version', () => {
    const { metadata } = JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8')) as {
      metadata: { component: { name: string; version: string } }
    }
    expect(metadata.component).toMatchObject({ name: 'vaunt-token-action', version: manifest(ROOT).version })
  })
})

/** Every package that is installed for more than development. Nothing beside the bundle's own list of modules. */
function runtimePackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; link?: boolean }>
  }
  return Object.entries(lock.packages).flatMap(([path, { dev, optional, link }]) =>
    path.startsWith('node_modules/') && dev !== true && optional !== true && link !== true
      ? path.slice('node_modules/'.length)
      : []
  )
}

const scripts = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[cm]?js$/.test(name) && !name.includes('node_modules'))
    .map(name => join(folder, name))

const linesOfPackage = (name: string): string[] => linesOf(scripts(join(ROOT, 'node_modules', ...name.split('/'))))

const linesOf = (files: readonly string[]): string[] => files.flatMap(file => distinctLines(readFileSync(file, 'utf8')))

/** Lines that no two authors write alike. */
function distinctLines(code: string): string[] {
  return (
    code
      .split('\n')
      // The build lays the code out anew.
      .map(line => line.trim().replace(/['"`]/g, '"').replace(/[;,]$/, ''))
      .filter(line => line.length >= 25 && !line.startsWith('import ') && !line.startsWith('//#'))
  )
}
