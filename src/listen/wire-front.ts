import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../platform/clock.ts'
import { Ticker } from '../platform/ticker.ts'
import type { ConnectionContext } from './connection-context.ts'
import { Connections } from './connections.ts'
import { DateField } from './date-field.ts'
import type { Front, FrontBinding, FrontEvents, FrontLimits, FrontOpening, OpenFront } from './front.ts'
import { listen } from './listen.ts'
import { SharedHead } from './shared-head.ts'
import { WireClient } from './wire-client.ts'
import { WireConnection } from './wire-connection.ts'

/** Seam 2 on net sockets, with our own reader. Settles with the front or with the reason why it cannot listen. */
export function openWireFront(clock: Clock): OpenFront {
  return async (binding, events, limits) => {
    const front = new WireFront(clock, events, limits)
    const refusal = await front.open(binding)
    return refusal ?? { opened: true, front }
  }
}

/**
 * Accepts connections and keeps the time for all of them. Life: open → stopAccepting → closed, or destroy at any time; owned
 * by the host.
 */
class WireFront implements Front {
  readonly #listener: Server
  readonly #connections = new Connections()
  readonly #context: ConnectionContext
  readonly #ticker: Ticker
  #port = 0

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    const date = new DateField(clock)
    this.#ticker = new Ticker(clock, sweepInterval(limits), (now) => {
      date.refresh()
      this.#connections.sweep(now)
    })
    this.#context = {
      limits,
      events,
      date,
      shared: new SharedHead(limits),
      now: () => clock.now(),
      stamp: () => this.#ticker.stamp,
      onClosed: (connection) => {
        this.#connections.remove(connection)
        if (this.#connections.size === 0) this.#ticker.stop()
      },
    }
    // allowHalfOpen, because without it a client's end would cut its answer.
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket)
    })
    this.#listener.maxConnections = limits.connections
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
    return this.#connections.size
  }

  stopAccepting(): void {
    this.#listener.close()
    this.#connections.drain()
  }

  closeIdle(): void {
    this.#connections.closeIdle()
  }

  closed(): Promise<void> {
    return this.#connections.empty()
  }

  destroy(): void {
    this.stopAccepting()
    this.#connections.destroy()
  }

  #accept(socket: Socket): void {
    // A client that has already gone has no address.
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return
    }
    if (this.#connections.size === 0) {
      this.#ticker.start()
      this.#context.date.refresh()
    }
    this.#connections.add(
      new WireConnection(socket, new WireClient(socket, 'http', this.#port, undefined), this.#context),
    )
  }
}

/** Often enough that no limit is overrun by more than a quarter, at most twice a second: Date is made then, too. */
function sweepInterval(limits: FrontLimits): number {
  const shortest = Math.min(limits.headTimeout, limits.idleTimeout, limits.minBodyRateGrace, limits.writeTimeout)
  return Math.max(10, Math.min(500, shortest / 4))
}
