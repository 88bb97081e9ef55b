// Owns `npm run build`: makes every bundle with ncc, and beside each writes the licences and the SBOM of what is in it. What is in a bundle is bill-of-materials.ts's question.
//
// build.ts [--out FOLDER] [--stats FOLDER]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
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
  leaveCommentsOut(join(out, 'index.js'))
  const packages = bundledPackages(ROOT, JSON.parse(readFileSync(statsFile, 'utf8')))
  writeFileSync(join(out, 'licenses.txt'), licences(packages))
  writeFileSync(join(out, 'sbom.cdx.json'), sbom(ROOT, packages))
}

/** A runner downloads the bundle before every job, and comments are a quarter of it; whoever reads the code reads src/. */
function leaveCommentsOut(file: string): void {
  writeFileSync(file, withoutComments(readFileSync(file, 'utf8')))
}

/** JavaScript without its comments, and otherwise as it was: V8 starts faster with the parentheses that a printer would drop. */
function withoutComments(text: string): string {
  const source = ts.createSourceFile('index.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
  const comments = new Map<number, number>()
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source)
    children.forEach(visit)
    if (children.length > 0) return
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? [])
    ]) {
      comments.set(range.pos, range.end)
    }
  }
  visit(source)
  let result = ''
  let done = 0
  for (const [start, end] of [...comments].sort(([one], [other]) => one - other)) {
    const lineStart = text.lastIndexOf('\n', start) + 1
    const lineEnd = text.indexOf('\n', end)
    const isAlone =
      lineEnd >= 0 && `${text.slice(Math.max(done, lineStart), start)}${text.slice(end, lineEnd)}`.trim() === ''
    // A comment that has lines to itself goes with them; a line break within another one may end a statement, and stays.
    result += text.slice(done, isAlone ? Math.max(done, lineStart) : start)
    if (!isAlone) result += text.slice(start, end).includes('\n') ? '\n' : ' '
    done = isAlone ? lineEnd + 1 : end
  }
  return result + text.slice(done)
}
