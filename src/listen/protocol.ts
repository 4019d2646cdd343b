import type { Socket } from 'node:net'
import type { Failure } from '../http/answer.ts'
import type { Connection, Exchange } from '../http/exchange.ts'
import type { FrontLimits } from './limits.ts'

/**
 * What a front's clients speak, and all connections on which they do: it reads requests from sockets that somebody else has
 * accepted, and makes Exchanges of them. Life: that of its front, which owns it.
 */
export interface Protocol {
  /** Bytes that may lie in an accepted socket before it counts as full; undefined: Node's default. */
  readonly highWaterMark: number | undefined
  /** Live connections. */
  readonly size: number
  /**
   * Serves this socket until it closes: a plain one, or a TLS one whose handshake is over. It must allow half-open use,
   * because without that a client's end would cut its answer. `facts` is what every exchange of it says of its connection.
   */
  accept(socket: Socket, facts: Connection): void
  /** Every connection ends after the exchange that is or comes under way; also those that are accepted from now on. */
  drain(): void
  /** Ends connections with nothing under way. What has come on them until now is read first, and answered. */
  closeIdle(): Promise<void>
  /** Resolves when nobody is connected. */
  empty(): Promise<void>
  /** Ends every connection now. Idempotent. */
  destroy(): void
}

/** What a refused or broken request looked like, for the log; no field values. */
export interface ConnectionRefusal {
  readonly status: number
  /** `too-many-connections`, with status 0: a connection that is closed at once. */
  readonly failure: Failure | { readonly kind: 'too-many-connections' }
  readonly remoteAddress: string
}

/** What a front reports to its owner. */
export interface FrontEvents {
  readonly onExchange: (exchange: Exchange) => void
  readonly onRefusal: (refusal: ConnectionRefusal) => void
}

export type OpenProtocol = (events: FrontEvents, limits: FrontLimits) => Protocol
