// Describes the public interface: every action.yml, the inputs and outputs of the reusable workflows, and the error codes, today and in the newest release. `npm run record-interface` records it when a release is prepared.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { property } from '../src/untrusted/json.ts'
import { catalogue } from '../src/errors/catalogue.ts'
import { Misuse, runCommand } from '../sandbox/command-line.ts'

const ROOT = join(import.meta.dirname, '..')

/** From the root of the repository. */
export const RECORD = 'tools/released-interface.json'

export interface Interface {
  /** Of package.json. */
  readonly version: string
  /** What each action.yml says, and each reusable workflow under `workflow_call`, by its path from the root of the repository. */
  readonly actions: Readonly<Record<string, unknown>>
  /** In the order of the catalogue. */
  readonly codes: readonly string[]
}

/** The interface in the current files. */
export function currentInterface(): Interface {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const files = ['action.yml', ...folders.map(({ name }) => `${name}/action.yml`)].filter(isThere)
  const actions = files.map((file): readonly [string, unknown] => [file, parse(read(file))])
  return {
    version: String(property(JSON.parse(read('package.json')), 'version')),
    actions: Object.fromEntries([...actions, ...reusableWorkflows()]),
    codes: Object.keys(catalogue)
  }
}

function reusableWorkflows(): (readonly [string, unknown])[] {
  const folder = '.github/workflows'
  return readdirSync(join(ROOT, folder)).flatMap(file => {
    const call = property(property(parse(read(`${folder}/${file}`)), 'on'), 'workflow_call')
    return call === undefined ? [] : [[`${folder}/${file}`, call] as const]
  })
}

/** The interface of the newest release; undefined before the first one. */
export function releasedInterface(): Interface | undefined {
  return existsSync(join(ROOT, RECORD)) ? (JSON.parse(read(RECORD)) as Interface) : undefined
}

/**
 * The differences between two interfaces, by the names that users know: an input, an output, a secret, another key of an
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

/** The names under `inputs`, `outputs` and `secrets`, and every other key, that differ between two action.yml. */
function changed(before: unknown, after: unknown): string[] {
  return keysOfBoth(before, after).flatMap(key => {
    const [old, young] = [property(before, key), property(after, key)]
    if (JSON.stringify(old) === JSON.stringify(young)) return []
    if (!['inputs', 'outputs', 'secrets'].includes(key)) return [key]
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

const COMMAND = {
  calls: ['npm run record-interface'],
  flags: {},
  note: `Writes ${RECORD} when you prepare a release, after you raised the version in package.json (docs/releasing.md).`
} as const

if (process.argv[1] === import.meta.filename) {
  await runCommand(COMMAND, () => {
    const current = currentInterface()
    // Otherwise, a change would look released, without a line in CHANGELOG.md.
    if (current.version === releasedInterface()?.version) {
      throw new Misuse(`${RECORD} already records version ${current.version}. Raise the version in package.json first.`)
    }
    writeFileSync(join(ROOT, RECORD), `${JSON.stringify(current, undefined, 2)}\n`)
    return 0
  })
}
