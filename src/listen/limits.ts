/** Limits of the front door; `frontLimits` are the defaults. */
export interface FrontLimits {
  /** Bytes of request line plus header fields; above: 431. */
  readonly headBytes: number
  /** Header field lines; above: 431. No field is ever dropped silently. */
  readonly headLines: number
  /** Milliseconds from the first byte of a head to its end. */
  readonly headTimeout: number
  /** Milliseconds for which a keep-alive connection may stay without a request. */
  readonly idleTimeout: number
  /** Least body bytes a second, averaged, after the grace. */
  readonly minBodyRate: number
  /** Milliseconds. */
  readonly minBodyRateGrace: number
  /** Milliseconds that a client may leave our bytes unread. */
  readonly writeTimeout: number
  /** Open connections of all fronts of a host together; beyond them a new connection is closed at once. */
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
