import type { Socket } from 'node:net'
import type { Connection } from '../http/exchange.ts'

/** What a socket says of its two ends; undefined when the client has already gone again. */
export function readConnectionFacts(socket: Socket): Connection | undefined {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  if (localAddress === undefined || localPort === undefined) return undefined
  return {
    scheme: 'http',
    localAddress: plainAddress(localAddress),
    localPort,
    remoteAddress: plainAddress(remoteAddress),
    remotePort,
    clientCertificate: undefined,
    onEnd: (listener) => {
      onSocketEnd(socket, listener)
    },
  }
}

/** Calls the listener once: when the socket has closed, or now if it has. */
export function onSocketEnd(socket: Socket, listener: () => void): void {
  if (socket.closed) listener()
  else socket.once('close', listener)
}

/** The authority that a request without a Host field was sent to. */
export function localAuthority(connection: Pick<Connection, 'localAddress' | 'localPort'>): string {
  const { localAddress, localPort } = connection
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${String(localPort)}`
}

/** An IPv4 client on a dual-stack socket is an IPv4 client. A zone is no part of an address outside this machine. */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}
