// Owns how a connection is opened: the name, TCP, a proxy's tunnel, TLS, and how far it has come meanwhile. Keeps none.

import { request as requestInClear } from 'node:http'
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as secure } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { isNativeError } from 'node:util/types'
import type { Phase } from '../errors/messages/services.ts'
import { bareHost, credentials } from './proxy.ts'

/** How far a connection has come, which is what a failure is named by. */
export interface Progress {
  phase: Phase
  /** Whether the phase is one of the way to the proxy. */
  atProxy: boolean
  /** By what it accepts certificates; undefined for what Node trusts by itself. */
  trusted?: SecureContext | undefined
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

/** A certificate that was not accepted, whatever Node calls the reason. */
export class CertificateRejected extends Error {
  override readonly name = 'CertificateRejected'
  readonly code: string | undefined

  /** @param cause what Node says: its code, and in its message the words of OpenSSL */
  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause })
    this.code = cause.code
  }
}

export function startProgress(): Progress {
  return { phase: 'name', atProxy: false, abandon: ignore }
}

export interface Host {
  /** A name or an address, without brackets. */
  readonly name: string
  readonly port: number
}

/** Opens a connection on which HTTP can be spoken. What it rejects with belongs to the phase that `progress` then shows. */
export type Opener = (host: Host, proxy: URL | undefined, progress: Progress) => Promise<Socket>

/** How long each address of a name has before the next is tried. Node's 250 ms would cut off every far one. */
const ADDRESS_MS = 2_000

/** Opens a connection: TLS to the host, directly or through the proxy's tunnel. */
export function openConnection(host: Host, proxy: URL | undefined, progress: Progress): Promise<Socket> {
  // Not async: what is thrown at once is a bug of ours, and no failure of the network.
  return proxy ? openThrough(proxy, host, progress) : openTls(host, progress)
}

async function openThrough(proxy: URL, host: Host, progress: Progress): Promise<Socket> {
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
    ...(progress.trusted && { secureContext: progress.trusted }),
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
  return arrival(socket, 'secureConnect').catch((error: unknown) => {
    // Typed as an Error, but a connection without fault has none.
    const fault: unknown = socket.authorizationError
    throw fault && isError(error) ? new CertificateRejected(error) : error
  })
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

/** Whether something thrown is an error, also one of Node's own when this code runs in a context of its own. */
export function isError(thrown: unknown): thrown is Error {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Error.isError, which is to replace it, is missing in Node 22.
  return isNativeError(thrown)
}

/** The port of a URL, by its scheme when it names none. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

export function ignore(): void {
  // Whoever needs to know is told in another way.
}
