import type { Socket } from 'node:net'
import type { Failure } from '../http/answer.ts'
import type { Connection, Exchange } from '../http/exchange.ts'
import type { FrontLimits } from './limits.ts'

/**
 * Reads requests from the sockets that a front has accepted, and makes an Exchange of each; it holds the open
 * connections of that front. Life: that of its front, which owns it.
 */
export interface Protocol {
  /** The highWaterMark of the accepted sockets in bytes; undefined for Node's default. */
  readonly highWaterMark: number | undefined
  /** The number of open connections. */
  readonly size: number
  /**
   * Serves a socket until it closes: a plain socket, or a TLS socket whose handshake is over. It must have been made
   * with allowHalfOpen, because otherwise node would close it before the answer to a client that has half-closed.
   * `facts` becomes the `connection` of every exchange on the socket.
   */
  accept(socket: Socket, facts: Connection): void
  /** Makes every connection, also a later one, end after its current exchange, or its next one if none is under way. */
  drain(): void
  /** Ends the idle connections, after reading what has already arrived; a request among it is still answered. */
  closeIdle(): Promise<void>
  /** Resolves when no connection is open. */
  empty(): Promise<void>
  /** Ends every connection at once. Calling it again does nothing. */
  destroy(): void
}

/** A request or connection that was refused, for the log; it has no field values, which may be confidential. */
export interface ConnectionRefusal {
  readonly status: number
  /** `too-many-connections`, with status 0, is a connection that was closed at once without an answer. */
  readonly failure: Failure | { readonly kind: 'too-many-connections' }
  readonly remoteAddress: string
}

/** What a front reports to its owner. */
export interface FrontEvents {
  readonly onExchange: (exchange: Exchange) => void
  readonly onRefusal: (refusal: ConnectionRefusal) => void
}

export type OpenProtocol = (events: FrontEvents, limits: FrontLimits) => Protocol
