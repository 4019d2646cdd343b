import type { Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import type { RawClient } from '../../http1/passthrough.ts'
import { onSocketEnd, plainAddress } from '../connection-facts.ts'

/** The last Host that was found valid on any connection of a front: a new client's first is most often the same. */
export interface HostMemory {
  last: string
}

/**
 * The two ends of a client's socket, asked of the system when somebody wants to know; and what need be worked out only once
 * for them. Lives as long as the connection, and a little longer for whoever still holds an exchange of it.
 */
export class ConnectionFacts implements Connection, RawClient {
  readonly scheme: 'http' | 'https'
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  readonly clientCertificate: string | undefined
  headerCacheOwner: object | undefined
  headerCache = ''
  readonly #socket: Socket
  #localAddress: string | undefined
  readonly #hosts: HostMemory
  #host: string

  /** `localPort` is known to the front without asking. */
  constructor(
    socket: Socket,
    scheme: 'http' | 'https',
    localPort: number,
    clientCertificate: string | undefined,
    hosts: HostMemory,
  ) {
    this.#hosts = hosts
    this.#host = hosts.last
    this.#socket = socket
    this.scheme = scheme
    this.localPort = localPort
    this.clientCertificate = clientCertificate
    this.remoteAddress = plainAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
  }

  get localAddress(): string {
    this.#localAddress ??= plainAddress(this.#socket.localAddress ?? '')
    return this.#localAddress
  }

  onEnd(listener: () => void): void {
    onSocketEnd(this.#socket, listener)
  }

  /** A Host field that was found valid: most clients send the same one again. */
  learnHost(host: string): void {
    this.#host = host
    this.#hosts.last = host
  }

  /** Do these bytes spell the Host that was learnt? */
  knowsHost(bytes: Buffer, from: number, to: number): boolean {
    const host = this.#host
    if (host.length !== to - from || host === '') return false
    for (let i = 0; i < host.length; i++) if (bytes[from + i] !== host.charCodeAt(i)) return false
    return true
  }
}
