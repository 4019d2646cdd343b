import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import type { Front, FrontBinding, FrontEvents, FrontLimits, FrontOpening, OpenFront } from '../front.ts'
import { boundConnections, closeBehindWaiting, listen } from '../listen.ts'
import { Http1Clients } from './clients.ts'

/** Seam 2 on net sockets, with our own reader. Settles with the front or with the reason why it cannot listen. */
export function openHttp1Front(clock: Clock): OpenFront {
  return async (binding, events, limits) => {
    const front = new Http1Front(clock, events, limits)
    const refusal = await front.open(binding)
    return refusal ?? { opened: true, front }
  }
}

/**
 * Bytes that may lie in a client's socket before it counts as full. Above the 16 KiB that are usual, so that a response of
 * medium size, which the system takes at once, does not cost an event that says so.
 */
const HIGH_WATER_MARK = 65_536

/** A listener and its clients. Life: open → stopAccepting → closed, or destroy at any time; owned by the host. */
class Http1Front implements Front {
  readonly #listener: Server
  readonly #clients: Http1Clients
  #port = 0

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    this.#clients = new Http1Clients(clock, events, limits)
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER_MARK }
    this.#listener = createServer(options, (socket) => {
      this.#clients.accept(socket, 'http', this.#port)
    })
    boundConnections(this.#listener, limits.connections, events)
  }

  async open(binding: FrontBinding): Promise<Extract<FrontOpening, { opened: false }> | undefined> {
    const refusal = await listen(this.#listener, binding)
    if (refusal !== undefined) return refusal
    this.#port = (this.#listener.address() as AddressInfo).port
    // An accept that fails (no more file descriptors) concerns that client; the listener goes on.
    this.#listener.on('error', () => undefined)
    return undefined
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#clients.size
  }

  async stopAccepting(): Promise<void> {
    await closeBehindWaiting(this.#listener)
    // Not before: a client that hears that its connection ends makes a new one at once.
    this.#clients.drain()
  }

  closeIdle(): Promise<void> {
    return this.#clients.closeIdle()
  }

  closed(): Promise<void> {
    return this.#clients.empty()
  }

  destroy(): void {
    this.#listener.close()
    this.#clients.drain()
    this.#clients.destroy()
  }
}
