// Opens a connection (name lookup, TCP, proxy tunnel, TLS) and records how far it has come.

import { request as requestInClear } from 'node:http'
import { connect, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as secure } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { isNativeError } from 'node:util/types'
import type { Phase } from '../errors/messages/services.ts'
import { bareHost, credentials } from './proxy.ts'

/** How far a connection has come. A failure is named by it. */
export interface Progress {
  phase: Phase
  /** Whether the phase belongs to the connection to the proxy. */
  atProxy: boolean
  /** The context that decides which certificates are trusted; undefined until the connection is opened. */
  trusted?: SecureContext | undefined
  /** Closes the connection, unless a request uses it already. */
  abandon: () => void
}

/** A proxy's response to CONNECT that refuses the tunnel. */
export class TunnelRefused extends Error {
  override readonly name = 'TunnelRefused'
  readonly status: number

  constructor(status: number) {
    super(`CONNECT was answered with ${status}`)
    this.status = status
  }
}

/** A rejected certificate, whatever Node.js calls the reason. */
export class CertificateRejected extends Error {
  override readonly name = 'CertificateRejected'
  readonly code: string | undefined

  /** @param cause the error from Node.js, whose message contains OpenSSL's words */
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

/** Opens a connection for HTTP requests. If it rejects, `progress` shows the phase that failed. */
export type Opener = (host: Host, proxy: URL | undefined, progress: Progress) => Promise<Socket>

/** How long each address of a name has before the next one is tried. Node's default, 250 ms, is too short for distant hosts. */
const ADDRESS_MS = 2_000

/** Opens a connection: TLS to the host, directly or through the proxy's tunnel. */
export function openConnection(host: Host, proxy: URL | undefined, progress: Progress): Promise<Socket> {
  // This isn't async, because what is thrown synchronously is a bug in this action, not a network failure.
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

/** @param transport the connection to use TLS on; without it, a new one is opened */
function openTls({ name, port }: Host, progress: Progress, transport?: Socket): Promise<Socket> {
  const socket = secure({
    ...(transport ? { socket: transport } : { port, noDelay: true, autoSelectFamilyAttemptTimeout: ADDRESS_MS }),
    ...(progress.trusted && { secureContext: progress.trusted }),
    host: name,
    servername: isIP(name) ? '' : name,
    ALPNProtocols: ['http/1.1'],
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment has no effect.
    rejectUnauthorized: true
  })
  if (transport) {
    progress.phase = 'tls'
    socket.on('close', () => transport.destroy())
  } else {
    follow(socket, name, progress).on('connect', () => {
      progress.phase = 'tls'
    })
  }
  return arrival(socket, 'secureConnect').catch((error: unknown) => {
    // It is typed as an Error, but undefined if the certificate is accepted.
    const fault: unknown = socket.authorizationError
    throw fault && isError(error) ? new CertificateRejected(error) : error
  })
}

/** Updates the progress while a connection is being opened. */
function follow(socket: Socket, name: string, progress: Progress): Socket {
  progress.phase = isIP(name) ? 'tcp' : 'name'
  progress.abandon = () => {
    socket.destroy()
  }
  return socket.on('lookup', (error: Error | null) => {
    if (!error) progress.phase = 'tcp'
  })
}

/** Opens a tunnel through the proxy to the host. */
async function openTunnel(host: Host, proxy: URL, progress: Progress): Promise<Socket> {
  const address = { name: bareHost(proxy), port: portOf(proxy) }
  const tcp = await openTcp(address, progress)
  const transport = proxy.protocol === 'https:' ? await openTls(address, progress, tcp) : tcp
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
      createConnection: () => transport
    })
    // By default, Node.js asks the proxy to close the connection.
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

/** Waits for an event; rejects if the connection fails or is closed first. */
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

/** Tells whether a thrown value is an error, including errors of Node.js if this code runs in a separate context, as in Jest. */
export function isError(thrown: unknown): thrown is Error {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Error.isError, which is to replace it, is missing in Node 22.
  return isNativeError(thrown)
}

/** Returns the port of a URL, or the default port of its scheme. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80))
}

export function ignore(): void {
  // Another listener handles the event, or there is nothing to close.
}
