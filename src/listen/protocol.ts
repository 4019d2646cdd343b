import type { Socket } from 'node:net'
import type { Failure } from '../http/answer.ts'
import type { Connection, Exchange } from '../http/exchange.ts'
import type { Connections } from './connections.ts'
import type { FrontLimits } from './limits.ts'

/** Reads requests from the sockets that a front has accepted, and makes an Exchange of each. Life: that of its front. */
export interface Protocol {
  /** The highWaterMark of the accepted sockets in bytes; undefined for Node's default. */
  readonly highWaterMark: number | undefined
  /** The open connections of this protocol. */
  readonly connections: Connections
  /**
   * Serves a socket until it closes: a plain socket, or a TLS socket whose handshake is over. It must have been made
   * with allowHalfOpen, because otherwise node would close it before the answer to a client that has half-closed.
   * `facts` becomes the `connection` of every exchange on the socket.
   */
  accept(socket: Socket, facts: Connection): void
}

/** A request or connection that was refused, for the log; it has no field values, which may be confidential. */
export interface ConnectionRefusal {
  readonly status: number
  /** The failures of a connection have status 0: it was closed without an answer. */
  readonly failure: Failure | ConnectionFailure
  readonly remoteAddress: string
}

/** Why a connection was closed, before its first request or (`flood`) because of useless HTTP/2 frames or resets. */
export type ConnectionFailure =
  /** `untrusted-proxy`: a PROXY header is expected, and the peer is none of the proxies that may send one. */
  | {
      readonly kind:
        | 'too-many-connections'
        | 'too-many-connections-of-address'
        | 'handshake-too-slow'
        | 'untrusted-proxy'
        | 'flood'
    }
  /** `why`: a sentence, or the code of TLS. */
  | { readonly kind: 'handshake-failed' | 'bad-proxy-header'; readonly why: string }

/** What a front reports to its owner. */
export interface FrontEvents {
  readonly onExchange: (exchange: Exchange) => void
  readonly onRefusal: (refusal: ConnectionRefusal) => void
}

export type OpenProtocol = (events: FrontEvents, limits: FrontLimits) => Protocol
