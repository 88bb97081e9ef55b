// Resets connections below TLS: immediately, or when the next request arrives.

import type { Socket } from 'node:net'

/** What lies under a TLS connection; only a TCP socket can be reset. */
const tcpSockets = new WeakMap<Socket, Socket>()
/** Connections whose next request is to be met with a reset. */
const doomed = new WeakSet<Socket>()

/** Says which TCP connection carries a TLS connection. */
export function carry(secure: Socket, tcp: Socket): void {
  tcpSockets.set(secure, tcp)
}

/** Resets (RST) a connection; without a known TCP connection under it, it is destroyed. */
export function reset(socket: Socket): void {
  const tcp = tcpSockets.get(socket)
  if (tcp === undefined) socket.destroy()
  else tcp.resetAndDestroy()
}

/** Has the server reset the connection when the next request comes on it. */
export function doom(socket: Socket): void {
  doomed.add(socket)
}

/** Whether the next request is to be met with a reset. */
export function isDoomed(socket: Socket): boolean {
  return doomed.has(socket)
}
