// Implements an HTTPS server on loopback that records its requests and returns staged responses (answers.ts). By default, a model responds.

import { createServer as createHttpsServer } from 'node:https'
import type { Server as HttpsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { Server as TcpServer, Socket } from 'node:net'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from './answers.ts'
import type { Answer } from './answers.ts'
import type { Certificate } from './certificates.ts'
import { carry, isDoomed, reset } from './connections.ts'
import { ignore } from './ignore.ts'
import { listen } from './loopback.ts'

/** A recorded request. */
export interface RecordedRequest {
  readonly method: string
  /** With the base path and the query. */
  readonly path: string
  /** By lowercase name. Several values are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** The number of its connection, from 1. */
  readonly socket: number
  /** When it arrived, as `performance.now()` counts milliseconds. */
  readonly at: number
}

export interface StagedServer {
  /** `https://localhost:PORT`, with the base path when there is one. */
  readonly url: string
  readonly port: number
  /** Every request that arrived, in order. */
  readonly requests: RecordedRequest[]
  /** How many TCP connections were accepted. */
  readonly connections: number
  /** When each of them was, as `performance.now()` counts milliseconds. */
  readonly connectedAt: number[]
  /** The delay before each response, in milliseconds. */
  latencyMs: number
  /** The delay before a new connection can be used, in milliseconds. */
  connectLatencyMs: number
  /**
   * Stages responses for a route, each for one request, in order.
   *
   * @param route `GET /user`, `GET /users/:any` (a segment), or `*` for every request; without base path and query, encoded or not
   */
  stage(route: string, ...answers: Answer[]): void
  /** Stages a response for a route until `reset()`. Responses for one request come first. */
  stageAlways(route: string, answer: Answer): void
  /** Forgets everything staged and recorded; connections stay open. */
  reset(): void
  /** Closes the server and destroys every open connection. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Responds to everything that isn't staged. */
  readonly model: Answer
  readonly certificate: Certificate
  readonly latencyMs?: number
  readonly connectLatencyMs?: number
  /** Such as `/api/v3`: everything outside it is 404. */
  readonly basePath?: string
}

/** Starts a server on an ephemeral port of 127.0.0.1. */
export async function startServer(options: ServerOptions): Promise<StagedServer> {
  const basePath = options.basePath ?? ''
  const stages = createStages(options.model)
  const accepted = new Map<number, Accepted>()
  const stopping = new AbortController()

  const https = createHttpsServer(options.certificate, (request, response) => {
    server.requests.push(recordOf(request, accepted))
    response.on('error', ignore)
    if (isDoomed(request.socket)) {
      reset(request.socket)
      return
    }
    const chosen = isWithin(request, basePath) ? stages.choose(request) : answer(404, 'outside the base path')
    void serve(request, response, { chosen, latencyMs: server.latencyMs, signal: stopping.signal })
  })
  prepareTls(https, accepted)
  const tcp = acceptConnections(accepted, socket => {
    server.connectedAt.push(performance.now())
    void pause(server.connectLatencyMs, stopping.signal).then(() => {
      if (!socket.destroyed) https.emit('connection', socket)
    })
    return server.connectedAt.length
  })
  const listener = await listen(tcp)

  const server: StagedServer = {
    url: `https://localhost:${listener.port}${basePath}`,
    port: listener.port,
    requests: [],
    connectedAt: [],
    latencyMs: options.latencyMs ?? 0,
    connectLatencyMs: options.connectLatencyMs ?? 0,
    get connections() {
      return server.connectedAt.length
    },
    stage: stages.stage,
    stageAlways: stages.stageAlways,
    reset() {
      stages.clear()
      server.requests.length = 0
      server.connectedAt.length = 0
    },
    async stop() {
      stopping.abort()
      https.closeAllConnections()
      await listener.stop()
    }
  }
  return server
}

// Connections.

/** A TCP connection, by its remote port. */
interface Accepted {
  readonly socket: Socket
  /** From 1. */
  readonly number: number
}

/**
 * TLS starts only when the connection is passed on, so that connecting can be slowed down.
 *
 * @param take receives each connection, and returns its number
 */
function acceptConnections(accepted: Map<number, Accepted>, take: (socket: Socket) => number): TcpServer {
  return createTcpServer({ pauseOnConnect: true, noDelay: true }, socket => {
    const port = socket.remotePort ?? 0
    accepted.set(port, { socket, number: take(socket) })
    socket.on('close', () => {
      if (accepted.get(port)?.socket === socket) accepted.delete(port)
    })
  })
}

function prepareTls(https: HttpsServer, accepted: ReadonlyMap<number, Accepted>): void {
  https.keepAliveTimeout = 120_000
  https.on('secureConnection', (secure: Socket) => {
    const tcp = accepted.get(secure.remotePort ?? 0)?.socket
    if (tcp !== undefined) carry(secure, tcp)
    secure.on('error', ignore)
  })
  // A client that doesn't trust the certificate correctly ends the handshake.
  https.on('tlsClientError', ignore)
}

// Requests.

function recordOf(request: IncomingMessage, accepted: ReadonlyMap<number, Accepted>): RecordedRequest {
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: flatten(request.headers),
    socket: accepted.get(request.socket.remotePort ?? 0)?.number ?? 0,
    at: performance.now()
  }
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])
  )
}

/** Whether the request is for something under the base path, which is then cut off its URL. */
function isWithin(request: IncomingMessage, basePath: string): boolean {
  const path = request.url ?? ''
  const isInside = path.startsWith(`${basePath}/`)
  if (isInside) request.url = path.slice(basePath.length)
  return isInside
}

interface Serving {
  readonly chosen: Answer
  readonly latencyMs: number
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  await pause(serving.latencyMs, serving.signal)
  if (serving.signal.aborted) return
  try {
    await serving.chosen(request, response)
  } catch (thrown) {
    // This is a bug in a test or in the sandbox, so it is also printed here.
    process.emitWarning(`sandbox server: ${String(thrown)}`)
    if (response.headersSent) response.destroy()
    else await answer(500, `sandbox: ${String(thrown)}`)(request, response)
  }
}

/** Waits, but no longer than until `stop()`. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal }).catch(ignore)
}

// Staged responses.

interface Stages {
  readonly stage: StagedServer['stage']
  readonly stageAlways: StagedServer['stageAlways']
  /** Returns the staged response for a request, or else the model. */
  readonly choose: (request: IncomingMessage) => Answer
  readonly clear: () => void
}

function createStages(model: Answer): Stages {
  const once = new Map<string, Answer[]>()
  const always = new Map<string, Answer>()
  return {
    stage(route, ...answers) {
      once.set(route, [...(once.get(route) ?? []), ...answers])
    },
    stageAlways(route, chosen) {
      always.set(route, chosen)
    },
    choose(request) {
      for (const [route, answers] of once) {
        if (answers.length > 0 && matches(route, request)) return answers.shift() ?? model
      }
      for (const [route, chosen] of always) if (matches(route, request)) return chosen
      return model
    },
    clear() {
      once.clear()
      always.clear()
    }
  }
}

function matches(route: string, request: IncomingMessage): boolean {
  if (route === '*') return true
  const [method, pattern = ''] = route.split(' ')
  const path = (request.url ?? '').split('?')[0] ?? ''
  return method === request.method && [path, decoded(path)].some(each => fits(pattern.split('/'), each.split('/')))
}

function fits(expected: readonly string[], actual: readonly string[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every((segment, index) => segment.startsWith(':') || segment === actual[index])
  )
}

/** Clients encode the slashes in branch names. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
