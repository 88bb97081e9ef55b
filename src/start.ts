// Runs an action with the real process, file system, network, and clock. Only this file and process-environment.ts touch the process.

// First, before any package is loaded.
import { processEnvironment } from './process-environment.ts'
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportVariable, getInput, info, setFailed, setOutput, setSecret, warning } from '@actions/core'
import { createReader } from './github/octokit.ts'
import { createClient } from './network/client.ts'
import { foldNames } from './runner/environment.ts'
import * as sealing from './vaunt/seal.ts'
import { runCard } from './actions/contributors-card.ts'
import { runReport } from './actions/repositories-report.ts'
import { runToken } from './actions/token.ts'
import { reportCrash } from './actions/run.ts'
import type { World } from './actions/run.ts'

/** The actions of this repository, by their names. */
const ACTIONS = {
  'vaunt-token': runToken,
  'contributors-card': runCard,
  'repositories-report': runReport
}

const environment = foldNames(processEnvironment, process.platform)
const { RUNNER_TEMP: temporary = '' } = environment

const world: World = {
  core: { getInput, setSecret, info, warning, setFailed, setOutput, exportVariable },
  environment,
  nodeVersion: process.versions.node,
  now: Date.now,
  uptime: () => process.uptime() * 1000,
  readFile: path => readFileSync(path, 'utf8'),
  files: { probe, cut: truncateSync },
  disk: {
    makeFolder: prefix => mkdtempSync(join(temporary === '' ? tmpdir() : temporary, prefix)),
    write: writeFileSync,
    append: appendFileSync,
    remove: path => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 })
    }
  },
  createClient,
  createReader,
  sealing
}

/** Runs one of the actions, and then ends this process. */
export async function start(name: keyof typeof ACTIONS): Promise<void> {
  await ACTIONS[name](world)
  // Ends even if a socket is still open. The callback runs when everything printed has left the process.
  process.stdout.write('', () => {
    end(Number(process.exitCode ?? 0))
  })
}

/** Checks that a file can be written, as described in `FileSystem`. */
function probe(path: string): number {
  // With these flags, a missing file isn't created, and a pipe without a reader doesn't block.
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK)
  try {
    const status = fstatSync(file)
    // A pipe is refused, because writing to it would block if its reader has ended by then.
    if (status.isFIFO()) throw Object.assign(new Error('a pipe'), { code: 'ESPIPE' })
    // Only writing shows whether the disk is full. The runner skips empty lines.
    writeSync(file, '\n')
    if (status.isFile()) ftruncateSync(file, status.size)
    return status.size
  } finally {
    closeSync(file)
  }
}

// Catches what nothing else caught. By default, Node.js would print the message and the stack.
process.on('uncaughtException', thrown => {
  // A failure that was already reported isn't reported again.
  if (process.exitCode === undefined) reportCrash(world, thrown)
  end(1)
})

/** Ends the process at once. */
function end(exitCode: number): never {
  // A name lookup can't be canceled, and exit() waits for it as long as the name server hangs: docs/adr/0016.
  if (process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) {
    const { LD_LIBRARY_PATH } = process.env
    const environment = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }
    // Windows doesn't have execve() and doesn't need it, because exit() ends all threads there.
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], environment)
  }
  process.exit(exitCode)
}
