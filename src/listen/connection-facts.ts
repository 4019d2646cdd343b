import type { Socket } from 'node:net'
import type { Connection } from '../http/exchange.ts'

/** What is the same for every connection that one listener accepts. */
export interface Listened {
  readonly scheme: 'http' | 'https'
  /** Undefined if the listener is bound to all addresses; each socket then tells its own local address. */
  readonly address: string | undefined
  readonly port: number
}

/**
 * The addresses of both ends of a client's connection, as its socket gives them. Life: that of the connection, and
 * beyond it while an exchange of the connection is still referenced.
 */
export class ConnectionFacts implements Connection {
  readonly scheme: 'http' | 'https'
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly clientCertificate: string | undefined
  readonly #socket: Socket
  #localAddress: string | undefined

  /** The socket must be connected, because a socket loses its addresses when the client disconnects. */
  constructor(socket: Socket, listened: Listened, clientCertificate?: string) {
    this.#socket = socket
    this.scheme = listened.scheme
    this.localPort = listened.port
    this.#localAddress = listened.address
    this.clientCertificate = clientCertificate
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
  }

  /** Looked up on first use, because that is a system call. */
  get localAddress(): string {
    this.#localAddress ??= plainAddress(this.#socket.localAddress ?? '')
    return this.#localAddress
  }

  onEnd(listener: () => void): void {
    if (this.#socket.closed) listener()
    else this.#socket.once('close', listener)
  }
}

/** The authority for a request without a Host field: the local address and port of its connection. */
export function localAuthority(connection: Pick<Connection, 'localAddress' | 'localPort'>): string {
  const { localAddress, localPort } = connection
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${String(localPort)}`
}

/**
 * An address as it is shown and forwarded: `::ffff:1.2.3.4`, an IPv4 client on a dual-stack socket, becomes `1.2.3.4`,
 * and the zone (`%eth0`) is removed, because it has a meaning on this machine only.
 */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}
