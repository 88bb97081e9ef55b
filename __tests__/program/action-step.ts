// Runs the built action as a step of the whole-program tests, and checks what must be true of every failure.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from '@jest/globals'
import { PATS } from '../../sandbox/github/population.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner/runner.ts'
import { expectNoLeak } from './leaks.ts'

/** The file to run; another one only to show that a test turns red when a defence is taken out of it. */
export const MAIN = process.env['ACTION_MAIN']

/** A step with a PAT for an entity. */
export function step(pat: string, entity: string, more: StepOptions = {}): StepOptions {
  return { ...(MAIN === undefined ? {} : { main: MAIN }), ...more, with: { pat, entity, ...more.with } }
}

/** Mona, for herself. */
export function asUser(more: StepOptions = {}): StepOptions {
  return step(PATS.monaFineGrained.token, 'mona', more)
}

/** Mona, an admin of Acme-Labs. */
export function asAdmin(more: StepOptions = {}): StepOptions {
  return step(PATS.monaForAcme.token, 'acme-labs', more)
}

/** What must hold of every failure: exit 1, one annotation that ends in its code, the one output, no secret anywhere. */
export function expectFailure(result: StepResult, code: string, secrets: readonly string[] = []): void {
  expect({ code: result.outputs['error-code'], log: result.log }).toMatchObject({ code })
  expect(result.exitCode).toBe(1)
  expect(result.outputs).toEqual({ 'error-code': code })
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
  expect(message(result)).toContain(`[${code}] docs/troubleshooting.md#${code}`)
  expect(result.env).toEqual({})
  expect(result.stderr).toBe('')
  expect(result.timedOut).toBe(false)
  expect(result.files).toMatchObject({ path: '', state: '', summary: '' })
  expectNoLeak(result, secrets)
}

/**
 * Runs something with a `main` that first does what no workflow can, and then is the action.
 *
 * @param code JavaScript, a module
 */
export async function withMain<T>(code: string, use: (main: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'action-main-'))
  const action = pathToFileURL(resolve(MAIN ?? join(import.meta.dirname, '../../dist/index.js'))).href
  try {
    const main = join(directory, 'main.mjs')
    await writeFile(main, `${code}\nawait import(${JSON.stringify(action)})\n`)
    return await use(main)
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The text of the error annotation, as the runner shows it. */
export function message(result: StepResult): string {
  return result.annotations.find(({ level }) => level === 'error')?.message ?? ''
}
