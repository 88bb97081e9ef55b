// Owns the real world: hands the process, the runner's toolkit, the network and the clock to one of the actions. Decides nothing.

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
import { runCard } from './actions/contributors-card.ts'
import { runReport } from './actions/repositories-report.ts'
import { run } from './actions/token.ts'
import { reportCrash } from './actions/run.ts'
import type { World } from './actions/run.ts'

/** The actions of this repository, by their names. */
const ACTIONS = {
  'vaunt-token': run,
  'contributors-card': (world: World) => runCard(world),
  'repositories-report': (world: World) => runReport(world)
}

const environment = foldNames({ ...process.env }, process.platform)
const { RUNNER_TEMP: temporary = '' } = environment
// @actions/github parses the event file while it loads, and throws or prints when it is not what it should be.
delete process.env['GITHUB_EVENT_PATH']
// There is no switch to skip TLS verification, and Node is not to be one either.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']

const world: World = {
  core: { getInput, setSecret, info, warning, setFailed, setOutput, exportVariable },
  environment,
  nodeVersion: process.versions.node,
  now: Date.now,
  uptime: () => performance.now(),
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
  loadSeal: () => import('./vaunt/seal.ts')
}

/** Runs one of the actions to its end, which is the end of this process. */
export async function start(name: keyof typeof ACTIONS): Promise<void> {
  await ACTIONS[name](world)
  // Ends even if a socket is still open; the callback comes when everything printed has left the process.
  process.stdout.write('', () => {
    end(Number(process.exitCode ?? 0))
  })
}

/** See `FileSystem`. */
function probe(path: string): number {
  // Neither made when it is missing, nor waited for when it is a pipe that nobody reads.
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK)
  try {
    const status = fstatSync(file)
    // Whoever reads a pipe may be gone when there is something to write, and then writing waits for ever.
    if (status.isFIFO()) throw Object.assign(new Error('a pipe'), { code: 'ESPIPE' })
    // The runner skips empty lines. A full disk is found by writing only.
    writeSync(file, '\n')
    if (status.isFile()) ftruncateSync(file, status.size)
    return status.size
  } finally {
    closeSync(file)
  }
}

// The last resort, for what is thrown where nobody waits for it. Node itself would print the message and the stack.
process.on('uncaughtException', thrown => {
  // A failure that was told already is not told twice.
  if (process.exitCode === undefined) reportCrash(world, thrown)
  end(1)
})

/** Ends the process at once. */
function end(exitCode: number): never {
  // A name lookup cannot be broken off, and exit() waits for it, however long the name server hangs: docs/adr/0016.
  if (process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap')) {
    const { LD_LIBRARY_PATH } = process.env
    const environment = LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }
    // Windows has none, and needs none: there, threads end with the process.
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${exitCode}`], environment)
  }
  process.exit(exitCode)
}
