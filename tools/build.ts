// Owns `npm run build`: makes the bundle with ncc, and beside it writes the licences and the SBOM of what is in it. What is in a bundle is bill-of-materials.ts's question.
//
// build.ts [--out FOLDER] [--stats FOLDER]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { bundledPackages, licences, sbom } from './bill-of-materials.ts'

const ROOT = resolve(import.meta.dirname, '..')
const NCC = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')

/** The further steps. What the runner starts for each is a line that imports the bundle, which looks at the name of this file. */
const STEPS = ['contributors-card', 'repositories-report'] as const

/** What only the further steps need is in files of its own, so that the token step starts without it: our code, and that of packages. */
const CHUNKS = ['steps.js', 'steps-packages.js'] as const

const USAGE = 'Usage: npm run build -- [--out FOLDER] [--stats FOLDER]\n'
const values = readFlags()
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const scratch = mkdtempSync(join(tmpdir(), 'build-'))
try {
  build('src/index.ts', resolve(values.out), join(resolve(values.stats ?? scratch), 'index.stats.json'))
  for (const step of STEPS) {
    writeFileSync(
      join(resolve(values.out), `${step}.js`),
      `// The step ${step}. Its code is in index.js.\nimport './index.js'\n`
    )
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** By itself: whoever has the archive alone has no command-line.ts. */
function readFlags(): { out: string; stats?: string | undefined; help?: boolean | undefined } {
  const help = { type: 'boolean', short: 'h' } as const
  try {
    return parseArgs({
      options: { out: { type: 'string', default: join(ROOT, 'dist') }, stats: { type: 'string' }, help }
    }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message.split('. ', 1).join('') : ''}\n${USAGE}`)
    process.exit(2)
  }
}

/** Makes one bundle. @throws Error when ncc fails, or when something is not known of a package */
function build(entry: string, out: string, statsFile: string): void {
  const { status, error } = spawnSync(process.execPath, [NCC, 'build', entry, '--out', out, '--stats-out', statsFile], {
    cwd: ROOT,
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error(`ncc failed on ${entry}`, { cause: error })
  const stats: unknown = JSON.parse(readFileSync(statsFile, 'utf8'))
  nameChunks(out, stats)
  for (const file of ['index.js', ...CHUNKS]) makeSmaller(join(out, file))
  const packages = bundledPackages(ROOT, stats)
  writeFileSync(join(out, 'licenses.txt'), licences(packages))
  writeFileSync(join(out, 'sbom.cdx.json'), sbom(ROOT, packages))
}

/** Webpack names these files by numbers. @throws Error when they are not the two that are expected */
function nameChunks(out: string, stats: unknown): void {
  const bundle = readFileSync(join(out, 'index.js'), 'utf8')
  const naming = '"" + chunkId + ".index.js"'
  const names = chunksIn(stats).map(({ id, modules }): [number, string] => {
    const isPackages = modules.every(({ name }) => name.startsWith('./node_modules/'))
    return [id, isPackages ? 'steps-packages.js' : 'steps.js']
  })
  if (
    names
      .map(([, name]) => name)
      .sort()
      .join() !== [...CHUNKS].sort().join() ||
    bundle.split(naming).length !== 2
  ) {
    throw new Error(`not the files that the further steps are expected in: ${names.join('; ')}`)
  }
  for (const [id, name] of names) renameSync(join(out, `${id}.index.js`), join(out, name))
  writeFileSync(join(out, 'index.js'), bundle.replace(naming, `${JSON.stringify(Object.fromEntries(names))}[chunkId]`))
}

interface Chunk {
  readonly id: number
  readonly initial: boolean
  readonly modules: readonly { readonly name: string }[]
}

/** The files that are loaded only when they are needed. */
function chunksIn(stats: unknown): Chunk[] {
  return (stats as { readonly chunks: readonly Chunk[] }).chunks.filter(({ initial }) => !initial)
}

/** A runner downloads the bundle before every job. Comments are a quarter of it, and whoever reads the code reads src/; and ncc leaves in what packages declare and nobody uses. */
function makeSmaller(file: string): void {
  writeFileSync(file, indentedByTabs(withoutUnused(withoutComments(readFileSync(file, 'utf8')))))
}

/** JavaScript without what is declared and never used: functions, classes and variables whose names stand nowhere but in themselves, and whose making does nothing else. */
function withoutUnused(text: string): string {
  const source = parse(text)
  const names = new Map<string, ts.Identifier[]>()
  const classes = new Map<string, ts.ClassDeclaration>()
  const declared: { readonly name: string; readonly node: ts.Node }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.set(node.text, [...(names.get(node.text) ?? []), node])
    if (ts.isClassDeclaration(node)) classes.set(node.name?.text ?? '', node)
    const name = nameOf(node)
    if (name !== undefined) declared.push({ name, node })
    ts.forEachChild(node, visit)
  }
  visit(source)
  const unused = declared.filter(
    ({ name, node }) =>
      names.get(name)?.every(use => use.pos >= node.pos && use.end <= node.end) && isInert(node, classes)
  )
  let [result, done] = ['', 0]
  for (const { node } of unused) {
    // Within another one that goes.
    if (node.pos < done) continue
    result += text.slice(done, node.pos)
    done = node.end
  }
  // What only these named is unused now.
  return unused.length === 0 ? text : withoutUnused(result + text.slice(done))
}

/** What a declaration declares, unless another file may use it. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
    return undefined
  }
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return node.name?.text
  if (!ts.isVariableStatement(node)) return undefined
  const [variable, other] = node.declarationList.declarations
  return variable && !other && ts.isIdentifier(variable.name) ? variable.name.text : undefined
}

/** Whether nothing happens where this stands but that something is made. */
function isInert(node: ts.Node | undefined, classes: ReadonlyMap<string, ts.ClassDeclaration>): boolean {
  const every = (nodes: readonly (ts.Node | undefined)[]): boolean => nodes.every(each => isInert(each, classes))
  if (node === undefined || ts.isIdentifier(node) || ts.isLiteralExpression(node)) return true
  if (node.kind === ts.SyntaxKind.NullKeyword) return true
  if (ts.isFunctionLike(node)) return !(node.name && ts.isComputedPropertyName(node.name))
  if (ts.isArrayLiteralExpression(node)) return every(node.elements)
  if (ts.isClassDeclaration(node)) {
    const bases = node.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression)) ?? []
    return every([...bases, ...node.members])
  }
  if (ts.isPropertyDeclaration(node)) return ts.isIdentifier(node.name) && isInert(node.initializer, classes)
  if (ts.isVariableStatement(node)) return every(node.declarationList.declarations.map(each => each.initializer))
  if (ts.isPropertyAccessExpression(node) || ts.isParenthesizedExpression(node))
    return isInert(node.expression, classes)
  if (ts.isBinaryExpression(node)) return every([node.left, node.right])
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return false
  const made = classes.get(node.expression.text)
  const body = made?.members.find(ts.isConstructorDeclaration)?.body?.statements ?? []
  return made?.heritageClauses === undefined && every(body.map(each => (isSettingOfThis(each) ? undefined : each)))
}

/** Such as `this.count = 0`. */
function isSettingOfThis(node: ts.Statement): boolean {
  if (!ts.isExpressionStatement(node) || !ts.isBinaryExpression(node.expression)) return false
  const { left, right, operatorToken } = node.expression
  const isThis = ts.isPropertyAccessExpression(left) && left.expression.kind === ts.SyntaxKind.ThisKeyword
  return isThis && operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isLiteralExpression(right)
}

/** JavaScript with a tab for each level, by however many spaces a package indents, and with at most one empty line at a time. */
function indentedByTabs(text: string): string {
  const literals: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateLiteralToken(node)) literals.push(node)
    ts.forEachChild(node, visit)
  }
  visit(parse(text))
  /** The widths of the levels that a line is in. */
  let levels: number[] = []
  return text.replace(/ *(?:\n *)+/g, (found: string, at: number) => {
    // There it is a part of a text.
    if (literals.some(({ pos, end }) => at >= pos && at < end)) return found
    const spaces = found.length - found.lastIndexOf('\n') - 1
    const empty = found.indexOf('\n') < found.lastIndexOf('\n') ? '\n' : ''
    levels = levels.filter(width => width < spaces)
    if (spaces > 0) levels.push(spaces)
    return `${empty}\n${'\t'.repeat(levels.length)}`
  })
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('index.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
}

/** JavaScript without its comments, and otherwise as it was: V8 starts faster with the parentheses that a printer would drop. */
function withoutComments(text: string): string {
  const source = parse(text)
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
    // Between brackets and names nothing has to stay.
    const isApart =
      /[\s([{,;]/.test(text.slice(start - 1, start)) || /^(?:[\s)\]},;]|\.[A-Za-z])/.test(text.slice(end, end + 2))
    if (!isAlone) result += text.slice(start, end).includes('\n') ? '\n' : isApart ? '' : ' '
    done = isAlone ? lineEnd + 1 : end
  }
  return result + text.slice(done)
}
