// Owns which connections are kept and reused, and the early request. How a connection is opened is in network/connection.ts; what is asked and answered is not known here.

import type { ClientRequest } from 'node:http'
import { Agent, request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ignore, isError, openConnection, portOf, startProgress } from './connection.ts'
import type { Opener, Progress } from './connection.ts'
import { bareHost } from './proxy.ts'
import type { Trust } from './trust.ts'

/** A request of which nothing has been sent: `send()` sends it. */
export interface Prepared {
  readonly outgoing: ClientRequest
  readonly progress: Progress
}

/** The connections of one way: direct ones, or those through one proxy. */
export class Connections {
  readonly #proxy: URL | undefined
  readonly #agent: Agent
  /** The requests that wait for a connection. */
  readonly #unconnected = new Map<ClientRequest, Progress>()
  /** Where an early connection is wanted to, as long as it would be in the way of others. */
  #wanted: URL | undefined
  #early: (Prepared & { readonly origin: string }) | undefined

  /**
   * @param proxy undefined for direct connections
   * @param trust whose certificates are accepted, asked anew for each connection
   * @param open only tests give another one
   */
  constructor(proxy: URL | undefined, trust: Trust, open: Opener = openConnection) {
    this.#proxy = proxy
    this.#agent = createAgent(proxy, trust, open)
    // A proxy may open one tunnel at a time: one that is kept would keep the next request waiting.
    this.#agent.on('free', (socket: Socket) => {
      if (proxy && (this.#unconnected.size > 0 || this.#wanted)) socket.destroy()
    })
  }

  /** Prepares a request: on the early connection if there is one to that host, else on a kept one, else on a new one. */
  async prepare(url: URL, headers: Readonly<Record<string, string>>, method = 'GET'): Promise<Prepared> {
    const early = await this.#takeEarly(url)
    if (!early) {
      if (this.#proxy) this.#clearTheWay(url)
      return this.#make(url, headers, method)
    }
    early.outgoing.method = method
    early.outgoing.path = `${url.pathname}${url.search}`
    for (const [name, value] of Object.entries(headers)) early.outgoing.setHeader(name, value)
    return early
  }

  /** Opens a connection for one later request to that host, as soon as it is in nobody's way, and sends nothing on it. */
  openEarly(url: URL): void {
    this.#wanted = url
    // Only after the requests that are being made in this turn: theirs go first.
    setImmediate(() => {
      this.#startEarly()
    })
  }

  /** Closes every connection, also those that are still being opened. */
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
    const spoil = (): void => {
      if (this.#early === early) this.#early = undefined
    }
    // A failure is told by the request that needs the host; if none does, nobody needs to know.
    early.outgoing.on('error', spoil).on('close', spoil)
    this.#early = early
  }

  async #takeEarly(url: URL): Promise<Prepared | undefined> {
    if (this.#wanted?.origin === url.origin) this.#wanted = undefined
    if (this.#early?.origin !== url.origin) return undefined
    // Whatever has arrived on it unasked is seen within one turn, and spoils it.
    await nextTurn()
    const taken = this.#early
    this.#early = undefined
    return taken
  }

  /** Behind a proxy, what is early or idle may stand in the way of what is needed now. */
  #clearTheWay(url: URL): void {
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

/** Gives a prepared request up, sent or not. One that has its whole answer leaves its connection to the next. */
export function drop({ outgoing, progress }: Prepared): void {
  outgoing.destroy()
  progress.abandon()
}

interface AgentOptions extends RequestOptions {
  readonly progress?: Progress
}

/** Node's agent, which keeps connections, with our way of opening them. */
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

/** Waits for a connection, and gives it only when nothing has come on it unasked. */
async function requireQuiet(opening: Promise<Socket>, progress: Progress): Promise<Socket> {
  const socket = await opening
  socket.on('error', ignore)
  refuseUnasked(socket)
  // What came together with the end of the handshake is told within one turn.
  await nextTurn()
  progress.abandon = ignore
  if (!socket.destroyed) return socket
  progress.phase = 'http'
  throw new Error('an answer came before anything was asked')
}

/** The connections on which an answer is awaited. */
const asked = new WeakSet<Socket>()

/** Bytes that come before anything was asked are no answer to what will be asked: the connection is of no use. */
function refuseUnasked(socket: Socket): void {
  socket.on('data', () => {
    if (!asked.has(socket)) socket.destroy()
  })
  socket.on('free', () => asked.delete(socket))
}
