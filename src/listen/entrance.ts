import type { Socket } from 'node:net'
import type { Listened } from './connection-facts.ts'
import type { Connections } from './connections.ts'
import type { FrontLimits } from './limits.ts'
import type { FrontEvents, OpenProtocol, Protocol } from './protocol.ts'

/** The protocols of one front. */
export interface FrontProtocols {
  readonly http1: Protocol
  /** Undefined: HTTP/2 is not offered to clients. */
  readonly http2: Protocol | undefined
}

/**
 * What happens on an accepted connection before its first request is read: a PROXY header, a TLS handshake, or both.
 * Its settings never change: a front whose settings change gets a new entrance, and the old one ends what it has begun.
 * Life: from the first connection that needs it until the last has gone; owned by the front.
 */
export interface Entrance {
  /** The connections that have not reached their protocol yet. */
  readonly connections: Connections
  accept(socket: Socket, listened: Listened): void
}

export type OpenEntrance = (protocols: FrontProtocols, events: FrontEvents, limits: FrontLimits) => Entrance

/** How a front treats the connections that it accepts; plain data that another value can replace at any time. */
export interface FrontSettings {
  readonly scheme: 'http' | 'https'
  /** Undefined: a connection begins with a request, so that its socket goes to the protocol at once. */
  readonly openEntrance: OpenEntrance | undefined
  /** Undefined: HTTP/2 is not offered to clients. */
  readonly openHttp2: OpenProtocol | undefined
}

/** Plain HTTP/1.1, without PROXY headers. */
export const plainHttp: FrontSettings = Object.freeze({
  scheme: 'http',
  openEntrance: undefined,
  openHttp2: undefined,
})
