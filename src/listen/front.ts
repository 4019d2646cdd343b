import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { ConnectionFacts, type Listened, plainAddress } from './connection-facts.ts'
import type { FrontLimits } from './limits.ts'
import { boundConnections, closeBehindWaiting, type Endpoint, listen, type ListenFailure } from './listen.ts'
import type { FrontEvents, OpenProtocol, Protocol } from './protocol.ts'

export type FrontOpening = { readonly opened: true; readonly front: Front } | ListenFailure

/**
 * One listener and the connections that it has accepted. Life: from openFront() through stopAccepting() until closed()
 * resolves, or until destroy(), which may be called at any time.
 */
export interface Front {
  /** The address that the system listens on: `::` or `0.0.0.0` for all. */
  readonly address: string
  readonly port: number
  /** The number of open connections. */
  readonly connections: number
  /**
   * Stops accepting connections. On each open connection the next response to begin says `Connection: close` and is the
   * last; a connection whose response had already begun is therefore open for one more request. Resolves when both are
   * in effect.
   */
  stopAccepting(): Promise<void>
  /** Ends the idle connections, after reading what has already arrived; a request among it is still answered. */
  closeIdle(): Promise<void>
  /** Resolves when the last connection has ended. Call stopAccepting() and closeIdle() first. */
  closed(): Promise<void>
  /** Closes the listener and ends every connection at once. Calling it again does nothing. */
  destroy(): void
}

/**
 * Opens a listener; resolves with the front, or with the reason why it cannot listen. `connectionsElsewhere` returns
 * how many connections are open on the other fronts that share the limit `connections`.
 */
export async function openFront(
  endpoint: Endpoint,
  openProtocol: OpenProtocol,
  events: FrontEvents,
  limits: FrontLimits,
  connectionsElsewhere: () => number = () => 0,
): Promise<FrontOpening> {
  const front = new ListeningFront(openProtocol(events, limits))
  const failure = await front.open(endpoint, events, () => limits.connections - connectionsElsewhere())
  return failure ?? { opened: true, front }
}

/** A `net` server that passes every socket that it accepts to one protocol. Owned by the host. */
class ListeningFront implements Front {
  readonly #protocol: Protocol
  readonly #listener: Server
  #listened: Listened = { scheme: 'http', address: undefined, port: 0 }
  #address = ''

  constructor(protocol: Protocol) {
    this.#protocol = protocol
    const { highWaterMark } = protocol
    // Without allowHalfOpen, node would close the connection before the answer to a client that has half-closed.
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) => {
      this.#accept(socket)
    })
  }

  async open(endpoint: Endpoint, events: FrontEvents, room: () => number): Promise<ListenFailure | undefined> {
    boundConnections(this.#listener, room, events)
    const failure = await listen(this.#listener, endpoint)
    if (failure !== undefined) return failure
    const { address, port } = this.#listener.address() as AddressInfo
    const everywhere = address === '::' || address === '0.0.0.0'
    this.#address = address
    this.#listened = { scheme: 'http', address: everywhere ? undefined : plainAddress(address), port }
    // A failed accept (no file descriptors left) affects that one client only, and the listener continues.
    this.#listener.on('error', () => undefined)
    return undefined
  }

  get address(): string {
    return this.#address
  }

  get port(): number {
    return this.#listened.port
  }

  get connections(): number {
    return this.#protocol.connections.size
  }

  async stopAccepting(): Promise<void> {
    await closeBehindWaiting(this.#listener)
    // Only now, because a client that is told `Connection: close` may at once make a new connection.
    this.#protocol.connections.drain()
  }

  closeIdle(): Promise<void> {
    return this.#protocol.connections.closeIdle()
  }

  closed(): Promise<void> {
    return this.#protocol.connections.empty()
  }

  destroy(): void {
    this.#listener.close()
    this.#protocol.connections.drain()
    this.#protocol.connections.destroy()
  }

  #accept(socket: Socket): void {
    // Without an address the client has already disconnected.
    if (socket.remoteAddress === undefined) socket.destroy()
    else this.#protocol.accept(socket, new ConnectionFacts(socket, this.#listened))
  }
}
