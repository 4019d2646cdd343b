import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { ConnectionFacts, type Listened, plainAddress } from './connection-facts.ts'
import type { FrontLimits } from './limits.ts'
import { boundConnections, closeBehindWaiting, type Endpoint, listen, type ListenFailure } from './listen.ts'
import type { FrontEvents, OpenProtocol, Protocol } from './protocol.ts'

export type FrontOpening = { readonly opened: true; readonly front: Front } | ListenFailure

/** One listener, and the clients that it has accepted. Life: open → stopAccepting → closed, or destroy at any time. */
export interface Front {
  /** The address that the system listens on: `::` or `0.0.0.0` for all. */
  readonly address: string
  readonly port: number
  /** Live connections. */
  readonly connections: number
  /**
   * No new connections; on those that are open every response that begins from then on says `Connection: close` and is their
   * last. A connection whose response had begun before stays for one more request. Resolves when this is so.
   */
  stopAccepting(): Promise<void>
  /** Ends connections with nothing under way. What has come on them until now is read first, and answered. */
  closeIdle(): Promise<void>
  /** Resolves when the last connection has ended; with stopAccepting() and closeIdle() before. */
  closed(): Promise<void>
  /** Ends everything now. Idempotent. */
  destroy(): void
}

/**
 * Listens, and settles with the front or with the reason why it cannot. `connectionsElsewhere`: how many connections are open on
 * other fronts that share the limit of connections.
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

/** A `net` listener that hands the sockets that it accepts to a protocol. Owned by the host. */
class ListeningFront implements Front {
  readonly #protocol: Protocol
  readonly #listener: Server
  #listened: Listened = { scheme: 'http', address: undefined, port: 0 }
  #address = ''

  constructor(protocol: Protocol) {
    this.#protocol = protocol
    const { highWaterMark } = protocol
    // Without allowHalfOpen a client's end would cut its answer.
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
    // An accept that fails (no more file descriptors) concerns that client; the listener goes on.
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
    return this.#protocol.size
  }

  async stopAccepting(): Promise<void> {
    await closeBehindWaiting(this.#listener)
    // Not before: a client that hears that its connection ends makes a new one at once.
    this.#protocol.drain()
  }

  closeIdle(): Promise<void> {
    return this.#protocol.closeIdle()
  }

  closed(): Promise<void> {
    return this.#protocol.empty()
  }

  destroy(): void {
    this.#listener.close()
    this.#protocol.drain()
    this.#protocol.destroy()
  }

  #accept(socket: Socket): void {
    // A client that has already gone has no address.
    if (socket.remoteAddress === undefined) socket.destroy()
    else this.#protocol.accept(socket, new ConnectionFacts(socket, this.#listened))
  }
}
