// Lists the modules and packages in a bundle, and creates the SBOM. The bundle is built in build.ts.

import { execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of webpack's statistics about the contents of a bundle. */
export interface Statistics {
  readonly modules: readonly Module[]
}

interface Module {
  readonly name?: string
  readonly chunks?: readonly unknown[]
  /** The modules that were merged into this one. */
  readonly modules?: readonly Module[]
}

interface Component {
  readonly 'bom-ref': string
  readonly type: string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses: readonly { readonly license: { readonly id: string } }[]
}

/** The modules whose code is in a bundle, as webpack names them: `./src/actions/token.ts`, `./node_modules/…`, `external "node:fs"`. */
export function modulesIn({ modules }: Statistics): string[] {
  // A module without a chunk was left out, or is listed again inside the module that it was merged into.
  const emitted = modules.filter(({ chunks }) => chunks !== undefined && chunks.length > 0)
  return [...new Set(emitted.flatMap(namesIn))]
}

/**
 * The SBOM in CycloneDX JSON: the output of `npm sbom` for the production dependencies, reduced to those with code in the bundle.
 * It contains no time and no random number, so that every build produces the same bytes.
 *
 * @throws Error when npm doesn't know a package of the bundle
 */
export function sbom(root: string, modules: readonly string[]): string {
  const { name, version, license } = manifest(root)
  const components = describePackages(root, packagesOf(root, modules))
  const digest = createHash('sha256')
    .update(JSON.stringify([name, version, components]))
    .digest('hex')
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    // A UUID of version 8, whose contents can be chosen. actions/attest requires one in an SBOM.
    serialNumber: `urn:uuid:${digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `${name}@${version}`,
        name,
        version,
        licenses: [{ license: { id: license } }]
      }
    },
    components
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function namesIn({ name, modules }: Module): string[] {
  if (modules !== undefined && modules.length > 0) return modules.flatMap(namesIn)
  return name === undefined ? [] : [name]
}

/** `NAME@VERSION` of the innermost package of each module. */
function packagesOf(root: string, modules: readonly string[]): Set<string> {
  const folders = modules.flatMap(
    module => /^\.\/((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? []
  )
  return new Set(
    [...new Set(folders)].map(folder => {
      const { name, version } = manifest(join(root, folder))
      return `${name}@${version}`
    })
  )
}

function describePackages(root: string, packages: ReadonlySet<string>): Component[] {
  const output = execSync('npm sbom --package-lock-only --omit=dev --omit=optional --sbom-format=cyclonedx', {
    cwd: root,
    encoding: 'utf8'
  })
  const { components } = JSON.parse(output) as { components: readonly Component[] }
  const bundled = components
    .filter(component => packages.has(`${component.name}@${component.version}`))
    // npm's other properties depend on its version, or on the location of the package in node_modules.
    .map(({ 'bom-ref': ref, type, name, version, purl, hashes, licenses }) => {
      return { 'bom-ref': ref, type, name, version, purl, hashes, licenses }
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  if (bundled.length !== packages.size) throw new Error(`npm doesn't know all of ${[...packages].join(', ')}`)
  return bundled
}

function manifest(folder: string): { readonly name: string; readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof manifest>
}
