// Tests the built action when a DNS lookup hangs: the error says so, and the process ends in time, although a lookup can't be canceled.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect } from '@jest/globals'
import { asAdmin, expectFailure, message, withMain } from './action-step.ts'
import { sideBySide } from './side-by-side.ts'

const patient = sideBySide(Infinity)
const folder = mkdtempSync(join(tmpdir(), 'name-lookup-'))

/** Windows has no named pipes in its file system, and its threads end with the process. */
const onPosix = process.platform === 'win32' ? describe.skip : describe

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/**
 * JavaScript that keeps every thread busy on which Node looks names up: each waits for a writer of a named pipe that never
 * comes. A lookup then hangs as it does when no name server answers, and the process cannot end by itself.
 */
function noLookupEnds(name: string): string {
  const pipe = join(folder, name)
  execFileSync('mkfifo', [pipe])
  return `import { open } from 'node:fs'
    for (let thread = 0; thread < 4; thread++) open(${JSON.stringify(pipe)}, 'r', () => undefined)`
}

onPosix('a name lookup that hangs', () => {
  patient('is told as that, after three attempts, and does not hold the process', async sandbox => {
    const result = await withMain(noLookupEnds('every'), main =>
      sandbox.runStep({ ...asAdmin(), main, timeoutMs: 70_000 })
    )
    expectFailure(result, 'github-unavailable')
    expect(message(result)).toContain("the DNS lookup didn't finish")
    expect(message(result)).toContain('3 attempts')
    expect(result.durationMs).toBeGreaterThan(30_000)
    expect(result.durationMs).toBeLessThan(62_000)
    expect(sandbox.github.requests).toEqual([])
  })
})
