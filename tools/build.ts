// Owns `npm run build`: makes every bundle with ncc, and beside each writes the licences and the SBOM of what is in it. What is in a bundle is bill-of-materials.ts's question.
//
// build.ts [--out FOLDER] [--stats FOLDER]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import ts from 'typescript'
import { bundledPackages, licences, sbom } from './bill-of-materials.ts'

const ROOT = resolve(import.meta.dirname, '..')
const NCC = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')

/** Each bundle's entry, its folder below `dist/`, and what its list of modules is called. */
const BUNDLES = [{ entry: 'src/index.ts', folder: '.', name: 'index' }] as const

/** Written here and not taken from the project's settings, which are not in the archive that runners download. */
const STYLE = { parser: 'babel', printWidth: 120, singleQuote: true, semi: false } as const

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'dist') }, stats: { type: 'string' } }
})

const scratch = mkdtempSync(join(tmpdir(), 'build-'))
try {
  for (const { entry, folder, name } of BUNDLES) {
    await build(entry, join(resolve(values.out), folder), join(resolve(values.stats ?? scratch), `${name}.stats.json`))
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Makes one bundle. @throws Error when ncc fails, or when something is not known of a package */
async function build(entry: string, out: string, statsFile: string): Promise<void> {
  const { status, error } = spawnSync(process.execPath, [NCC, 'build', entry, '--out', out, '--stats-out', statsFile], {
    cwd: ROOT,
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error(`ncc failed on ${entry}`, { cause: error })
  await tidy(join(out, 'index.js'))
  const packages = bundledPackages(ROOT, JSON.parse(readFileSync(statsFile, 'utf8')))
  writeFileSync(join(out, 'licenses.txt'), licences(packages))
  writeFileSync(join(out, 'sbom.cdx.json'), sbom(ROOT, packages))
}

/**
 * A runner downloads the bundle before every job, and comments are a quarter of it; whoever reads the code reads src/. What
 * remains is laid out like the rest of the project, for whoever reviews a change of dist/.
 */
async function tidy(file: string): Promise<void> {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext }
  })
  writeFileSync(file, await format(outputText, STYLE))
}
