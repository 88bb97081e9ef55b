// Keeps connections for reuse, and opens one early for the request to Vaunt. How a connection is opened is in connection.ts.

import type { ClientRequest } from 'node:http'
import { Agent, request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ignore, isError, openConnection, portOf, startProgress } from './connection.ts'
import type { Opener, Progress } from './connection.ts'
import { bareHost } from './proxy.ts'
import type { Trust } from './trust.ts'

/** A request that isn't sent until `send()`. */
export interface Prepared {
  readonly outgoing: ClientRequest
  readonly progress: Progress
}

/** The connections through one proxy, or the direct ones. */
export class Connections {
  readonly #proxy: URL | undefined
  readonly #agent: Agent
  /** The requests that wait for a connection. */
  readonly #unconnected = new Map<ClientRequest, Progress>()
  /** The URL to open an early connection to, while other requests go first. */
  #wanted: URL | undefined
  #early: (Prepared & { readonly origin: string }) | undefined

  /**
   * @param proxy undefined for direct connections
   * @param trust decides which certificates are accepted; read again for each connection
   * @param open only tests replace it
   */
  constructor(proxy: URL | undefined, trust: Trust, open: Opener = openConnection) {
    this.#proxy = proxy
    this.#agent = createAgent(proxy, trust, open)
    // Some proxies open only one tunnel at a time, so an idle one would block the next request.
    this.#agent.on('free', (socket: Socket) => {
      if (proxy && (this.#unconnected.size > 0 || this.#wanted)) socket.destroy()
    })
  }

  /** Prepares a request on the early connection to that host, on an idle one, or on a new one, in this order. */
  async prepare(url: URL, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<Prepared> {
    const early = await this.#takeEarly(url)
    if (!early) {
      if (this.#proxy) this.#closeOthers(url)
      return this.#make(url, headers, method)
    }
    early.outgoing.method = method
    early.outgoing.path = `${url.pathname}${url.search}`
    for (const [name, value] of Object.entries(headers)) early.outgoing.setHeader(name, value)
    return early
  }

  /** Opens a connection for a later request to that host, as soon as it doesn't delay other requests. Sends nothing on it. */
  openEarly(url: URL): void {
    this.#wanted = url
    // The requests that are made in this turn of the event loop go first.
    setImmediate(() => {
      this.#startEarly()
    })
  }

  /** Closes every connection, including those that are still being opened. */
  close(): void {
    this.#wanted = undefined
    for (const progress of this.#unconnected.values()) progress.abandon()
    this.#agent.destroy()
  }

  #make(url: URL, headers: Readonly<Record<string, string>>, method: string): Prepared {
    const progress = startProgress()
    const options: AgentOptions = { agent: this.#agent, headers, method, progress }
    const outgoing = request(url, options)
    this.#unconnected.set(outgoing, progress)
    const connected = (): void => {
      if (this.#unconnected.delete(outgoing)) this.#startEarly()
    }
    outgoing.on('socket', connected).on('close', connected)
    return { outgoing, progress }
  }

  #startEarly(): void {
    const url = this.#wanted
    if (!url || (this.#proxy && this.#unconnected.size > 0)) return
    this.#wanted = undefined
    const early = { ...this.#make(url, {}, 'GET'), origin: url.origin }
    const discard = (): void => {
      if (this.#early === early) this.#early = undefined
    }
    // A failure is reported by the request that needs the host, if there is one.
    early.outgoing.on('error', discard).on('close', discard)
    this.#early = early
  }

  async #takeEarly(url: URL): Promise<Prepared | undefined> {
    if (this.#wanted?.origin === url.origin) this.#wanted = undefined
    if (this.#early?.origin !== url.origin) return undefined
    // Bytes that arrived before a request are noticed within one turn, and discard the connection.
    await nextTurn()
    const taken = this.#early
    this.#early = undefined
    return taken
  }

  /** Closes early and idle connections that could block a request behind a proxy. */
  #closeOthers(url: URL): void {
    if (this.#early) drop(this.#early)
    this.#early = undefined
    const own = `${bareHost(url)}:${portOf(url)}:`
    for (const [name, sockets = []] of Object.entries(this.#agent.freeSockets)) {
      if (!name.startsWith(own)) for (const socket of sockets) socket.destroy()
    }
  }
}

/** Sends a prepared request, with its body if it has one. */
export function send({ outgoing }: Prepared, body?: string): void {
  const ask = (socket: Socket): void => {
    asked.add(socket)
  }
  if (outgoing.socket) ask(outgoing.socket)
  else outgoing.once('socket', ask)
  outgoing.end(body)
}

/** Drops a prepared request, sent or not. If its response is complete, the connection remains open for the next request. */
export function drop({ outgoing, progress }: Prepared): void {
  outgoing.destroy()
  progress.abandon()
}

interface AgentOptions extends RequestOptions {
  readonly progress?: Progress
}

/** Creates an agent of Node.js, which keeps connections, and lets it open them as connection.ts does. */
function createAgent(proxy: URL | undefined, trust: Trust, open: Opener): Agent {
  const agent = new Agent({ keepAlive: true })
  agent.createConnection = (options: AgentOptions, callback) => {
    const progress = options.progress ?? startProgress()
    progress.trusted = trust.context
    const opening = open({ name: options.host ?? '', port: Number(options.port) }, proxy, progress)
    requireQuiet(opening, progress).then(
      socket => callback?.(null, socket),
      (error: unknown) => callback?.(isError(error) ? error : new Error('no connection'), new Socket())
    )
    return undefined
  }
  return agent
}

/** Waits for a connection, and rejects if bytes arrive on it before a request. */
async function requireQuiet(opening: Promise<Socket>, progress: Progress): Promise<Socket> {
  const socket = await opening
  socket.on('error', ignore)
  refuseUnasked(socket)
  // Bytes that arrive with the end of the handshake are noticed within one turn.
  await nextTurn()
  progress.abandon = ignore
  if (!socket.destroyed) return socket
  progress.phase = 'http'
  throw new Error('an answer came before anything was asked')
}

/** The connections on which a response is expected. */
const asked = new WeakSet<Socket>()

/** Closes a connection on which bytes arrive before a request, because they would be taken for its response. */
function refuseUnasked(socket: Socket): void {
  socket.on('data', () => {
    if (!asked.has(socket)) socket.destroy()
  })
  socket.on('free', () => asked.delete(socket))
}
