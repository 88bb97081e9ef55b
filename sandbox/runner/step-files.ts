// Creates the files that a step writes for the runner, and applies their contents. Their text is parsed in files.ts.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseKeyValueFile } from './files.ts'
import type { Interpreter } from './interpreter.ts'

/** One text for each file: its path or its contents. */
export type StepFiles = Readonly<Record<'output' | 'env' | 'state' | 'path' | 'summary', string>>

const LARGEST_SUMMARY = 1024 * 1024

/**
 * Creates empty files.
 *
 * @returns their paths
 */
export async function createFiles(directory: string): Promise<StepFiles> {
  const paths: StepFiles = {
    output: join(directory, 'set_output'),
    env: join(directory, 'set_env'),
    state: join(directory, 'save_state'),
    path: join(directory, 'add_path'),
    summary: join(directory, 'step_summary')
  }
  await Promise.all(Object.values(paths).map(path => writeFile(path, '')))
  return paths
}

/** The environment variables with the paths of the files. */
export function fileVariables(paths: StepFiles): Record<string, string> {
  return {
    GITHUB_OUTPUT: paths.output,
    GITHUB_ENV: paths.env,
    GITHUB_STATE: paths.state,
    GITHUB_PATH: paths.path,
    GITHUB_STEP_SUMMARY: paths.summary
  }
}

/** Reads the files after the step. A missing file counts as empty. */
export async function readFiles(paths: StepFiles): Promise<StepFiles> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const [output, env, state, path, summary] = await Promise.all([
    read(paths.output),
    read(paths.env),
    read(paths.state),
    read(paths.path),
    read(paths.summary)
  ])
  return { output, env, state, path, summary }
}

/** The result of reading the files. */
export interface FileReading {
  readonly failed: boolean
  readonly outputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
}

/** Applies the files in the runner's order: environment, summary, state, outputs. */
export function processFiles(files: StepFiles, interpreter: Interpreter): FileReading {
  let failed = false

  function readPairs(
    name: 'env' | 'state' | 'output',
    show: (name: string, value: string) => string
  ): [string, string][] {
    const { pairs, error } = parseKeyValueFile(files[name])
    for (const pair of pairs) interpreter.debug(show(pair.name, pair.value))
    if (error !== undefined) {
      failed = true
      interpreter.annotate('error', `Unable to process file command '${name}' successfully.`)
      interpreter.annotate('error', error)
    }
    return pairs.map(pair => [pair.name, pair.value])
  }

  const env = readPairs('env', (name, value) => `${name}='${value}'`).filter(([name]) => {
    const isBlocked = name.toUpperCase() === 'NODE_OPTIONS'
    if (isBlocked) {
      interpreter.annotate('error', "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
    }
    return !isBlocked
  })
  const size = Buffer.byteLength(files.summary)
  if (size > LARGEST_SUMMARY) {
    interpreter.annotate(
      'error',
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${LARGEST_SUMMARY / 1024}k, got ${Math.floor(size / 1024)}k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary`
    )
  }
  const state = readPairs('state', (name, value) => `Save intra-action state ${name} = ${value}`)
  const outputs = readPairs('output', (name, value) => `Set output ${name} = ${value}`)
  return {
    failed,
    outputs: Object.fromEntries(outputs),
    env: Object.fromEntries(env),
    state: Object.fromEntries(state)
  }
}
