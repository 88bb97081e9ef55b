// Provides the loopback network of the unit tests: trusted certificates, servers and proxies of the sandbox, and clients with short limits.

import { connect, createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Opener, Progress } from '../../src/network/connection.ts'
import { createClient } from '../../src/network/client.ts'
import type { Client, ClientOptions, Retry } from '../../src/network/client.ts'
import type { Limits } from '../../src/network/retry.ts'
import { answer } from '../../sandbox/network/answers.ts'
import { createCertificates } from '../../sandbox/network/certificates.ts'
import type { Certificate, Certificates } from '../../sandbox/network/certificates.ts'
import { ignore } from '../../sandbox/network/ignore.ts'
import { listen } from '../../sandbox/network/loopback.ts'
import { startProxy } from '../../sandbox/network/proxy.ts'
import type { Proxy, ProxyOptions } from '../../sandbox/network/proxy.ts'
import { startServer } from '../../sandbox/network/server.ts'
import type { StagedServer } from '../../sandbox/network/server.ts'
import { quote } from './failures.ts'

/** Long enough for a busy machine, short enough for a test that waits for it. */
export const SHORT: Limits = {
  attemptMs: 5_000,
  actionMs: 20_000,
  attempts: 3,
  bodyBytes: 1_048_576,
  pausesMs: [10, 20],
  unsaidLimitMs: 30,
  spreadMs: 20,
  roomMs: 0
}

export interface StagedClient extends Client {
  readonly retries: Retry[]
}

/** Stands before a server, so that a test sees which connections are open, and can cut them. */
export interface Relay {
  readonly url: string
  readonly accepted: () => number
  readonly open: () => number
  readonly cut: () => void
}

export interface Network {
  readonly certificates: Certificates
  /** Answers 200 with `{"fine":true}` unless it is staged otherwise. */
  readonly server: StagedServer
  startServer(certificate: Certificate): Promise<StagedServer>
  startProxy(options: ProxyOptions): Promise<Proxy>
  /** Before `server`. */
  startRelay(): Promise<Relay>
  /** A client that is closed by `reset()`. */
  client(options?: Partial<ClientOptions>): StagedClient
  /** Forgets what was staged, and closes every client. */
  reset(): void
  stop(): Promise<void>
}

/** Starts the network; this process trusts its CA until `stop()`. */
export async function startNetwork(): Promise<Network> {
  const certificates = await createCertificates()
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, certificates.ca])
  const stops: (() => Promise<void>)[] = []
  const clients: Client[] = []

  async function start(certificate: Certificate): Promise<StagedServer> {
    const server = await startServer({ model: answer(200, { fine: true }), certificate })
    stops.push(() => server.stop())
    return server
  }

  const server = await start(certificates.server)
  return {
    certificates,
    server,
    startServer: start,
    async startProxy(options) {
      const proxy = await startProxy(options)
      stops.push(() => proxy.stop())
      return proxy
    },
    startRelay: () => startRelay(server.port, stops),
    client(options = {}) {
      const retries: Retry[] = []
      const client = createClient({
        environment: {},
        nodeVersion: '24.19.0',
        quote,
        onRetry: retry => retries.push(retry),
        now: Date.now,
        uptime: () => performance.now(),
        limits: SHORT,
        readSystemStore: () => [],
        ...options
      })
      clients.push(client)
      return { ...client, retries }
    },
    reset() {
      server.reset()
      for (const client of clients.splice(0)) client.close()
    },
    async stop() {
      for (const client of clients.splice(0)) client.close()
      await Promise.all(stops.map(stop => stop()))
      await certificates.stop()
      setDefaultCACertificates(trusted)
    }
  }
}

async function startRelay(port: number, stops: (() => Promise<void>)[]): Promise<Relay> {
  let accepted = 0
  const relay = await listen(
    createServer(socket => {
      accepted++
      const onwards = connect({ port, host: '127.0.0.1' })
      socket.pipe(onwards).pipe(socket)
      onwards.on('error', ignore)
      onwards.on('close', () => socket.destroy())
      socket.on('close', () => onwards.destroy())
    })
  )
  stops.push(() => relay.stop())
  const { open, cut } = relay
  return { url: `https://localhost:${relay.port}`, accepted: () => accepted, open, cut }
}

/** Opens no connection, but fails as one does: for errors that no loopback server can cause. To be given as `open`. */
export function broken(
  error: Error,
  at: Partial<Pick<Progress, 'phase' | 'atProxy'>> = {}
): { readonly open: Opener; readonly times: () => number } {
  let times = 0
  return {
    times: () => times,
    open(_host, proxy, progress) {
      times++
      Object.assign(progress, { phase: 'tcp', atProxy: proxy !== undefined, ...at })
      return Promise.reject(error)
    }
  }
}
