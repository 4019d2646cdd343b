import type { Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'

/** Limits of the front door; defaults are in `frontLimits`. */
export interface FrontLimits {
  /** Bytes of request line plus header fields; above: 431. */
  readonly headBytes: number
  /** Header field lines; above: 431. No field is ever dropped silently. */
  readonly headLines: number
  /** Milliseconds from the first byte of a head to its end. */
  readonly headTimeout: number
  /** Milliseconds a keep-alive connection may stay silent. */
  readonly idleTimeout: number
  /** Least body bytes a second, averaged, after the grace. */
  readonly minBodyRate: number
  readonly minBodyRateGrace: number
  /** Milliseconds that a client may leave our bytes unread. */
  readonly writeTimeout: number
  /** Open connections; above, new ones are refused. */
  readonly connections: number
}

export const frontLimits: FrontLimits = Object.freeze({
  headBytes: 16_384,
  headLines: 200,
  headTimeout: 30_000,
  idleTimeout: 120_000,
  minBodyRate: 240,
  minBodyRateGrace: 5_000,
  writeTimeout: 60_000,
  connections: 10_000,
})

export interface FrontBinding {
  readonly protocol: 'http'
  /** undefined = every address, IPv4 and IPv6. */
  readonly address: string | undefined
  /** 0 = any free one. */
  readonly port: number
}

export type FrontOpening =
  | { readonly opened: true; readonly front: Front }
  | {
      readonly opened: false
      readonly code: 'port-taken' | 'no-permission' | 'bad-address' | 'failed'
      readonly cause: Error
    }

/** Seam 2: clients' bytes become Exchanges. */
export interface Front {
  readonly port: number
  /** Live connections. */
  readonly connections: number
  /**
   * No new connections; on those that are open every response that begins from then on says `Connection: close` and is their
   * last. A connection whose response had begun before stays for one more request. Resolves when this is so.
   */
  stopAccepting(): Promise<void>
  /** Ends connections with nothing under way. What has come on them until now is read first, and answered. */
  closeIdle(): Promise<void>
  /** Resolves when the last connection has ended; with stopAccepting() and closeIdle() before. */
  closed(): Promise<void>
  /** Ends everything now. Idempotent. */
  destroy(): void
}

/** What a refused or broken request looked like, for the log; no field values. */
export interface ConnectionRefusal {
  readonly status: number
  /** `too-many-connections`, with status 0: a connection that is closed at once. */
  readonly failure: Failure | { readonly kind: 'too-many-connections' }
  readonly remoteAddress: string
}

export interface FrontEvents {
  readonly onExchange: (exchange: Exchange) => void
  readonly onRefusal: (refusal: ConnectionRefusal) => void
}

export type OpenFront = (binding: FrontBinding, events: FrontEvents, limits: FrontLimits) => Promise<FrontOpening>
