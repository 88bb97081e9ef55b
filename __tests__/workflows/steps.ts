// Runs a workflow's own `run:` steps, unchanged, in a real bash, as the runner starts it. The test provides the values of expressions.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe } from '@jest/globals'
import { parse } from 'yaml'

/** The root of this repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What the scripts use of the ubuntu-latest that their jobs run on, and that a machine with Node and npm may lack. */
const TOOLS = ['bash', 'curl', 'git', 'jq'] as const

/**
 * `describe`, for scripts. Skipped where they cannot run: the tests as a whole need nothing but Node and npm, and Windows
 * has no bash of its own, and a git that rewrites the files of a remote. The gate insists on the tools.
 */
export const inBash =
  process.platform !== 'win32' && TOOLS.every(tool => spawnSync(tool, ['--version']).status === 0)
    ? describe
    : describe.skip

/** The same, for scripts that need GNU's tools, such as `date -d`. */
export const onLinux = process.platform === 'linux' ? inBash : describe.skip

/** One step of a workflow, as it is written. */
export interface Step {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, Scalar>>
  readonly with?: Readonly<Record<string, Scalar>>
}

type Scalar = string | number | boolean

export interface Job {
  readonly name?: string
  readonly 'runs-on'?: string
  readonly 'timeout-minutes'?: number
  readonly permissions?: unknown
  readonly uses?: string
  readonly with?: Readonly<Record<string, Scalar>>
  readonly secrets?: unknown
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly strategy?: { readonly matrix?: object }
  readonly steps?: readonly Step[]
}

export interface Workflow {
  readonly name?: string
  readonly on?: unknown
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

/** What a step left behind. */
export interface Outcome {
  readonly code: number | null
  /** stdout and stderr together. */
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

/** A runner's workspace with this repository checked out as the reusable workflows do, and the runner's files. */
export interface Workspace {
  readonly path: string
  /** `RUNNER_TEMP` */
  readonly temp: string
  /** What lies in `RUNNER_TEMP`. */
  leftovers(): string[]
  /**
   * Runs a step.
   *
   * @param values what each `${{ expression }}` of the step's `env:` stands for
   * @param environment of the process besides
   */
  run(step: Step, values: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv): Promise<Outcome>
  remove(): void
}

/** Reads a workflow of this repository. */
export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(join(ROOT, path), 'utf8')) as Workflow
}

/** The step of a workflow, or of one of its jobs, with this id or name. */
export function findStep(within: Workflow | Job, name: string): Step {
  const steps = ('jobs' in within ? Object.values(within.jobs) : [within]).flatMap(job => job.steps ?? [])
  const found = steps.find(step => step.id === name || step.name === name)
  if (found === undefined) throw new Error(`no step ${name}`)
  return found
}

/** Copies this repository's files as they are now, without its history and packages, into a new folder. */
export function copyRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'copy-'))
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0')
  for (const path of tracked.filter(path => path !== '' && existsSync(join(ROOT, path)))) {
    cpSync(join(ROOT, path), join(folder, path))
  }
  return folder
}

export function createWorkspace(): Workspace {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')))
  const temp = realpathSync(mkdtempSync(join(tmpdir(), 'runner-temp-')))
  symlinkSync(ROOT, join(path, '.vaunt-token-action'), 'junction')
  return {
    path,
    temp,
    leftovers: () => readdirSync(temp),
    async run(step, values, environment) {
      const files = mkdtempSync(join(tmpdir(), 'runner-files-'))
      const [script, output, summary] = ['script.sh', 'output', 'summary'].map(name => join(files, name)) as [
        string,
        string,
        string
      ]
      writeFileSync(script, step.run ?? '')
      writeFileSync(output, '')
      writeFileSync(summary, '')
      try {
        const { code, log } = await start('bash', [...shellOptions(step), script], path, {
          PATH: process.env['PATH'],
          HOME: temp,
          GIT_CONFIG_NOSYSTEM: '1',
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          GITHUB_WORKSPACE: path,
          RUNNER_TEMP: temp,
          ...environment,
          ...resolve(step.env ?? {}, values)
        })
        return {
          code,
          log,
          outputs: Object.fromEntries(
            readFileSync(output, 'utf8')
              .split('\n')
              .filter(line => line !== '')
              .map(line => line.split(/=(.*)/s, 2))
          ) as Record<string, string>,
          summary: readFileSync(summary, 'utf8')
        }
      } finally {
        rmSync(files, { recursive: true, force: true })
      }
    },
    remove() {
      rmSync(path, { recursive: true, force: true })
      rmSync(temp, { recursive: true, force: true })
    }
  }
}

/** Runs a program to its end. */
export function start(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv
): Promise<{ code: number | null; log: string }> {
  return new Promise((settle, reject) => {
    const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => (log += text))
    }
    child.on('error', reject)
    child.on('close', code => {
      settle({ code, log })
    })
  })
}

/** The runner's own: a step that names bash gets stricter options than one that names no shell. */
function shellOptions(step: Step): string[] {
  return step.shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e']
}

/** The `env:` of a step with its expressions replaced. An expression that the test does not know fails it. */
function resolve(
  environment: Readonly<Record<string, Scalar>>,
  values: Readonly<Record<string, string>>
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, written]) => [
      name,
      String(written).replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
        const value = values[expression]
        if (value === undefined) throw new Error(`no value for ${expression}`)
        return value
      })
    ])
  )
}
