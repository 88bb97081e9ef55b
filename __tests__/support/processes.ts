// Runs another program, and returns what it printed and how it ended.

import { spawn } from 'node:child_process'
import type { SpawnOptionsWithoutStdio } from 'node:child_process'

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; after a minute it is killed. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio = {}
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: 60_000, ...options })
    child.stdin.end()
    const text = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
    child.on('error', reject)
    child.on('close', code => {
      resolve({ code, ...text })
    })
  })
}
