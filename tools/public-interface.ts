// Owns what users rely on: every action.yml here and the error codes, as they are now and as they were in the newest release. `npm run record-interface` writes down the latter, when a release is prepared.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { property } from '../src/json.ts'
import { catalogue } from '../src/messages.ts'

const ROOT = join(import.meta.dirname, '..')

/** From the root of the repository. */
export const RECORD = 'tools/released-interface.json'

export interface Interface {
  /** Of package.json. */
  readonly version: string
  /** What each action.yml says, by its path from the root of the repository. */
  readonly actions: Readonly<Record<string, unknown>>
  /** In the order of the catalogue. */
  readonly codes: readonly string[]
}

/** The interface as the files say it now. */
export function currentInterface(): Interface {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const files = ['action.yml', ...folders.map(({ name }) => `${name}/action.yml`)].filter(isThere)
  return {
    version: String(property(JSON.parse(read('package.json')), 'version')),
    actions: Object.fromEntries(files.map(file => [file, parse(read(file)) as unknown])),
    codes: Object.keys(catalogue)
  }
}

/** The interface of the newest release. */
export function releasedInterface(): Interface {
  return JSON.parse(read(RECORD)) as Interface
}

/**
 * What differs between two interfaces, by the names that users know it under: an input, an output, another key of an
 * action.yml, the folder of an action that is only in one of them, or an error code.
 */
export function differences(released: Interface, current: Interface): string[] {
  const names = [
    ...keysOfBoth(released.actions, current.actions).flatMap(file => {
      const [before, after] = [released.actions[file], current.actions[file]]
      return before === undefined || after === undefined ? [file.replace(/\/action\.yml$/, '')] : changed(before, after)
    }),
    ...current.codes.filter(code => !released.codes.includes(code)),
    ...released.codes.filter(code => !current.codes.includes(code))
  ]
  return [...new Set(names)]
}

/** The names under `inputs` and `outputs`, and every other key, that differ between two action.yml. */
function changed(before: unknown, after: unknown): string[] {
  return keysOfBoth(before, after).flatMap(key => {
    const [old, young] = [property(before, key), property(after, key)]
    if (JSON.stringify(old) === JSON.stringify(young)) return []
    if (key !== 'inputs' && key !== 'outputs') return [key]
    return keysOfBoth(old, young).filter(
      name => JSON.stringify(property(old, name)) !== JSON.stringify(property(young, name))
    )
  })
}

function keysOfBoth(one: unknown, other: unknown): string[] {
  return [...new Set([one, other].flatMap(each => Object.keys(each ?? {})))]
}

function isThere(file: string): boolean {
  try {
    read(file)
    return true
  } catch {
    return false
  }
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(ROOT, RECORD), `${JSON.stringify(currentInterface(), undefined, 2)}\n`)
}
