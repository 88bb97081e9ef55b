// Owns a World within this process: made-up answers instead of a network, and a toolkit that prints and writes as the real one does. Hundreds of runs cost as much as one process.

import { EventEmitter } from 'node:events'
import * as https from 'node:https'
import { Readable } from 'node:stream'
import { jest } from '@jest/globals'
import type { getOctokit } from '@actions/github'
import type { ClientOptions, fetchOver } from '../../src/http.ts'
import type { InputName } from '../../src/inputs.ts'
import type { World } from '../../src/main.ts'

/** One answer, as Node hands it over. Nothing in it needs to be what a real network would let through. */
export interface Served {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const READS = ['user', 'entity', 'membership', 'exchange'] as const
export type Answers = Readonly<Record<(typeof READS)[number], Served>>

export interface Scene {
  readonly answers: Answers
  readonly inputs: Readonly<Partial<Record<InputName, string>>>
  readonly environment?: Readonly<Record<string, string>>
  /** The text of the event file. */
  readonly event?: string
  /** Milliseconds since the epoch; the clocks stand still. */
  readonly now: number
  /** Replaces parts of the World, to break them. */
  readonly broken?: (world: World) => World
}

/** What the run left behind. */
export interface Told {
  /** Raw, as printed. */
  readonly stdout: string
  /** Raw, as written to the file of GITHUB_OUTPUT. */
  readonly output: string
  /** Raw, as written to the file of GITHUB_ENV. */
  readonly env: string
  readonly failed: boolean
  /** What was called of the toolkit, in order, each with what it was given last. */
  readonly calls: readonly string[]
}

/** Runs the action in this process. Each pause is as short as it can be, and what is longer does not fit. */
export async function runInProcess(scene: Scene): Promise<Told> {
  const { run, createClient, getOctokit, fetchOver } = await action()
  served = scene.answers
  const told: Mutable<Told> = { stdout: '', output: '', env: '', failed: false, calls: [] }
  const world: World = {
    core: toolkit(scene, told),
    environment: { ...ENVIRONMENT, ...scene.environment },
    nodeVersion: '24.19.0',
    now: () => scene.now,
    uptime: () => 0,
    readFile: () => scene.event ?? '{}',
    createClient,
    createReader: (pat, baseUrl, client) =>
      Promise.resolve(
        getOctokit(pat, {
          baseUrl,
          log: { debug: silent, info: silent, warn: silent, error: silent },
          request: { fetch: fetchOver(client, 'GitHub') }
        })
      ),
    loadSeal: () => import('../../src/seal.ts')
  }
  await run(scene.broken?.(world) ?? world)
  return told
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const ENVIRONMENT = {
  GITHUB_OUTPUT: 'output',
  GITHUB_ENV: 'env',
  GITHUB_REPOSITORY: 'octo/demo',
  GITHUB_RUN_ID: '4711',
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_EVENT_PATH: 'event.json'
}

/** As @actions/core prints and writes. */
function toolkit(scene: Scene, told: Mutable<Told>): World['core'] {
  const call = (name: string, value: string): void => {
    told.calls = [...told.calls, `${name} ${value}`]
  }
  const command = (name: string, message: string): void => {
    call(name, message)
    told.stdout += `::${name}::${message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}\n`
  }
  const block = (name: string, value: string): string => `${name}<<ghadelimiter_x\n${value}\nghadelimiter_x\n`
  return {
    getInput: name => scene.inputs[name]?.trim() ?? '',
    setSecret: secret => {
      command('add-mask', secret)
    },
    info: message => {
      call('info', message)
      told.stdout += `${message}\n`
    },
    warning: message => {
      command('warning', message)
    },
    setFailed: message => {
      told.failed = true
      command('error', message)
    },
    setOutput: (name, value) => {
      call('setOutput', value)
      told.output += block(name, value)
    },
    exportVariable: (name, value) => {
      call('exportVariable', value)
      told.env += block(name, value)
    }
  }
}

interface Action {
  readonly run: (world: World) => Promise<void>
  readonly createClient: World['createClient']
  readonly getOctokit: typeof getOctokit
  readonly fetchOver: typeof fetchOver
}

let loaded: Promise<Action> | undefined

/** src/ with a network that is none; loaded once, and only after the network was replaced. */
function action(): Promise<Action> {
  return (loaded ??= load())
}

async function load(): Promise<Action> {
  jest.unstable_mockModule('node:https', () => ({ ...https, Agent: NoAgent, request: noRequest }))
  const [{ run }, { createClient, fetchOver, LIMITS }, { getOctokit }] = await Promise.all([
    import('../../src/main.ts'),
    import('../../src/http.ts'),
    import('@actions/github')
  ])
  const limits = { ...LIMITS, actionMs: 900, backOffMs: 0 }
  return {
    run,
    createClient: (options: ClientOptions) => createClient({ ...options, limits }),
    getOctokit,
    fetchOver
  }
}

/** What the requests of this moment are answered with; the runs follow one another. */
let served: Answers | undefined

class NoAgent {
  readonly options: unknown

  constructor(options: unknown) {
    this.options = options
  }

  createConnection(): undefined {
    return undefined
  }

  destroy(): void {
    // Nothing was opened.
  }
}

function noRequest(url: URL): EventEmitter {
  const outgoing = new EventEmitter()
  return Object.assign(outgoing, {
    destroy: () => undefined,
    end: () => {
      setImmediate(() => {
        outgoing.emit('socket')
        outgoing.emit('response', respond(url.pathname))
      })
    }
  })
}

function respond(path: string): Readable {
  const read = path.endsWith('/token')
    ? 'exchange'
    : path.includes('/memberships/')
      ? 'membership'
      : path.endsWith('/user')
        ? 'user'
        : 'entity'
  const { status = 500, reason = '', headers = {}, body = '' } = served?.[read] ?? {}
  return Object.assign(Readable.from([Buffer.from(body)]), {
    statusCode: status,
    statusMessage: reason,
    headersDistinct: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    complete: true
  })
}

function silent(): void {
  // As in src/index.ts.
}
