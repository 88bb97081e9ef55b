// Proves what is promised of the packages: none from elsewhere, none unchecked, no install script but by name, and an SBOM by the release's own command. Licences and what is in dist/: bundle.test.ts.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { findStep, readWorkflow, ROOT, start } from './steps.ts'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
const manifest = read('package.json') as {
  version: string
  allowScripts: Record<string, boolean>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const lock = read('package-lock.json') as { packages: Record<string, Locked> }
const installed = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'))
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '')

test('every package comes from the registry with a checksum, or lies in this repository', () => {
  expect(installed.length).toBeGreaterThan(100)
  for (const [path, { link, resolved = '', integrity }] of installed) {
    if (link === true) expect([path, resolved]).toEqual([path, expect.stringMatching(/^stand-ins\/[\w-]+$/)])
    else {
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
      expect([path, resolved]).toEqual([path, expect.stringMatching(/^(?:https:\/\/registry\.npmjs\.org\/.*)?$/)])
    }
  }
})

test('every version is exact', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })
  for (const version of versions) expect(version).toMatch(/^(?:\d+\.\d+\.\d+|file:stand-ins\/[\w-]+)$/)
})

test('every install script is decided by name, and only that of node is allowed', () => {
  const scripted = installed
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => nameOf(path))
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort())
  expect(Object.keys(manifest.allowScripts).filter(name => manifest.allowScripts[name])).toEqual(['node'])
  // None of them has anything to do with what ends up in dist/.
  for (const name of scripted) expect(lock.packages[`node_modules/${name}`]?.dev).toBe(true)
})

test('the SBOM of a release lists what is in dist, and nothing that only developers have', async () => {
  const { run = '' } = findStep(readWorkflow('.github/workflows/release.yml'), 'List what is in dist')
  const [command = '', file] = run.split(' >')
  expect(file).toBe('sbom.cdx.json')
  const [npm = '', ...words] = command.split(' ')
  expect(npm).toBe('npm')
  // npm itself is a script; on Windows only npm knows where it is.
  const { npm_execpath: script } = process.env
  const [program, first] = script === undefined ? ['npm', []] : [process.execPath, [script]]
  const { code, log } = await start(program, [...first, ...words, '--loglevel=silent'], ROOT, process.env)
  expect(code).toBe(0)
  const sbom = JSON.parse(log.slice(log.indexOf('{'))) as {
    bomFormat: string
    metadata: { component: { version: string } }
    components: { name: string; version: string }[]
  }
  expect([sbom.bomFormat, sbom.metadata.component.version]).toEqual(['CycloneDX', manifest.version])
  const listed = new Map(sbom.components.map(({ name, version }) => [name, version]))
  for (const [name, version] of Object.entries(manifest.dependencies))
    expect([name, listed.get(name)]).toEqual([name, version])
  expect(listed.has('@octokit/core')).toBe(true)
  for (const name of ['jest', 'typescript', 'eslint', '@vercel/ncc'])
    expect([name, listed.has(name)]).toEqual([name, false])
})
