import type { Socket } from 'node:net'
import type { Connection } from '../http/exchange.ts'

/** What a listener knows of every connection that it accepts. */
export interface Listened {
  readonly scheme: 'http' | 'https'
  /** undefined: it listens on every address, and each socket knows its own. */
  readonly address: string | undefined
  readonly port: number
}

/**
 * The two ends of a client's connection, as its socket says. Life: as long as the connection, and a little longer for whoever
 * still holds an exchange of it.
 */
export class ConnectionFacts implements Connection {
  readonly scheme: 'http' | 'https'
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly clientCertificate: string | undefined
  readonly #socket: Socket
  #localAddress: string | undefined

  /** The socket is connected: one that its client has left again no longer knows its addresses. */
  constructor(socket: Socket, listened: Listened, clientCertificate?: string) {
    this.#socket = socket
    this.scheme = listened.scheme
    this.localPort = listened.port
    this.#localAddress = listened.address
    this.clientCertificate = clientCertificate
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
  }

  /** Asked of the system only when somebody wants to know. */
  get localAddress(): string {
    this.#localAddress ??= plainAddress(this.#socket.localAddress ?? '')
    return this.#localAddress
  }

  onEnd(listener: () => void): void {
    if (this.#socket.closed) listener()
    else this.#socket.once('close', listener)
  }
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
