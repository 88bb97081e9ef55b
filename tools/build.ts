// `npm run build`: builds dist/ with ncc, and adds the licenses and the SBOM of its contents.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { runCommand } from '../sandbox/command-line.ts'
import { modulesIn, sbom } from './bill-of-materials.ts'
import type { Statistics } from './bill-of-materials.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** Each entry is a file of src/ that only imports `start`, which is bundled once for all of them. */
const ENTRIES = ['index', 'contributors-card', 'repositories-report'] as const

/** As in ncc's README; the package has no types. */
type Ncc = (
  entry: string,
  options: Readonly<Record<string, string | boolean>>
) => Promise<{
  readonly code: string
  readonly assets: Readonly<Record<string, { readonly source: string | Buffer }>>
  readonly stats: { toJson(): Statistics }
}>

const COMMAND = {
  calls: ['npm run build', 'npm run build -- --out FOLDER'],
  flags: {
    out: { value: 'FOLDER', what: 'writes there, and not to dist/' },
    stats: { value: 'FILE', what: "writes webpack's statistics there, too" }
  }
} as const

await runCommand(COMMAND, async values => {
  const out = resolve(values.out ?? join(ROOT, 'dist'))
  const statsFile = values.stats === undefined ? undefined : resolve(values.stats)
  const { code, assets, stats } = await bundle()
  mkdirSync(out, { recursive: true })
  const write = (name: string, content: string | Buffer): void => {
    writeFileSync(join(out, name), content)
  }
  write('start.js', code)
  // The licenses are an asset.
  for (const [name, { source }] of Object.entries(assets)) write(name, source)
  write('sbom.cdx.json', sbom(ROOT, modulesIn(stats.toJson())))
  for (const entry of ENTRIES) write(`${entry}.js`, transpile(`src/${entry}.ts`))
  if (statsFile !== undefined) writeFileSync(statsFile, JSON.stringify(stats.toJson()))
  return 0
})

function bundle(): ReturnType<Ncc> {
  // webpack names modules by their paths relative to the working directory.
  process.chdir(ROOT)
  // tsconfig-paths, which is part of ncc, reads the modules to replace from this file.
  process.env['TS_NODE_PROJECT'] = join(ROOT, 'tsconfig.build.json')
  const ncc = createRequire(import.meta.url)('@vercel/ncc') as Ncc
  return ncc(join(ROOT, 'src', 'start.ts'), {
    filename: 'start.js',
    license: 'licenses.txt',
    cache: false,
    quiet: true
  })
}

/** An entry has nothing to bundle. ncc would wrap it in 150 lines of webpack's code. */
function transpile(file: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    rewriteRelativeImportExtensions: true
  }
  return ts.transpileModule(readFileSync(join(ROOT, file), 'utf8'), { compilerOptions }).outputText
}
