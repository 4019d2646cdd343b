import type { Socket } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import type { Listened } from '../connection-facts.ts'
import { Connections } from '../connections.ts'
import type { Entrance, FrontProtocols, OpenEntrance } from '../entrance.ts'
import type { FrontLimits } from '../limits.ts'
import type { FrontEvents } from '../protocol.ts'
import { Arrival, type ArrivalContext } from './arrival.ts'
import type { Handshakes } from './handshakes.ts'

/** What a connection begins with. */
export interface ArrivalSettings {
  /** Undefined: plain HTTP. */
  readonly handshakes: Handshakes | undefined
}

/** Makes the entrances of a listener whose connections begin with something else than a request. */
export function arrivalEntrance(settings: ArrivalSettings, clock: Clock): OpenEntrance {
  return (protocols, events, limits) => new ArrivalEntrance(settings, clock, protocols, events, limits)
}

/** Makes an Arrival of each accepted connection. Owned by its front. */
class ArrivalEntrance implements Entrance {
  readonly connections: Connections
  readonly #context: ArrivalContext

  constructor(
    { handshakes }: ArrivalSettings,
    clock: Clock,
    { http1, http2 }: FrontProtocols,
    events: FrontEvents,
    limits: FrontLimits,
  ) {
    const connections = new Connections(clock, limits)
    this.connections = connections
    this.#context = {
      handshakes,
      deliver: (socket, facts, isHttp2) => {
        const protocol = isHttp2 ? (http2 ?? http1) : http1
        protocol.accept(socket, facts)
      },
      onRefusal: events.onRefusal,
      onGone: (arrival) => {
        connections.remove(arrival)
      },
      now: () => clock.now(),
      date: () => clock.wallTime().toUTCString(),
    }
  }

  accept(socket: Socket, listened: Listened): void {
    this.connections.add(new Arrival(socket, listened, this.#context))
  }
}
