// What the whole-program tests share: how a step on the sandbox is run and what must hold of every failure. Stages nothing itself.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from '@jest/globals'
import { PATS } from '../../sandbox/github.ts'
import type { StepOptions, StepResult } from '../../sandbox/runner.ts'

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

/** Secrets appear nowhere but in `::add-mask::` and the files for outputs and environment. */
export function expectNoLeak(result: StepResult, secrets: readonly string[]): void {
  const printed = `${result.stdout}\n${result.stderr}`
    .split(/\r\n|\r|\n/)
    .filter(line => !line.startsWith('::add-mask::'))
    .join('\n')
  const { summary, state, path } = result.files
  const places = {
    printed,
    log: result.log.join('\n'),
    summary,
    state,
    path,
    annotations: JSON.stringify(result.annotations)
  }
  for (const [place, text] of Object.entries(places)) {
    const leak = leakIn(text, [...Object.values(PATS).map(({ token }) => token), ...secrets])
    if (leak !== undefined) throw new Error(`A secret (${leak.slice(0, 24)}…) is in ${place}: ${text}`)
  }
}

/** The secret that a text shows to whoever undoes a common encoding or puts lines together, if it shows one. */
export function leakIn(text: string, secrets: readonly string[]): string | undefined {
  const readings = [text, percentDecoded(text), unescaped(text)].flatMap(each => [
    each,
    // Spaces are what line breaks and invisible characters may have become.
    each.replace(/[\s\p{C}]+/gu, '')
  ])
  return secrets.find(secret => {
    const spellings = [secret, ...base64Parts(secret)]
    return secret !== '' && spellings.some(spelling => readings.some(reading => reading.includes(spelling)))
  })
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, bytes => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
}

/** As after JSON.parse, but of any text. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([\da-f]{4})|(.))/gi, (_, code: string | undefined, char: string | undefined) =>
    code === undefined ? (char ?? '') : String.fromCharCode(parseInt(code, 16))
  )
}

/** What base64 makes of a secret wherever it stands in what is encoded, without what it shares with its neighbours. */
function base64Parts(secret: string): string[] {
  if (secret.length < 9) return []
  return [0, 1, 2].flatMap(offset => {
    const bytes = Buffer.from(secret).subarray((3 - offset) % 3)
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3))
    return [whole.toString('base64'), whole.toString('base64url')]
  })
}
