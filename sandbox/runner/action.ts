// Reads action.yml, and evaluates the expressions in it and in a step. Runs nothing.

import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { GithubContext } from './context.ts'

/** What the runner needs to know about an action. */
export interface Action {
  readonly main: string
  /** The default of each input, by lowercase name; empty if there is none. */
  readonly inputs: ReadonlyMap<string, string>
}

/**
 * Reads an action.yml.
 *
 * @throws Error if it isn't one, or if the action doesn't run on Node.js 24
 */
export async function readAction(path: string): Promise<Action> {
  const text = await readFile(path, 'utf8')
  const metadata = asRecord(parse(text))
  const { using, main } = asRecord(metadata['runs'])
  if (using !== 'node24' || typeof main !== 'string') throw new Error(`${path}: runs.using is not node24 with a main`)
  const inputs = Object.entries(asRecord(metadata['inputs'])).map(([name, input]): [string, string] => {
    const value = asRecord(input)['default']
    return [name.toLowerCase(), value === undefined || value === null ? '' : scalar(value)]
  })
  return { main, inputs: new Map(inputs) }
}

/** The contexts that an expression can use. */
export interface Contexts {
  readonly github: GithubContext
  /** The step's `env:` together with the job's. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * The `INPUT_*` variables: white space becomes `_`, hyphens stay, and an input without a value is empty.
 *
 * @param given the step's `with:`
 */
export function inputVariables(
  action: Action,
  given: Readonly<Record<string, string>>,
  contexts: Contexts
): Record<string, string> {
  const values = Object.entries(given).map(([name, value]): [string, string] => [name.toLowerCase(), value])
  return Object.fromEntries(
    [...new Map([...action.inputs, ...values])].map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      evaluate(value, contexts)
    ])
  )
}

/** The runner's warning about unknown inputs; undefined if there are none. */
export function unexpectedInputs(action: Action, given: Readonly<Record<string, string>>): string | undefined {
  const unexpected = Object.keys(given).filter(name => !action.inputs.has(name.toLowerCase()))
  if (unexpected.length === 0) return undefined
  const [got = '', known = ''] = [unexpected, [...action.inputs.keys()]].map(names =>
    names.map(name => `'${name}'`).join(', ')
  )
  return `Unexpected input(s) ${got}, valid inputs are [${known}]`
}

/**
 * Evaluates `${{ github.… }}` and `${{ env.… }}` in a text. As on GitHub, whatever doesn't exist is empty.
 *
 * @throws Error for any other expression
 */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{([^]*?)\}\}/g, (_, expression: string) => {
    if (!/^(?:github|env)(?:\.[\w-]+)+$/.test(expression.trim())) {
      throw new Error(`The sandbox cannot evaluate \${{${expression}}}`)
    }
    let value: unknown = contexts
    for (const key of expression.trim().split('.')) {
      value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    }
    return value === undefined || value === null ? '' : isRecord(value) ? 'Object' : scalar(value)
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error(`Not text, a number or a truth value: ${JSON.stringify(value)}`)
}
