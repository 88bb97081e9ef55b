// Owns the staged HTTPS server on loopback that records what it is asked and can be told to misbehave. Knows neither GitHub nor Vaunt: what it answers by default is a model given to it.

import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from './certificates.ts'

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string
  /** With the base path and the query. */
  readonly path: string
  /** By lower-case name; several values are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Which connection it came on, from 1. */
  readonly socket: number
  /** When it arrived, as `performance.now()` counts milliseconds. */
  readonly at: number
}

/** Answers one request: writes to the response, or plays with its socket. The base path is cut off `request.url`. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

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
  /** Before each answer, in milliseconds. */
  latencyMs: number
  /** Before each new connection becomes usable, in milliseconds. */
  connectLatencyMs: number
  /**
   * Replaces the model's next answers on a route, each once and in turn.
   *
   * @param route `GET /user`, `GET /users/:any` (a segment), or `*` for every request; without base path and query
   */
  stage(route: string, ...answers: Answer[]): void
  /** Replaces the model's answer on a route until `reset()`. What is staged for once comes first. */
  stageAlways(route: string, answer: Answer): void
  /** Forgets everything staged and recorded; connections stay open. */
  reset(): void
  /** Closes the server and destroys every open connection. */
  stop(): Promise<void>
}

export interface ServerOptions {
  /** Answers whatever is not staged. */
  readonly model: Answer
  readonly certificate: Certificate
  readonly latencyMs?: number
  readonly connectLatencyMs?: number
  /** Such as `/api/v3`: everything outside it is 404. */
  readonly basePath?: string
}

/** What lies under a TLS connection; only a TCP socket can be reset. */
const tcpSockets = new WeakMap<Socket, Socket>()
/** Connections whose next request is to be met with a reset. */
const doomed = new WeakSet<Socket>()

/** Starts a server on an ephemeral port of 127.0.0.1. */
export async function startServer(options: ServerOptions): Promise<StagedServer> {
  const basePath = options.basePath ?? ''
  const stagedOnce = new Map<string, Answer[]>()
  const stagedAlways = new Map<string, Answer>()
  const open = new Map<number, { readonly socket: Socket; readonly number: number }>()
  const stopping = new AbortController()

  const https = createHttpsServer(options.certificate, (request, response) => {
    void serve(request, response)
  })
  https.keepAliveTimeout = 120_000
  https.on('secureConnection', (secure: Socket) => {
    const tcp = open.get(secure.remotePort ?? 0)?.socket
    if (tcp !== undefined) tcpSockets.set(secure, tcp)
    secure.on('error', ignore)
  })
  // A client that does not trust the certificate hangs up in the middle of the handshake, as it should.
  https.on('tlsClientError', ignore)

  // TLS begins only when this server hands the connection on: so connecting can be made slow.
  const tcp = createTcpServer({ pauseOnConnect: true, noDelay: true }, socket => {
    const port = socket.remotePort ?? 0
    server.connectedAt.push(performance.now())
    open.set(port, { socket, number: server.connectedAt.length })
    socket.on('error', ignore)
    socket.on('close', () => {
      if (open.get(port)?.socket === socket) open.delete(port)
    })
    void pause(server.connectLatencyMs).then(() => {
      if (!socket.destroyed) https.emit('connection', socket)
    })
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    server.requests.push({
      method: request.method ?? '',
      path,
      headers: flatten(request.headers),
      socket: open.get(request.socket.remotePort ?? 0)?.number ?? 0,
      at: performance.now()
    })
    response.on('error', ignore)
    if (doomed.has(request.socket)) {
      reset(request)
      return
    }
    const inside = path.startsWith(`${basePath}/`)
    request.url = inside ? path.slice(basePath.length) : path
    const chosen = inside ? choose(request) : answer(404, 'outside the base path')
    await pause(server.latencyMs)
    if (stopping.signal.aborted) return
    try {
      await chosen(request, response)
    } catch (thrown) {
      // A mistake in a test or in here: the client must not be the only one to hear of it.
      process.emitWarning(`sandbox server: ${String(thrown)}`)
      if (response.headersSent) response.destroy()
      else await answer(500, `sandbox: ${String(thrown)}`)(request, response)
    }
  }

  function choose(request: IncomingMessage): Answer {
    for (const [route, answers] of stagedOnce) {
      if (answers.length > 0 && matches(route, request)) return answers.shift() ?? options.model
    }
    for (const [route, chosen] of stagedAlways) if (matches(route, request)) return chosen
    return options.model
  }

  /** Waits, but not beyond `stop()`. */
  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: stopping.signal }).catch(ignore)
  }

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject)
    tcp.listen(0, '127.0.0.1', resolve)
  })
  const address = tcp.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  const server: StagedServer = {
    url: `https://localhost:${port}${basePath}`,
    port,
    requests: [],
    connectedAt: [],
    latencyMs: options.latencyMs ?? 0,
    connectLatencyMs: options.connectLatencyMs ?? 0,
    get connections() {
      return server.connectedAt.length
    },
    stage(route, ...answers) {
      stagedOnce.set(route, [...(stagedOnce.get(route) ?? []), ...answers])
    },
    stageAlways(route, chosen) {
      stagedAlways.set(route, chosen)
    },
    reset() {
      stagedOnce.clear()
      stagedAlways.clear()
      server.requests.length = 0
      server.connectedAt.length = 0
    },
    async stop() {
      stopping.abort()
      const closed = new Promise<void>(resolve => {
        tcp.close(() => {
          resolve()
        })
      })
      https.closeAllConnections()
      for (const { socket } of open.values()) socket.destroy()
      await closed
    }
  }
  return server
}

// The answers.

/** An object is sent as JSON; a string or bytes as they are, without a content type unless given. */
export function answer(status: number, body?: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  const asIs = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  const bytes = asIs ? Buffer.from(body ?? '') : Buffer.from(JSON.stringify(body))
  return (_request, response) => {
    response.writeHead(status, {
      ...(asIs ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'content-length': bytes.length,
      ...headers
    })
    response.end(bytes)
  }
}

export function redirect(status: number, location: string): Answer {
  return answer(status, '', { location })
}

/** A captive portal: a page where JSON was expected. */
export function html(status = 200): Answer {
  return answer(status, '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>', {
    'content-type': 'text/html; charset=utf-8'
  })
}

/** JSON that breaks off, in a body that is complete by HTTP's count. */
export function truncatedJson(status = 200): Answer {
  return answer(status, '{"id":1001,"login":"Mo', { 'content-type': 'application/json; charset=utf-8' })
}

/** Arrays in arrays, `depth` deep. */
export function deeplyNestedJson(depth: number, status = 200): Answer {
  return answer(status, '['.repeat(depth) + ']'.repeat(depth), { 'content-type': 'application/json; charset=utf-8' })
}

/** The connection is reset (RST) with no byte answered. */
export function resetBeforeAnswer(): Answer {
  return request => {
    reset(request)
  }
}

/** The connection is reset (RST) after a part of the body. */
export function resetMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    // A reset throws away what the client has not read yet; the part is to arrive first.
    await sleep(30)
    reset(request)
  }
}

/** The connection is closed (FIN) after a part of the body. */
export function closeMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    request.socket.end()
  }
}

/** The connection is closed (FIN) with no byte answered. */
export function closeBeforeAnswer(): Answer {
  return request => {
    request.socket.end()
  }
}

/** Never answers. */
export function hang(): Answer {
  return ignore
}

/** Headers at once, then a byte of the body every so often, for ever. */
export function drip(intervalMs: number, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.write(' ')
    const timer = setInterval(() => response.write(' '), intervalMs)
    response.on('close', () => {
      clearInterval(timer)
    })
  }
}

/** A body without end, as fast as the client reads. */
export function endless(status = 200): Answer {
  const chunk = Buffer.alloc(65_536, 'x')
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    response.write('{"login":"')
    pour()
  }
}

/** Writes bytes to the connection as they are, status line and all, and closes it. */
export function raw(bytes: string | Buffer): Answer {
  return request => {
    request.socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes)
  }
}

/** Each answer once and in turn, then the last one for ever. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let next = 0
  return (request, response) => (answers[next++] ?? answers.at(-1) ?? answers[0])(request, response)
}

/** Answers, but later. */
export function after(milliseconds: number, then: Answer): Answer {
  return async (request, response) => {
    await sleep(milliseconds, undefined, { ref: false })
    await then(request, response)
  }
}

/** Answers and says that the connection closes. */
export function closeAfter(then: Answer): Answer {
  return (request, response) => {
    response.shouldKeepAlive = false
    return then(request, response)
  }
}

/** Answers as if the connection stayed open, and closes it at once. */
export function hangUpAfter(then: Answer): Answer {
  return (request, response) => {
    response.on('finish', () => {
      request.socket.end()
    })
    return then(request, response)
  }
}

/** Answers and keeps the connection open, but resets it when the next request comes on it. */
export function resetNextAfter(then: Answer): Answer {
  return (request, response) => {
    doomed.add(request.socket)
    return then(request, response)
  }
}

// Helpers of the above.

function ignore(): void {
  // Nothing is to be done.
}

function reset(request: IncomingMessage): void {
  const tcp = tcpSockets.get(request.socket)
  if (tcp === undefined) request.socket.destroy()
  else tcp.resetAndDestroy()
}

function sendPart(response: ServerResponse, status: number): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': 1_000 })
  return new Promise(resolve => {
    response.write('{"id":1001,"login":"Mo', () => {
      resolve()
    })
  })
}

function matches(route: string, request: IncomingMessage): boolean {
  if (route === '*') return true
  const [method, pattern = ''] = route.split(' ')
  const path = (request.url ?? '').split('?')[0] ?? ''
  const [expected, actual] = [pattern.split('/'), path.split('/')]
  return (
    method === request.method &&
    expected.length === actual.length &&
    expected.every((segment, index) => segment.startsWith(':') || segment === actual[index])
  )
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])
  )
}
