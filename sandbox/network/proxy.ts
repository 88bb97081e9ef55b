// Implements a CONNECT proxy on loopback, which alone can resolve the sandbox's host names. It doesn't read the traffic.

import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Certificate } from './certificates.ts'
import { ignore } from './ignore.ts'
import { listen } from './loopback.ts'

/** One request to the proxy. */
export interface RecordedConnect {
  readonly method: string
  /** `host:port` of a CONNECT; the URL of anything else. */
  readonly authority: string
  /** Whether it had the correct password, or needed none. */
  readonly authorized: boolean
  /** The status of the response; 0 if there was none. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** How it responds to the next requests: normally, with a status, not at all, or by closing the connection. */
export type ProxyBehavior = 'work' | 'hang' | 'close' | { readonly refuse: number }

export interface Proxy {
  /** Without the password. */
  readonly url: string
  /** For `HTTPS_PROXY`, with the username and password if required. */
  readonly urlWithPassword: string
  readonly port: number
  /** Where each `host:port` leads: a port of 127.0.0.1. */
  readonly hosts: Map<string, number>
  /** Every request that arrived, in order. */
  readonly connects: RecordedConnect[]
  behavior: ProxyBehavior
  /** Works normally again, and forgets what it recorded. */
  reset(): void
  /** Closes the proxy and destroys every open connection. */
  stop(): Promise<void>
}

export interface ProxyOptions {
  readonly hosts: Readonly<Record<string, number>>
  /** If set, they are required (407). */
  readonly credentials?: { readonly user: string; readonly password: string }
  /** Makes it an `https://` proxy. */
  readonly certificate?: Certificate
}

/** Starts a proxy on an ephemeral port of 127.0.0.1. It refuses an unknown host with 502. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { certificate, credentials } = options
  const server = certificate === undefined ? createHttpServer() : createHttpsServer(certificate)
  server.on('tlsClientError', ignore)
  server.on('request', (request: IncomingMessage, response) => {
    proxy.connects.push(recordOf(request, 405, credentials))
    response.writeHead(405).end('CONNECT only')
  })
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', ignore)
    const record = (status: number): void => {
      proxy.connects.push(recordOf(request, status, credentials))
    }
    const { behavior } = proxy
    if (behavior === 'work') {
      work(request, socket, { port: proxy.hosts.get((request.url ?? '').toLowerCase()), credentials, record })
    } else {
      misbehave(socket, behavior, record)
    }
  })

  const listener = await listen(server)
  const scheme = certificate === undefined ? 'http' : 'https'
  const proxy: Proxy = {
    url: `${scheme}://localhost:${listener.port}`,
    urlWithPassword: `${scheme}://${userInfo(credentials)}localhost:${listener.port}`,
    port: listener.port,
    hosts: new Map(Object.entries(options.hosts)),
    connects: [],
    behavior: 'work',
    reset() {
      proxy.behavior = 'work'
      proxy.connects.length = 0
    },
    async stop() {
      server.closeAllConnections()
      await listener.stop()
    }
  }
  return proxy
}

type Credentials = ProxyOptions['credentials']

interface Work {
  /** The port for a host; undefined if it is unknown. */
  readonly port: number | undefined
  readonly credentials: Credentials
  readonly record: (status: number) => void
}

function work(request: IncomingMessage, socket: Duplex, { port, credentials, record }: Work): void {
  if (!isAuthorized(request, credentials)) {
    record(407)
    refuse(socket, 407, 'Proxy-Authenticate: Basic realm="sandbox"\r\n')
  } else if (port === undefined) {
    record(502)
    refuse(socket, 502)
  } else {
    tunnel(socket, port, () => {
      record(200)
    })
  }
}

function misbehave(socket: Duplex, behavior: Exclude<ProxyBehavior, 'work'>, record: Work['record']): void {
  if (behavior === 'hang' || behavior === 'close') {
    record(0)
    if (behavior === 'close') socket.end()
  } else {
    record(behavior.refuse)
    refuse(socket, behavior.refuse)
  }
}

function recordOf(request: IncomingMessage, status: number, credentials: Credentials): RecordedConnect {
  return {
    method: request.method ?? '',
    authority: request.url ?? '',
    authorized: isAuthorized(request, credentials),
    status,
    headers: request.headers
  }
}

function isAuthorized(request: IncomingMessage, credentials: Credentials): boolean {
  if (credentials === undefined) return true
  const expected = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  return request.headers['proxy-authorization'] === `Basic ${expected}`
}

/** @param onOpen called when the connection is open, before any data */
function tunnel(socket: Duplex, port: number, onOpen: () => void): void {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
  upstream.once('connect', () => {
    onOpen()
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(upstream).pipe(socket)
  })
  upstream.on('error', ignore)
  // If one end breaks, the other end is closed.
  upstream.once('close', () => {
    socket.destroy()
  })
  socket.once('close', () => {
    upstream.destroy()
  })
}

function refuse(socket: Duplex, status: number, header = ''): void {
  socket.end(`HTTP/1.1 ${status} Refused by the sandbox\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`)
}

function userInfo(credentials: Credentials): string {
  if (credentials === undefined) return ''
  return `${encodeURIComponent(credentials.user)}:${encodeURIComponent(credentials.password)}@`
}
