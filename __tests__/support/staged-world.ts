// Provides the World of the unit tests: everything outside the program is staged, and every effect is recorded in order. Touches no process and no network.

import type { OutputName, World } from '../../src/actions/run.ts'
import type { ClientOptions } from '../../src/network/client.ts'
import type { InputName, StepInputName } from '../../src/runner/inputs.ts'
import { open, seal } from '../../src/vaunt/seal.ts'
import { ADMIN, clientAnswering, octokitOver } from './github.ts'
import type { Read, Stage } from './github.ts'
import { PAT } from './secrets.ts'

/** One thing the program did, with what it was done to. */
export type Effect = readonly [name: string, ...values: string[]]

export interface StagedWorld extends World {
  /** Everything that was done, in order. */
  readonly effects: Effect[]
  /** The outputs as they are at the end. */
  readonly outputs: Partial<Record<OutputName, string>>
  /** All that a reader of the log could see. */
  readonly printed: () => string[]
  /** What the client was made with. */
  readonly clientOptions: () => ClientOptions
}

export interface WorldOptions {
  readonly inputs?: Partial<Record<InputName | StepInputName, string>>
  /** Added to, or replacing, the runner's. */
  readonly environment?: Record<string, string | undefined>
  readonly now?: number
  readonly stages?: Partial<Record<Read | 'vaunt', Stage>>
  /** Replaces single functions, to make them fail. */
  readonly core?: Partial<World['core']>
  readonly world?: Partial<World>
}

export const NOW = Date.parse('2026-11-23T12:00:00Z')

const OUTPUTS = [
  ...(['token', 'expires-at', 'entity', 'entity-type', 'attested-by', 'pat-expires-at'] as const),
  ...(['sealed-token', 'error-code'] as const)
]

const ENVIRONMENT = {
  GITHUB_OUTPUT: 'output.txt',
  GITHUB_ENV: 'env.txt',
  GITHUB_REPOSITORY: 'Acme-Labs/anvil',
  GITHUB_REPOSITORY_OWNER: 'Acme-Labs',
  GITHUB_RUN_ID: '4711'
}

/** A world in which Mona gets a token for Acme-Labs, unless it is staged otherwise. */
export function createWorld(options: WorldOptions = {}): StagedWorld {
  const effects: Effect[] = []
  const outputs: StagedWorld['outputs'] = {}
  const inputs: Partial<Record<InputName | StepInputName, string>> = { pat: PAT, ...options.inputs }
  let clientOptions: ClientOptions | undefined
  const record =
    (name: string) =>
    (...values: string[]): void => {
      effects.push([name, ...values])
    }
  const none: Stage = { status: 500 }
  const stages = { ...ADMIN, vaunt: none, ...options.stages }

  const world: World = {
    core: {
      getInput: name => inputs[name] ?? '',
      setSecret: record('setSecret'),
      info: record('info'),
      warning: record('warning'),
      setFailed: record('setFailed'),
      setOutput(name, value) {
        effects.push(['setOutput', name, value])
        outputs[name] = value
      },
      exportVariable: record('exportVariable'),
      ...options.core
    },
    environment: { ...ENVIRONMENT, ...options.environment },
    nodeVersion: '24.19.0',
    now: () => options.now ?? NOW,
    uptime: () => 0,
    files: {
      probe: () => 0,
      cut(path) {
        if (path === ENVIRONMENT.GITHUB_OUTPUT) for (const name of OUTPUTS) Reflect.deleteProperty(outputs, name)
      }
    },
    disk: { makeFolder: () => '', write: record('write'), append: record('append'), remove: record('remove') },
    readFile: path => {
      throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' })
    },
    createClient(made) {
      effects.push(['createClient'])
      clientOptions = made
      const client = clientAnswering(stages, made.quote)
      return {
        request(service, url, message) {
          effects.push([(message.method ?? 'GET').toLowerCase(), url])
          return client.request(service, url, message)
        },
        openEarly: record('openEarly'),
        close: record('close')
      }
    },
    createReader({ pat, githubApiUrl, client }) {
      effects.push(['createReader', pat, githubApiUrl])
      return octokitOver(client, githubApiUrl, pat)
    },
    sealing: {
      seal(...given) {
        effects.push(['seal'])
        return seal(...given)
      },
      open(...given) {
        effects.push(['open'])
        return open(...given)
      }
    },
    ...options.world
  }

  return {
    ...world,
    effects,
    outputs,
    printed: () =>
      effects
        .filter(([name]) => ['info', 'warning', 'setFailed'].includes(name))
        .map(([, ...values]) => values.join('')),
    clientOptions() {
      if (clientOptions === undefined) throw new Error('no client was made')
      return clientOptions
    }
  }
}
