// Owns `npm run build`: makes every bundle with ncc, and beside each writes the licences and the SBOM of what is in it. What is in a bundle is bill-of-materials.ts's question.
//
// build.ts [--out FOLDER] [--stats FOLDER]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledPackages, licences, sbom } from './bill-of-materials.ts'

const ROOT = resolve(import.meta.dirname, '..')
const NCC = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')

/** Each bundle's entry, its folder below `dist/`, and what its list of modules is called. */
const BUNDLES = [{ entry: 'src/index.ts', folder: '.', name: 'index' }] as const

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'dist') }, stats: { type: 'string' } }
})

const scratch = mkdtempSync(join(tmpdir(), 'build-'))
try {
  for (const { entry, folder, name } of BUNDLES) {
    build(entry, join(resolve(values.out), folder), join(resolve(values.stats ?? scratch), `${name}.stats.json`))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Makes one bundle. @throws Error when ncc fails, or when something is not known of a package */
function build(entry: string, out: string, statsFile: string): void {
  const { status, error } = spawnSync(process.execPath, [NCC, 'build', entry, '--out', out, '--stats-out', statsFile], {
    cwd: ROOT,
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error(`ncc failed on ${entry}`, { cause: error })
  const packages = bundledPackages(ROOT, JSON.parse(readFileSync(statsFile, 'utf8')))
  writeFileSync(join(out, 'licenses.txt'), licences(packages))
  writeFileSync(join(out, 'sbom.cdx.json'), sbom(ROOT, packages))
}
