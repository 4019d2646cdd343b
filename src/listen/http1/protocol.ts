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
import { DateField } from '../date-field.ts'
import { SharedHead } from './shared-head.ts'

/** Opens an HTTP/1.1 protocol that uses the reader of http1/. */
export function openHttp1Protocol(clock: Clock): OpenProtocol {
  return (events, limits) => new Http1Protocol(clock, events, limits)
}

/** Serves HTTP/1.1 with the reader of http1/, and holds what its connections share. Life: that of its front. */
class Http1Protocol implements Protocol {
  /**
   * More than Node's default of 16 KiB, so that writing a medium-sized response, which the operating system takes at
   * once, causes no `drain` event.
   */
  readonly highWaterMark = 65_536
  readonly connections: Connections
  readonly #context: ConnectionContext
  readonly #hosts: HostMemory = { last: '' }

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    const date = new DateField(clock)
    const connections = new Connections(clock, limits, () => {
      date.refresh()
    })
    this.connections = connections
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

  accept(socket: Socket, facts: Connection): void {
    const client = new Http1Client(facts, this.#hosts)
    this.connections.add(new Http1Connection(socket, client, this.#context))
  }
}
