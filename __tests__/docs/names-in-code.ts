// Finds the inputs, outputs, and error codes in the source code for the documentation tests, without running it.

import { join } from 'node:path'
import ts from 'typescript'
import { parse } from 'yaml'
import { catalogue } from '../../src/errors/catalogue.ts'
import { filesBelow, read, ROOT } from './markdown.ts'

interface Described {
  readonly description: string
  readonly default?: string
}

interface Metadata {
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
  readonly runs: { readonly using: string; readonly main: string }
}

/** action.yml, or that of a further step. */
export function metadata(folder: '' | 'contributors-card/' | 'repositories-report/' = ''): Metadata {
  return parse(read(`${folder}action.yml`)) as Metadata
}

/** The error codes, as the catalogue lists them. */
export function codes(): string[] {
  return Object.keys(catalogue)
}

/** The outputs that the token step may set: the members of `TokenOutput`. */
export function outputNames(): string[] {
  return namesIn('src/actions/run.ts', 'TokenOutput')
}

/** The outputs that the further steps may set besides: the members of `StepOutput`. */
export function stepOutputNames(): string[] {
  return namesIn('src/actions/run.ts', 'StepOutput')
}

/** The inputs that only the further steps have: the members of `StepInputName`. */
export function stepInputNames(): string[] {
  return namesIn('src/runner/inputs.ts', 'StepInputName')
}

/** The members of a union of names. */
function namesIn(path: string, union: string): string[] {
  const alias = statements(path).find(
    statement => ts.isTypeAliasDeclaration(statement) && statement.name.text === union
  )
  if (!alias || !ts.isTypeAliasDeclaration(alias) || !ts.isUnionTypeNode(alias.type)) {
    throw new Error(`${path} has no union ${union}`)
  }
  return alias.type.types.map(type => {
    if (!ts.isLiteralTypeNode(type) || !ts.isStringLiteral(type.literal)) {
      throw new Error(`a member of ${union} is no name`)
    }
    return type.literal.text
  })
}

/**
 * The codes that the files below a folder make errors of (`ActionError.of`), in whatever way the code is spelled: the
 * compiler says which ones an argument can be.
 *
 * @returns the codes by file, from the root of the repository
 */
export function codesMade(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const files = filesBelow(folder, '.ts')
  const config = ts.parseJsonConfigFileContent(JSON.parse(read('tsconfig.json')), ts.sys, ROOT)
  const program = ts.createProgram(
    files.map(file => join(ROOT, file)),
    config.options
  )
  const checker = program.getTypeChecker()
  return new Map(
    files.map(file => {
      const source = program.getSourceFile(join(ROOT, file))
      if (!source) throw new Error(`the compiler did not read ${file}`)
      return [file, new Set(callsOfActionError(source).flatMap(code => literalsOf(checker.getTypeAtLocation(code))))]
    })
  )
}

/** The first argument of every `ActionError.of(…)`. */
function callsOfActionError(node: ts.Node): ts.Expression[] {
  const inner: ts.Expression[] = []
  ts.forEachChild(node, child => void inner.push(...callsOfActionError(child)))
  if (!ts.isCallExpression(node) || node.expression.getText() !== 'ActionError.of') return inner
  return [...node.arguments.slice(0, 1), ...inner]
}

function literalsOf(type: ts.Type): string[] {
  if (type.isStringLiteral()) return [type.value]
  if (type.isUnion()) return type.types.flatMap(literalsOf)
  throw new Error('a code is made of any text')
}

function statements(path: string): readonly ts.Statement[] {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true).statements
}
