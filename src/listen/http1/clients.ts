import type { Socket } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { SendQueues } from '../../platform/send-queues.ts'
import { Ticker } from '../../platform/ticker.ts'
import { ClientBuffers } from './client-buffers.ts'
import type { ConnectionContext } from './connection-context.ts'
import { Connections } from '../connections.ts'
import { DateField } from './date-field.ts'
import type { FrontEvents, FrontLimits } from '../front.ts'
import { SharedHead } from './shared-head.ts'
import { type HostMemory, ConnectionFacts } from './client-facts.ts'
import { Http1Connection } from './connection.ts'

/**
 * The clients of one HTTP/1.1 front, whatever listener accepts them, and the time for all of them. Life: that of the front, which
 * owns it; the clock runs only while somebody is connected.
 */
export class Http1Clients {
  readonly #connections = new Connections()
  readonly #context: ConnectionContext
  readonly #ticker: Ticker
  readonly #hosts: HostMemory = { last: '' }

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
      buffers: new ClientBuffers(),
      queues: new SendQueues(),
      now: () => clock.now(),
      stamp: () => this.#ticker.stamp,
      onClosed: (connection) => {
        this.#connections.remove(connection)
        if (this.#connections.size === 0) this.#ticker.stop()
      },
    }
  }

  get size(): number {
    return this.#connections.size
  }

  /**
   * Reads HTTP/1.1 from this socket from now on: a plain one, or a TLS one whose handshake is over and which speaks HTTP/1.1.
   * It must allow half-open use, because without that a client's end would cut its answer. `port` is the one listened on.
   */
  accept(socket: Socket, scheme: 'http' | 'https', port: number, clientCertificate?: string): void {
    // A client that has already gone has no address.
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return
    }
    if (this.#connections.size === 0) {
      this.#ticker.start()
      this.#context.date.refresh()
    }
    const client = new ConnectionFacts(socket, scheme, port, clientCertificate, this.#hosts)
    this.#connections.add(new Http1Connection(socket, client, this.#context))
  }

  /** Every connection ends after the exchange that is or comes under way. */
  drain(): void {
    this.#connections.drain()
  }

  closeIdle(): Promise<void> {
    return this.#connections.closeIdle()
  }

  /** Resolves when nobody is connected. */
  empty(): Promise<void> {
    return this.#connections.empty()
  }

  destroy(): void {
    this.#connections.destroy()
  }
}

/** Often enough that no limit is overrun by more than a half, at most twice a second: Date is made then, too. */
function sweepInterval(limits: FrontLimits): number {
  const shortest = Math.min(limits.headTimeout, limits.idleTimeout, limits.minBodyRateGrace, limits.writeTimeout)
  return Math.max(10, Math.min(500, shortest / 4))
}
