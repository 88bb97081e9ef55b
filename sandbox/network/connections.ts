// Resets connections below TLS: immediately, or when the next request arrives.

import type { Socket } from 'node:net'

/** The TCP connections below TLS. Only a TCP socket can be reset. */
const tcpSockets = new WeakMap<Socket, Socket>()
/** The connections to reset when the next request arrives. */
const doomed = new WeakSet<Socket>()

/** Records the TCP connection below a TLS connection. */
export function carry(secure: Socket, tcp: Socket): void {
  tcpSockets.set(secure, tcp)
}

/** Resets (RST) a connection, or destroys it if the TCP connection below isn't known. */
export function reset(socket: Socket): void {
  const tcp = tcpSockets.get(socket)
  if (tcp === undefined) socket.destroy()
  else tcp.resetAndDestroy()
}

/** Resets the connection when the next request arrives. */
export function doom(socket: Socket): void {
  doomed.add(socket)
}

/** Whether to reset the connection when the next request arrives. */
export function isDoomed(socket: Socket): boolean {
  return doomed.has(socket)
}
