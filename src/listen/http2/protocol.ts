import type { Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import type { Clock } from '../../platform/clock.ts'
import { SendQueues } from '../../platform/send-queues.ts'
import { Connections } from '../connections.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents, OpenProtocol, Protocol } from '../protocol.ts'
import { DateField } from '../date-field.ts'
import { Http2Connection, type Http2Context } from './connection.ts'
import { TurnEnd } from '../turn-end.ts'

/** What one read takes: a TLS record of the largest size. */
const READ_BYTES = 16_384

/** Opens HTTP/2, for sockets whose clients have chosen it (ALPN `h2`), or are known to speak it. */
export function openHttp2Protocol(clock: Clock): OpenProtocol {
  return (events, limits) => new Http2Protocol(clock, events, limits)
}

/** Serves HTTP/2, and holds what its connections share. Life: that of its front. */
class Http2Protocol implements Protocol {
  readonly highWaterMark = 65_536
  readonly connections: Connections
  readonly #context: Http2Context

  constructor(clock: Clock, events: FrontEvents, limits: FrontLimits) {
    const date = new DateField(clock)
    const connections = new Connections(clock, limits, () => {
      date.refresh()
    })
    this.connections = connections
    this.#context = {
      events,
      limits,
      clock,
      date,
      queues: new SendQueues(),
      readBuffer: Buffer.allocUnsafeSlow(READ_BYTES),
      turn: new TurnEnd(),
      onClosed: (connection) => {
        connections.remove(connection)
      },
    }
  }

  accept(socket: Socket, facts: Connection): void {
    this.connections.add(new Http2Connection(socket, facts, this.#context))
  }
}
