// Owns the start of the tools that only checks need: they have a lock file of their own in tools/checks, so that nobody downloads them who only runs the action or its tests. Knows no tool's rules.
//
// checks.ts                          installs them when that file changed
// checks.ts eslint|stryker [FLAGS]   does so, and starts one of them

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'checks')
const MODULES = join(FOLDER, 'node_modules')
/** Tells which lock file was installed. */
const STAMP = join(MODULES, '.installed')

const PROGRAMS: Readonly<Record<string, string>> = {
  eslint: 'eslint/bin/eslint.js',
  stryker: '@stryker-mutator/core/bin/stryker.js'
}

const [name, ...flags] = process.argv.slice(2)
install()
if (name !== undefined) {
  const program = PROGRAMS[name]
  if (program === undefined) throw new Error(`no such tool: ${name}`)
  process.exitCode = run(join(MODULES, program), flags)
}

function install(): void {
  const lock = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  const npm = process.env['npm_execpath']
  if (npm === undefined) throw new Error('npm starts this: npm run lint, npm run mutation, npm run prism')
  const code = run(npm, ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'])
  if (code !== 0) throw new Error('The tools in tools/checks cannot be installed.')
  writeFileSync(STAMP, lock)
}

/** @returns the exit code */
function run(script: string, args: readonly string[]): number {
  return spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1
}
