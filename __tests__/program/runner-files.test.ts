// Tests the built action when the runner's files can't be written: it says so before anything is sent, and leaves nothing in them.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect } from '@jest/globals'
import { asAdmin, message, withMain } from './action-step.ts'
import { expectNoLeak } from './leaks.ts'
import { sideBySide } from './side-by-side.ts'

const quick = sideBySide(3)
const folder = mkdtempSync(join(tmpdir(), 'runner-files-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const exporting = { with: { 'export-env': 'VAUNT_TOKEN' } }

describe.each(['GITHUB_OUTPUT', 'GITHUB_ENV'])('%s', variable => {
  const cases: readonly (readonly [string, () => string | undefined, RegExp])[] = [
    ['is not set', () => undefined, /The runner didn't set the environment variable/],
    ['names no file', () => join(folder, 'missing'), /\(ENOENT\)/],
    ['names a folder', () => folder, /\(EISDIR\)/],
    ...(existsSync('/dev/full') ? ([['names a file on a full disk', () => '/dev/full', /\(ENOSPC\)/]] as const) : []),
    ...(process.platform === 'win32' ? [] : ([['names a pipe that nobody reads', makePipe, /\(ENXIO\)/]] as const))
  ]
  for (const [name, make, words] of cases) {
    quick(`${name}: nothing is sent, and nothing is left`, async sandbox => {
      const result = await sandbox.runStep(asAdmin({ ...exporting, environment: { [variable]: make() } }))
      expect(result.exitCode).toBe(1)
      expect(message(result)).toContain('[runner-files-unusable]')
      expect(message(result)).toContain(variable)
      expect(message(result)).toMatch(words)
      expect(message(result)).not.toContain('bug')
      expect(sandbox.github.requests).toEqual([])
      expect(result.env).toEqual({})
      expect(Object.keys(result.outputs).filter(output => output !== 'error-code')).toEqual([])
      expectNoLeak(result, [])
    })
  }
})

quick('a pipe is no file: whoever reads it may be gone when there is something to write', async sandbox => {
  const pipe = makePipe()
  const reader = spawn('cat', [pipe], { stdio: 'ignore' })
  try {
    const result = await sandbox.runStep(asAdmin({ environment: { GITHUB_OUTPUT: pipe } }))
    expect(result.exitCode).toBe(1)
    expect(message(result)).toMatch(/\(ESPIPE\).*\[runner-files-unusable\]/)
    expect(sandbox.github.requests).toEqual([])
  } finally {
    reader.kill()
  }
})

function makePipe(): string {
  const pipe = join(folder, `pipe-${Math.random()}`)
  execFileSync('mkfifo', [pipe])
  return pipe
}

describe('a disk that is full half-way', () => {
  /** The write of that number writes a part, and fails. */
  const failing = (number: number): string => `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { appendFileSync } = fs
    let written = 0
    fs.appendFileSync = (path, text, options) => {
      if (++written !== ${number}) return appendFileSync(path, text, options)
      appendFileSync(path, String(text).slice(0, 20), options)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    syncBuiltinESMExports()`

  for (const number of [1, 2, 5, 6]) {
    quick(`at write ${number}: every file is cut back to what it had, and only the code is output`, async sandbox => {
      const result = await withMain(failing(number), main => sandbox.runStep({ ...asAdmin(exporting), main }))
      expect(result.exitCode).toBe(1)
      expect(message(result)).toContain('(ENOSPC)')
      expect(result.outputs).toEqual({ 'error-code': 'runner-files-unusable' })
      expect(result.files.env).toBe('')
      expect(result.files.output).not.toContain('token')
      expectNoLeak(result, sandbox.vaunt.model.tokens)
    })
  }

  quick('before anything was looked at: no half of the code is left', async sandbox => {
    const result = await withMain(failing(1), main => sandbox.runStep({ ...asAdmin({ with: { entity: '..' } }), main }))
    expect(message(result)).toContain('[entity-invalid]')
    expect(result.files.output).toBe('')
    expect(result.outputs).toEqual({})
  })
})
