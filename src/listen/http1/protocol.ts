import type { Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import type { Clock } from '../../platform/clock.ts'
import { SendQueues } from '../../platform/send-queues.ts'
import { Connections } from '../connections.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents, OpenProtocol, Protocol } from '../protocol.ts'
import { Http1Client, type HostMemory } from './client.ts'
import { ClientBuffers } from './client-buffers.ts'
import type { ConnectionContext } from './connection-context.ts'
import { Http1Connection } from './connection.ts'
import { DateField } from './date-field.ts'
import { SharedHead } from './shared-head.ts'

/** HTTP/1.1 with our own reader. */
export function openHttp1Protocol(clock: Clock): OpenProtocol {
  return (events, limits) => new Http1Protocol(clock, events, limits)
}

/** The clients that speak HTTP/1.1, read by ourselves, and what they share. Life: that of the front, which owns it. */
class Http1Protocol implements Protocol {
  /**
   * Above the 16 KiB that are usual, so that a response of medium size, which the system takes at once, does not cost an
   * event that says so.
   */
  readonly highWaterMark = 65_536
  readonly #connections: Connections
  readonly #context: ConnectionContext
  readonly #hosts: HostMemory = { last: '' }

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    const date = new DateField(clock)
    const connections = new Connections(clock, limits, () => {
      date.refresh()
    })
    this.#connections = connections
    this.#context = {
      limits,
      events,
      date,
      shared: new SharedHead(limits),
      buffers: new ClientBuffers(),
      queues: new SendQueues(),
      now: () => clock.now(),
      stamp: () => connections.stamp,
      onClosed: (connection) => {
        connections.remove(connection)
      },
    }
  }

  get size(): number {
    return this.#connections.size
  }

  accept(socket: Socket, facts: Connection): void {
    const client = new Http1Client(facts, this.#hosts)
    this.#connections.add(new Http1Connection(socket, client, this.#context))
  }

  drain(): void {
    this.#connections.drain()
  }

  closeIdle(): Promise<void> {
    return this.#connections.closeIdle()
  }

  empty(): Promise<void> {
    return this.#connections.empty()
  }

  destroy(): void {
    this.#connections.destroy()
  }
}
