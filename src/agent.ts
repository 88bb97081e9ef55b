// Owns connections: how one is opened, directly or through a proxy's tunnel, which are kept, and the early request. Knows nothing of what is asked and answered.

import { request as requestInClear } from 'node:http'
import type { ClientRequest } from 'node:http'
import { Agent, request } from 'node:https'
import type { RequestOptions } from 'node:https'
import { connect, isIP, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as secure } from 'node:tls'
import { bareHost, credentials } from './proxy.ts'

/**
 * How far a connection has come, which is what a failure is named by: looking up a name, TCP, TLS, the proxy's answer to
 * CONNECT, and at last HTTP with the host itself.
 */
export interface Progress {
  phase: 'name' | 'tcp' | 'tls' | 'tunnel' | 'http'
  /** Whether the phase is one of the way to the proxy. */
  atProxy: boolean
  /** Ends the connection, unless a request has it already. */
  abandon: () => void
}

/** A proxy's answer to CONNECT that opens no tunnel. */
export class TunnelRefused extends Error {
  override readonly name = 'TunnelRefused'
  readonly status: number

  constructor(status: number) {
    super(`CONNECT was answered with ${status}`)
    this.status = status
  }
}

/** A request of which nothing has been sent: `send()` sends it. */
export interface Prepared {
  readonly outgoing: ClientRequest
  readonly progress: Progress
}

export interface Host {
  /** A name or an address, without brackets. */
  readonly name: string
  readonly port: number
}

/** Opens a connection on which HTTP can be spoken. What it rejects with belongs to the phase that `progress` then shows. */
export type Opener = (host: Host, proxy: URL | undefined, progress: Progress) => Promise<Socket>

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
   * @param open only tests give another one
   */
  constructor(proxy: URL | undefined, open: Opener = openConnection) {
    this.#proxy = proxy
    this.#agent = createAgent(proxy, open)
    // A proxy may open one tunnel at a time: one that is kept would keep the next request waiting.
    this.#agent.on('free', (socket: Socket) => {
      if (proxy && (this.#unconnected.size > 0 || this.#wanted)) socket.destroy()
    })
  }

  /** Prepares a GET: on the early connection if there is one to that host, else on a kept one, else on a new one. */
  async prepare(url: URL, headers: Readonly<Record<string, string>>): Promise<Prepared> {
    const early = await this.#takeEarly(url)
    if (!early) {
      if (this.#proxy) this.#clearTheWay(url)
      return this.#make(url, headers)
    }
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

  #make(url: URL, headers: Readonly<Record<string, string>>): Prepared {
    const progress = startProgress()
    const options: AgentOptions = { agent: this.#agent, headers, progress }
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
    const early = { ...this.#make(url, {}), origin: url.origin }
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
    this.#wanted = undefined
    const own = `${bareHost(url)}:${portOf(url)}:`
    for (const [name, sockets = []] of Object.entries(this.#agent.freeSockets)) {
      if (!name.startsWith(own)) for (const socket of sockets) socket.destroy()
    }
  }
}

/** Sends a prepared request. */
export function send({ outgoing }: Prepared): void {
  const ask = (socket: Socket): void => {
    asked.add(socket)
  }
  if (outgoing.socket) ask(outgoing.socket)
  else outgoing.once('socket', ask)
  outgoing.end()
}

/** Gives a prepared request up, sent or not. One that has its whole answer leaves its connection to the next. */
export function drop({ outgoing, progress }: Prepared): void {
  outgoing.destroy()
  progress.abandon()
}

interface AgentOptions extends RequestOptions {
  readonly progress?: Progress
}

function startProgress(): Progress {
  return { phase: 'name', atProxy: false, abandon: ignore }
}

/** Node's agent, which keeps connections, with our way of opening them. */
function createAgent(proxy: URL | undefined, open: Opener): Agent {
  const agent = new Agent({ keepAlive: true })
  agent.createConnection = (options: AgentOptions, callback) => {
    const progress = options.progress ?? startProgress()
    open({ name: options.host ?? '', port: Number(options.port) }, proxy, progress).then(
      socket => {
        progress.abandon = ignore
        socket.on('error', ignore)
        refuseUnasked(socket)
        callback?.(null, socket)
      },
      (error: unknown) => {
        callback?.(error instanceof Error ? error : new Error('no connection'), new Socket())
      }
    )
    return undefined
  }
  return agent
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

/** How long each address of a name has before the next is tried. Node's 250 ms would cut off every far one. */
const ADDRESS_MS = 2_000

async function openConnection(host: Host, proxy: URL | undefined, progress: Progress): Promise<Socket> {
  if (!proxy) return await openTls(host, progress)
  progress.atProxy = true
  const tunnel = await openTunnel(host, proxy, progress)
  progress.atProxy = false
  return await openTls(host, progress, tunnel)
}

function openTcp({ name, port }: Host, progress: Progress): Promise<Socket> {
  const socket = connect({ host: name, port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
  return arrival(follow(socket, name, progress), 'connect')
}

/** @param way a connection that TLS is to be spoken on; without it, one is opened */
function openTls({ name, port }: Host, progress: Progress, way?: Socket): Promise<Socket> {
  const socket = secure({
    ...(way ? { socket: way } : { port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS }),
    host: name,
    servername: isIP(name) ? '' : name,
    ALPNProtocols: ['http/1.1'],
    // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
    rejectUnauthorized: true
  })
  if (way) {
    progress.phase = 'tls'
    socket.on('close', () => way.destroy())
  } else {
    follow(socket, name, progress).on('connect', () => {
      progress.phase = 'tls'
    })
  }
  return arrival(socket, 'secureConnect')
}

/** Keeps the progress of a connection that is being opened up to date. */
function follow(socket: Socket, name: string, progress: Progress): Socket {
  progress.phase = isIP(name) ? 'tcp' : 'name'
  progress.abandon = () => {
    socket.destroy()
  }
  return socket.on('lookup', (error: Error | null) => {
    if (!error) progress.phase = 'tcp'
  })
}

/** A connection through the proxy to the host, on which nothing has been said yet. */
async function openTunnel(host: Host, proxy: URL, progress: Progress): Promise<Socket> {
  const address = { name: bareHost(proxy), port: portOf(proxy) }
  const tcp = await openTcp(address, progress)
  const way = proxy.protocol === 'https:' ? await openTls(address, progress, tcp) : tcp
  progress.phase = 'tunnel'
  const authority = `${isIP(host.name) === 6 ? `[${host.name}]` : host.name}:${host.port}`
  const basic = credentials(proxy)
  return await new Promise((resolve, reject) => {
    const asking = requestInClear({
      method: 'CONNECT',
      path: authority,
      headers: {
        ...(basic && { 'proxy-authorization': `Basic ${Buffer.from(basic).toString('base64')}` }),
        'proxy-connection': 'keep-alive',
        host: authority
      },
      createConnection: () => way
    })
    // Node would ask the proxy to close.
    asking.removeHeader('connection')
    asking
      .on('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
        if (statusCode >= 200 && statusCode < 300) {
          if (head.length > 0) socket.unshift(head)
          resolve(socket)
        } else {
          socket.destroy()
          reject(new TunnelRefused(statusCode))
        }
      })
      .on('error', reject)
      .end()
  })
}

/** Waits for the event; rejects when the connection fails or is closed before. */
function arrival(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket
      .once(event, () => {
        resolve(socket)
      })
      .on('error', reject)
      .on('close', () => {
        reject(new Error('closed'))
      })
  })
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

function ignore(): void {
  // Whoever needs to know is told in another way.
}
