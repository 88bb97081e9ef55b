// Runs dist/index.js with Node.js for Windows under Wine, as a runner on Windows would start it. Installs nothing; tools/wine.sh does.

import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { interpret } from '../../sandbox/runner/interpreter.ts'
import type { Annotation } from '../../sandbox/runner/interpreter.ts'
import { parseKeyValueFile } from '../../sandbox/runner/files.ts'

const DIST = join(import.meta.dirname, '..', '..', 'dist')
/** Node under Wine takes some seconds where the action takes its 60; then it is ended. */
const TIMEOUT_MS = 80_000

export interface WindowsStep {
  /** The file of dist/ that starts it; index.js when left out. */
  readonly main?: string
  /** `INPUT_*`, by the input's name; as they arrive, so with every default filled in. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Variables besides; undefined takes one out. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** What stands in the files of the runner before the step. */
  readonly earlier?: string
}

export interface WindowsResult {
  readonly exitCode: number | null
  /** Raw, both streams. */
  readonly printed: string
  readonly annotations: readonly Annotation[]
  readonly masks: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** The files of outputs and of the environment, raw. */
  readonly files: { readonly output: string; readonly env: string; readonly summary: string }
  /** The names in the folder for temporary files. */
  readonly left: readonly string[]
}

/** A path of this system as a program under Wine sees it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`
}

/**
 * Runs a step. WINE, WINE_NODE and WINEPREFIX say with what.
 *
 * @throws Error when one of them is missing, or when Wine does not start
 */
export async function runOnWindows(step: WindowsStep): Promise<WindowsResult> {
  const folder = mkdtempSync(join(needed('WINEPREFIX'), 'step-'))
  try {
    const place = (name: string, text = ''): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const output = place('set_output', step.earlier)
    const env = place('set_env', step.earlier)
    const event = place('event.json', '{"repository":{"full_name":"octo/demo"}}\r\n')
    const printed = place('printed')
    const summary = place('summary')
    const exitCode = await run(folder, step.main ?? 'index.js', printed, {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ENV: windowsPath(env),
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: windowsPath(event),
      GITHUB_OUTPUT: windowsPath(output),
      GITHUB_STEP_SUMMARY: windowsPath(summary),
      GITHUB_SERVER_URL: 'https://github.com',
      RUNNER_TEMP: windowsPath(folder),
      GITHUB_REPOSITORY: 'octo/demo',
      GITHUB_REPOSITORY_OWNER: 'octo',
      GITHUB_RUN_ID: '4711',
      RUNNER_OS: 'Windows',
      ...inputVariables(step.inputs),
      ...step.environment
    })
    const text = {
      printed: readFileSync(printed, 'utf8'),
      output: readFileSync(output, 'utf8'),
      env: readFileSync(env, 'utf8'),
      summary: readFileSync(summary, 'utf8'),
      folder: readdirSync(folder)
    }
    const { annotations, masks } = interpret(text.printed)
    return {
      exitCode,
      printed: text.printed,
      annotations,
      masks,
      outputs: pairs(text.output),
      env: pairs(text.env),
      files: { output: text.output, env: text.env, summary: text.summary },
      left: text.folder
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function inputVariables(inputs: WindowsStep['inputs'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
}

/** Both streams go to a file: Wine's programs have trouble with pipes. */
function run(folder: string, main: string, printed: string, variables: NodeJS.ProcessEnv): Promise<number | null> {
  const file = openSync(printed, 'a')
  const wines = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    WINEPREFIX: needed('WINEPREFIX'),
    WINEDEBUG: '-all',
    // Wine says that it is an older Windows than Node supports.
    NODE_SKIP_PLATFORM_CHECK: '1'
  }
  return new Promise<number | null>((resolve, reject) => {
    const child = spawn(needed('WINE'), [needed('WINE_NODE'), windowsPath(join(DIST, main))], {
      cwd: folder,
      env: { ...wines, ...variables },
      stdio: ['ignore', file, file],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL'
    })
    child.on('error', reject)
    child.on('close', resolve)
  }).finally(() => {
    closeSync(file)
  })
}

function pairs(text: string): Record<string, string> {
  const { pairs: found, error } = parseKeyValueFile(text, true)
  if (error !== undefined) throw new Error(`a runner on Windows could not read the file: ${error}`)
  return Object.fromEntries(found.map(({ name, value }) => [name, value]))
}

function needed(variable: string): string {
  const value = process.env[variable] ?? ''
  if (value === '') throw new Error(`${variable} is not set: these tests run by \`npm run windows\` (tools/wine.sh)`)
  return value
}
