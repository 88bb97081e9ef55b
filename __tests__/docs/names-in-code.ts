// Owns how the documentation tests learn what the code itself says its inputs, outputs and codes are. Reads sources, runs nothing of them.

import ts from 'typescript'
import { parse } from 'yaml'
import { read } from './markdown.ts'

interface Described {
  readonly description: string
  readonly default?: string
}

interface Metadata {
  readonly inputs: Readonly<Record<string, Described>>
  readonly outputs: Readonly<Record<string, Described>>
  readonly runs: { readonly using: string; readonly main: string }
}

/** action.yml. */
export function metadata(): Metadata {
  return parse(read('action.yml')) as Metadata
}

/** The codes of the catalogue: the members of `Facts`. */
export function codes(): string[] {
  const facts = statements('src/messages.ts').find(
    statement => ts.isInterfaceDeclaration(statement) && statement.name.text === 'Facts'
  )
  if (!facts || !ts.isInterfaceDeclaration(facts)) throw new Error('src/messages.ts has no interface Facts')
  return facts.members.map(member => {
    if (!member.name || (!ts.isStringLiteral(member.name) && !ts.isIdentifier(member.name))) {
      throw new Error('a member of Facts has no plain name')
    }
    return member.name.text
  })
}

/** The outputs that the code may set: the members of `OutputName`. */
export function outputNames(): string[] {
  const alias = statements('src/main.ts').find(
    statement => ts.isTypeAliasDeclaration(statement) && statement.name.text === 'OutputName'
  )
  if (!alias || !ts.isTypeAliasDeclaration(alias) || !ts.isUnionTypeNode(alias.type)) {
    throw new Error('src/main.ts has no union OutputName')
  }
  return alias.type.types.map(type => {
    if (!ts.isLiteralTypeNode(type) || !ts.isStringLiteral(type.literal)) {
      throw new Error('a member of OutputName is no name')
    }
    return type.literal.text
  })
}

function statements(path: string): readonly ts.Statement[] {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true).statements
}
