// Owns the CONNECT proxy on loopback: it alone knows where the sandbox's made-up host names lead. Looks at no byte of what passes through.

import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Certificate } from './certificates.ts'

/** One request to the proxy. */
export interface RecordedConnect {
  readonly method: string
  /** `host:port` of a CONNECT; the URL of anything else. */
  readonly authority: string
  /** Whether the right password came with it (true when none is asked for). */
  readonly authorized: boolean
  /** What the proxy answered; 0 when it did not. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What it does with the next requests: its work, a refusal with a status, silence, or hanging up. */
export type ProxyBehaviour = 'work' | 'hang' | 'close' | { readonly refuse: number }

export interface Proxy {
  /** Without the password. */
  readonly url: string
  /** For `HTTPS_PROXY`, with user and password when they are asked for. */
  readonly urlWithPassword: string
  readonly port: number
  /** Where each `host:port` leads: a port of 127.0.0.1. */
  readonly hosts: Map<string, number>
  /** Every request that arrived, in order. */
  readonly connects: RecordedConnect[]
  behaviour: ProxyBehaviour
  /** Works again, and forgets what it recorded. */
  reset(): void
  /** Closes the proxy and destroys every open connection. */
  stop(): Promise<void>
}

export interface ProxyOptions {
  readonly hosts: Readonly<Record<string, number>>
  /** Asks for them (407) when given. */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Makes it an `https://` proxy. */
  readonly certificate?: Certificate
}

/** Starts a proxy on an ephemeral port of 127.0.0.1. A host it does not know is refused with 502. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { certificate, credentials } = options
  const server = certificate === undefined ? createHttpServer() : createHttpsServer(certificate)
  const open = new Set<Duplex>()

  server.on('connection', (socket: Duplex) => {
    track(socket)
  })
  server.on('tlsClientError', ignore)
  server.on('request', (request: IncomingMessage, response) => {
    record(request, 405)
    response.writeHead(405).end('CONNECT only')
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    track(socket)
    if (proxy.behaviour === 'hang') {
      record(request, 0)
    } else if (proxy.behaviour === 'close') {
      record(request, 0)
      socket.end()
    } else if (proxy.behaviour !== 'work') {
      refuse(request, socket, proxy.behaviour.refuse)
    } else if (!isAuthorized(request)) {
      refuse(request, socket, 407, 'Proxy-Authenticate: Basic realm="sandbox"\r\n')
    } else {
      tunnel(request, socket)
    }
  })

  function tunnel(request: IncomingMessage, socket: Duplex): void {
    const port = proxy.hosts.get((request.url ?? '').toLowerCase())
    if (port === undefined) {
      refuse(request, socket, 502)
      return
    }
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    track(upstream)
    upstream.once('connect', () => {
      record(request, 200)
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    upstream.once('error', () => {
      socket.destroy()
    })
    upstream.once('close', () => {
      socket.destroy()
    })
    socket.once('close', () => {
      upstream.destroy()
    })
  }

  function refuse(request: IncomingMessage, socket: Duplex, status: number, header = ''): void {
    record(request, status)
    socket.end(`HTTP/1.1 ${status} Refused by the sandbox\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`)
  }

  function record(request: IncomingMessage, status: number): void {
    proxy.connects.push({
      method: request.method ?? '',
      authority: request.url ?? '',
      authorized: isAuthorized(request),
      status,
      headers: request.headers
    })
  }

  function isAuthorized(request: IncomingMessage): boolean {
    if (credentials === undefined) return true
    const expected = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
    return request.headers['proxy-authorization'] === `Basic ${expected}`
  }

  function track(socket: Duplex): void {
    open.add(socket)
    socket.on('error', ignore)
    socket.on('close', () => open.delete(socket))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const scheme = certificate === undefined ? 'http' : 'https'
  const userInfo =
    credentials === undefined
      ? ''
      : `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`

  const proxy: Proxy = {
    url: `${scheme}://localhost:${port}`,
    urlWithPassword: `${scheme}://${userInfo}localhost:${port}`,
    port,
    hosts: new Map(Object.entries(options.hosts)),
    connects: [],
    behaviour: 'work',
    reset() {
      proxy.behaviour = 'work'
      proxy.connects.length = 0
    },
    async stop() {
      const closed = new Promise<void>(resolve => {
        server.close(() => {
          resolve()
        })
      })
      server.closeAllConnections()
      for (const socket of open) socket.destroy()
      await closed
    }
  }
  return proxy
}

function ignore(): void {
  // A connection that breaks is closed; nothing else is to be done.
}
