// Runs the whole action in this process: with the test World, and with the real client over staged responses. Hundreds of such runs take as long as one child process.

import { EventEmitter } from 'node:events'
import * as https from 'node:https'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { jest } from '@jest/globals'
import type { ClientOptions } from '../../src/network/client.ts'
import type { InputName, StepInputName } from '../../src/runner/inputs.ts'
import type { World } from '../../src/actions/run.ts'
import type { createWorld, Effect } from '../support/staged-world.ts'

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
  readonly inputs: Readonly<Partial<Record<InputName | StepInputName, string>>>
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
  const { runToken, createClient, createWorld } = await action()
  served = scene.answers
  const world = createWorld({
    environment: { ...ENVIRONMENT, ...scene.environment },
    now: scene.now,
    core: { getInput: name => scene.inputs[name]?.trim() ?? '' },
    world: { createClient, readFile: () => scene.event ?? '{}' }
  })
  await runToken(scene.broken?.(world) ?? world)
  return tell(world.effects)
}

/** What differs from the World of the unit tests. */
const ENVIRONMENT = {
  GITHUB_REPOSITORY: 'octo/demo',
  GITHUB_REPOSITORY_OWNER: undefined,
  GITHUB_EVENT_NAME: 'pull_request',
  GITHUB_EVENT_PATH: 'event.json'
}

/** What the toolkit would have printed and written: as @actions/core does. */
function tell(effects: readonly Effect[]): Told {
  const told = { stdout: '', output: '', env: '', failed: false, calls: new Array<string>() }
  for (const [name, ...values] of effects) {
    const value = values.at(-1) ?? ''
    const command = COMMANDS.get(name)
    if (command !== undefined) told.stdout += `::${command}::${escaped(value)}\n`
    else if (name === 'info') told.stdout += `${value}\n`
    else if (name === 'setOutput') told.output += block(values)
    else if (name === 'exportVariable') told.env += block(values)
    else continue
    if (name === 'setFailed') told.failed = true
    told.calls.push(`${command ?? name} ${value}`)
  }
  return told
}

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['setSecret', 'add-mask'],
  ['warning', 'warning'],
  ['setFailed', 'error']
])

function escaped(message: string): string {
  return message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function block([name = '', value = '']: readonly string[]): string {
  return `${name}<<ghadelimiter_x\n${value}\nghadelimiter_x\n`
}

interface Action {
  readonly runToken: (world: World) => Promise<void>
  readonly createClient: World['createClient']
  readonly createWorld: typeof createWorld
}

let loaded: Promise<Action> | undefined

/** src/ with a network that is none; loaded once, and only after the network was replaced. */
function action(): Promise<Action> {
  return (loaded ??= load())
}

async function load(): Promise<Action> {
  // The client has no other seam below it, and Node's parser would let through no line break in a header.
  jest.unstable_mockModule('node:https', () => ({ ...https, Agent: NoAgent, request: noRequest }))
  const [{ runToken }, { createClient }, { LIMITS }, { createWorld }] = await Promise.all([
    import('../../src/actions/token.ts'),
    import('../../src/network/client.ts'),
    import('../../src/network/retry.ts'),
    import('../support/staged-world.ts')
  ])
  const limits = { ...LIMITS, actionMs: 900, pausesMs: [0, 0], unsaidLimitMs: 0, roomMs: 0 }
  return { runToken, createWorld, createClient: (options: ClientOptions) => createClient({ ...options, limits }) }
}

/** What the requests of this moment are answered with; the runs follow one another. */
let served: Answers | undefined

class NoAgent extends EventEmitter {
  readonly freeSockets = {}

  destroy(): void {
    // Nothing was opened.
  }
}

function noRequest(url: URL): EventEmitter {
  const outgoing = Object.assign(new EventEmitter(), {
    path: url.pathname,
    setHeader: () => undefined,
    destroy: () => undefined,
    end: () => {
      setImmediate(() => {
        outgoing.emit('socket', new Socket())
        outgoing.emit('response', respond(outgoing.path))
      })
    }
  })
  return outgoing
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
    headers,
    headersDistinct: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    complete: true
  })
}
