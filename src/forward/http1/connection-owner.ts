import type { Connection } from '../../http/exchange.ts'
import type { ApplicationConnection } from './application-connection.ts'

/** The upstream that owns the connections. */
export interface ConnectionOwner {
  readonly port: number
  readonly spareBuffers: Buffer[]
  /** The time to record for an event that happens now, in monotonic milliseconds; see Ticker. */
  readonly stamp: number
  /** The number of the current turn of the event loop; only turns that follow a request are counted. */
  readonly turn: number
  /** The connection may carry another exchange. */
  onFree(connection: ApplicationConnection): void
  onClosed(connection: ApplicationConnection): void
}

/** Provides connections to the application. */
export interface ConnectionSource {
  /** A connection for an exchange: the one bound to the client, else a free one, else a new one. `fresh`: a new one. */
  take(client: Connection, fresh: boolean): ApplicationConnection
  /**
   * Binds a connection that may be authenticated now to this client: it carries no other client's requests any more.
   */
  bind(connection: ApplicationConnection, client: Connection): void
  /** Calls the delivery's sendIfAlive() at the end of this turn of the event loop. */
  atEndOfTurn(delivery: { sendIfAlive(): void }): void
}
