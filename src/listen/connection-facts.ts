import type { Socket } from 'node:net'
import type { Connection, TlsFacts } from '../http/exchange.ts'

/** What is the same for every connection that one listener accepts. */
export interface Listened {
  readonly scheme: 'http' | 'https'
  /** Undefined if the listener is bound to all addresses; each socket then tells its own local address. */
  readonly address: string | undefined
  readonly port: number
}

/** The addresses of a connection as a proxy in front of this server reports them. */
export interface ProxiedAddresses {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

/** What was learnt about a connection before its first request. */
export interface Learnt {
  /** Undefined without TLS. */
  readonly tls?: TlsFacts | undefined
  /** The client's certificate as DER in Base64; undefined without one. */
  readonly clientCertificate?: string | undefined
  /** Undefined: the socket's own addresses hold. */
  readonly proxied?: ProxiedAddresses | undefined
}

const nothing: Learnt = Object.freeze({})

/**
 * The addresses of both ends of a client's connection, as its socket or a PROXY header gives them. Life: that of the
 * connection, and beyond it while an exchange of the connection is still referenced.
 */
export class ConnectionFacts implements Connection {
  readonly scheme: 'http' | 'https'
  readonly localPort: number
  readonly listenerPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly clientCertificate: string | undefined
  readonly tls: TlsFacts | undefined
  readonly isProxied: boolean
  idleTimeoutMs: number | undefined = undefined
  readonly #socket: Socket
  #localAddress: string | undefined
  #listenerAddress: string | undefined

  /** The socket must be connected, because a socket loses its addresses when the client disconnects. */
  constructor(socket: Socket, listened: Listened, { tls, clientCertificate, proxied }: Learnt = nothing) {
    this.#socket = socket
    this.scheme = listened.scheme
    this.listenerPort = listened.port
    this.#listenerAddress = listened.address
    this.localPort = proxied?.localPort ?? listened.port
    this.#localAddress = proxied?.localAddress ?? listened.address
    this.clientCertificate = clientCertificate
    this.tls = tls
    this.isProxied = proxied !== undefined
    this.remoteAddress = proxied?.remoteAddress ?? plainAddress(socket.remoteAddress ?? '')
    this.remotePort = proxied?.remotePort ?? socket.remotePort ?? 0
  }

  /** Looked up on first use, because that is a system call. */
  get localAddress(): string {
    this.#localAddress ??= this.listenerAddress
    return this.#localAddress
  }

  get listenerAddress(): string {
    this.#listenerAddress ??= plainAddress(this.#socket.localAddress ?? '')
    return this.#listenerAddress
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
