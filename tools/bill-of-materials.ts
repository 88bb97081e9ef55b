// Owns the account of whose code is in a bundle: the packages by the bundle's own list of modules, their licences, and the SBOM. Does not build: build.ts does.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One package of the registry that has code in a bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX identifier */
  readonly licence: string
  readonly licenceText: string
  /** SHA-512 of the package as npm checks it, in hexadecimal */
  readonly sha512: string
}

/**
 * The packages whose code is in a bundle, by name and version. The stand-ins are not among them: they are files of this repository.
 *
 * @param stats what `ncc --stats-out` wrote, parsed
 * @throws Error when a package has no name, version, licence, text of its licence, or checksum
 */
export function bundledPackages(root: string, stats: unknown): BundledPackage[] {
  const lock = read(join(root, 'package-lock.json'))
  const folders = new Set(modulesIn(stats).flatMap(module => FOLDER.exec(module)?.[1] ?? []))
  return [...folders]
    .map(folder => describePackage(root, lock, folder))
    .sort((one, other) => compare(one.name, other.name) || compare(one.version, other.version))
}

/**
 * The modules whose code is in a bundle, as webpack names them: `./src/actions/token.ts`, `./node_modules/…`, `external "node:fs"`.
 *
 * @param stats what `ncc --stats-out` wrote, parsed
 */
export function modulesIn(stats: unknown): string[] {
  // What is in no chunk was left out, or stands a second time inside the module that it was merged into.
  const emitted = list(stats, 'modules').filter(module => list(module, 'chunks').length > 0)
  return [...new Set(emitted.flatMap(withParts))]
}

/** The text of `licenses.txt`: for each package its name, version and licence in a line each, then the licence's words. */
export function licences(packages: readonly BundledPackage[]): string {
  return packages
    .map(({ name, version, licence, licenceText }) => `${name}\n${version}\n${licence}\n\n${licenceText.trim()}\n`)
    .join('\n\n')
}

/** The SBOM in CycloneDX's JSON. Has no time and no random number in it, so that every build gives the same bytes. */
export function sbom(root: string, packages: readonly BundledPackage[]): string {
  const manifest = read(join(root, 'package.json'))
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': text(manifest, 'name'),
        name: text(manifest, 'name'),
        version: text(manifest, 'version'),
        licenses: [{ license: { id: text(manifest, 'license') } }]
      }
    },
    components: packages.map(({ name, version, licence, sha512 }) => ({
      type: 'library',
      'bom-ref': purl(name, version),
      name,
      version,
      hashes: [{ alg: 'SHA-512', content: sha512 }],
      licenses: [{ license: { id: licence } }],
      purl: purl(name, version)
    }))
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** The folder of the package that a module lies in, the innermost one. */
const FOLDER = /^\.\/((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//

/** A module's name, and those of the modules that were merged into it. */
function withParts(module: unknown): string[] {
  const name = property(module, 'name')
  const parts = list(module, 'modules')
  if (parts.length > 0) return parts.flatMap(withParts)
  return typeof name === 'string' ? [name] : []
}

function describePackage(root: string, lock: unknown, folder: string): BundledPackage {
  const manifest = read(join(root, folder, 'package.json'))
  const integrity = text(property(property(lock, 'packages'), folder), 'integrity')
  if (!integrity.startsWith('sha512-')) throw new Error(`${folder}: its checksum is not SHA-512`)
  const file = readdirSync(join(root, folder)).find(name => /^licen[cs]e(?:\.|$)/i.test(name))
  if (file === undefined) throw new Error(`${folder} has no file with its licence`)
  return {
    name: text(manifest, 'name'),
    version: text(manifest, 'version'),
    licence: text(manifest, 'license'),
    // One kind of line end, whatever the package was made on.
    licenceText: readFileSync(join(root, folder, file), 'utf8').replaceAll('\r\n', '\n'),
    sha512: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
  }
}

/** The name of a package in every ecosystem's way: the "@" of a scope is encoded. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/** By code units, so that the order is the same under every locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function list(value: unknown, name: string): unknown[] {
  const found = property(value, name)
  return Array.isArray(found) ? found : []
}

function text(value: unknown, name: string): string {
  const found = property(value, name)
  if (typeof found !== 'string' || found === '') throw new Error(`a package has no ${name}`)
  return found
}
