// Listens on a free port of 127.0.0.1, and closes the server with all of its connections.

import type { Server, Socket } from 'node:net'
import { ignore } from './ignore.ts'

/** A server that listens. */
export interface Listener {
  /** Of 127.0.0.1. */
  readonly port: number
  /** The number of open connections. */
  readonly open: () => number
  /** Destroys every open connection. The server keeps listening. */
  readonly cut: () => void
  /** Closes the server and destroys every open connection. */
  readonly stop: () => Promise<void>
}

/**
 * Lets a server (TCP, TLS, HTTP or HTTPS) listen on a free port of 127.0.0.1.
 *
 * @throws Error from Node.js if the server can't listen
 */
export async function listen(server: Server): Promise<Listener> {
  const open = new Set<Socket>()
  server.on('connection', socket => {
    open.add(socket)
    // A broken connection is closed.
    socket.on('error', ignore)
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: portOf(server),
    open: () => open.size,
    cut,
    async stop() {
      const closed = new Promise<void>(resolve => {
        server.close(() => {
          resolve()
        })
      })
      cut()
      await closed
    }
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return address.port
}
