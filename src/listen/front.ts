import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { AddressCounts } from './address-counts.ts'
import { ConnectionFacts, type Listened, plainAddress } from './connection-facts.ts'
import type { Connections } from './connections.ts'
import { type Entrance, type FrontSettings, plainHttp } from './entrance.ts'
import type { FrontLimits } from './limits.ts'
import { boundConnections, closeBehindWaiting, type Endpoint, listen, type ListenFailure } from './listen.ts'
import type { FrontEvents, OpenProtocol, Protocol } from './protocol.ts'
import type { InheritedSocket, InheritedSockets } from '../platform/systemd/inherited-sockets.ts'

export type FrontOpening = { readonly opened: true; readonly front: Front } | ListenFailure

/**
 * One listener and the connections that it has accepted. Life: from openFront() through stopAccepting() until closed()
 * resolves, or until destroy(), which may be called at any time.
 */
export interface Front {
  /** The address that the system listens on: `::` or `0.0.0.0` for all. */
  readonly address: string
  readonly port: number
  /** Whether the service manager has opened the listener. */
  readonly isInherited: boolean
  /** The number of open connections, those in a TLS handshake included. */
  readonly connections: number
  /** Replaces the settings for the connections to come; open connections, also those in a handshake, keep theirs. */
  use(settings: FrontSettings): void
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
 * how many connections are open on the other fronts that share the limit `connections`. `inherited`: the sockets that
 * the service manager has opened; if one has this address and port, it is used.
 */
export async function openFront(
  endpoint: Endpoint,
  openProtocol: OpenProtocol,
  events: FrontEvents,
  limits: FrontLimits,
  connectionsElsewhere: () => number = () => 0,
  settings: FrontSettings = plainHttp,
  inherited?: InheritedSockets,
): Promise<FrontOpening> {
  const front = new ListeningFront(openProtocol(events, limits), events, limits, settings)
  const failure = await front.open(endpoint, () => limits.connections - connectionsElsewhere(), inherited)
  return failure ?? { opened: true, front }
}

/**
 * A `net` server that passes every socket that it accepts to a protocol: at once, or by an Entrance if the settings ask
 * for one. Owned by the host.
 */
class ListeningFront implements Front {
  readonly #http1: Protocol
  #http2: Protocol | undefined
  readonly #events: FrontEvents
  readonly #limits: FrontLimits
  #listener: Server
  /** Stops listening: closes the listener, or gives an inherited one back. Calling it again does nothing. */
  #unlisten: () => void
  #isInherited = false
  #listened: Listened = { scheme: 'http', address: undefined, port: 0 }
  #address = ''
  /** Undefined until there is a limit, so that nothing is counted. */
  #addresses: AddressCounts | undefined
  #entrance: Entrance | undefined
  /** Entrances of earlier settings, in which a handshake may be under way. */
  #earlier: readonly Entrance[] = []

  constructor(http1: Protocol, events: FrontEvents, limits: FrontLimits, settings: FrontSettings) {
    this.#http1 = http1
    this.#events = events
    this.#limits = limits
    const { highWaterMark } = http1
    // Without allowHalfOpen, node would close the connection before the answer to a client that has half-closed.
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, this.#accept)
    this.#unlisten = () => this.#listener.close()
    this.use(settings)
  }

  async open(endpoint: Endpoint, room: () => number, inherited?: InheritedSockets): Promise<ListenFailure | undefined> {
    const socket = inherited?.find(endpoint.address, endpoint.port)
    if (socket !== undefined) await this.#takeOver(socket, room)
    else {
      boundConnections(this.#listener, room, this.#events)
      const failure = await listen(this.#listener, endpoint)
      if (failure !== undefined) return failure
    }
    const { address, port } = this.#listener.address() as AddressInfo
    const everywhere = address === '::' || address === '0.0.0.0'
    this.#address = address
    const { scheme } = this.#listened
    this.#listened = { scheme, address: everywhere ? undefined : plainAddress(address), port }
    // A failed accept (no file descriptors left) affects that one client only, and the listener continues.
    this.#listener.on('error', () => undefined)
    return undefined
  }

  get address(): string {
    return this.#address
  }

  get isInherited(): boolean {
    return this.#isInherited
  }

  get port(): number {
    return this.#listened.port
  }

  get connections(): number {
    let sum = 0
    for (const { size } of this.#everyConnections()) sum += size
    return sum
  }

  use({ scheme, openEntrance, openHttp2 }: FrontSettings): void {
    this.#listened = { ...this.#listened, scheme }
    if (openHttp2 !== undefined) this.#http2 ??= openHttp2(this.#events, this.#limits)
    const http2 = openHttp2 === undefined ? undefined : this.#http2
    const replaced = this.#entrance === undefined ? [] : [this.#entrance]
    this.#earlier = [...this.#earlier, ...replaced].filter(({ connections }) => connections.size > 0)
    this.#entrance = openEntrance?.({ http1: this.#http1, http2 }, this.#events, this.#limits)
  }

  async stopAccepting(): Promise<void> {
    await closeBehindWaiting(this.#listener, this.#unlisten)
    // Only now, because a client that is told `Connection: close` may at once make a new connection.
    for (const connections of this.#everyConnections()) connections.drain()
  }

  async closeIdle(): Promise<void> {
    await Promise.all(this.#everyConnections().map((connections) => connections.closeIdle()))
  }

  async closed(): Promise<void> {
    // A connection moves from an entrance to a protocol, never back.
    for (const connections of this.#everyConnections()) await connections.empty()
  }

  destroy(): void {
    this.#unlisten()
    for (const connections of this.#everyConnections()) {
      connections.drain()
      connections.destroy()
    }
  }

  /** Uses a socket that the service manager has opened, in place of one of our own. */
  async #takeOver(socket: InheritedSocket, room: () => number): Promise<void> {
    const server = await socket.use({ highWaterMark: this.#http1.highWaterMark })
    const unbound = boundConnections(server, room, this.#events)
    server.on('connection', this.#accept)
    this.#listener = server
    this.#isInherited = true
    this.#unlisten = () => {
      this.#unlisten = () => undefined
      unbound()
      server.off('connection', this.#accept)
      socket.release()
    }
  }

  /** Those of the entrances first, then those of the protocols. */
  #everyConnections(): Connections[] {
    const entrances = this.#entrance === undefined ? this.#earlier : [...this.#earlier, this.#entrance]
    const all = entrances.map(({ connections }) => connections)
    all.push(this.#http1.connections)
    if (this.#http2 !== undefined) all.push(this.#http2.connections)
    return all
  }

  /** Closes a connection at once, as one beyond the limit of all connections. */
  #refuse(socket: Socket): void {
    const remoteAddress = plainAddress(socket.remoteAddress ?? '')
    socket.destroy()
    this.#events.onRefusal({ status: 0, failure: { kind: 'too-many-connections-of-address' }, remoteAddress })
  }

  /** Counts a connection if addresses have a limit, which may change; false if it is beyond it. */
  #admits(socket: Socket): boolean {
    if (this.#addresses === undefined) {
      if (!Number.isFinite(this.#limits.connectionsPerAddress)) return true
      this.#addresses = new AddressCounts(this.#limits)
    }
    return this.#addresses.admit(socket)
  }

  readonly #accept = (socket: Socket): void => {
    // Without an address the client has already disconnected.
    if (socket.remoteAddress === undefined) socket.destroy()
    else if (!this.#admits(socket)) this.#refuse(socket)
    else if (this.#entrance !== undefined) this.#entrance.accept(socket, this.#listened)
    else this.#http1.accept(socket, new ConnectionFacts(socket, this.#listened))
  }
}
