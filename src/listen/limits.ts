/** Limits of what clients may do on a front's connections; `frontLimits` are the defaults. */
export interface FrontLimits {
  /** Bytes of request line plus header fields; above: 431. */
  readonly headBytes: number
  /** Header field lines; above: 431. No field is ever dropped silently. */
  readonly headLines: number
  /** Milliseconds from the first byte of a head to its end. */
  readonly headTimeoutMs: number
  /** Milliseconds for which a keep-alive connection may stay without a request. */
  readonly idleTimeoutMs: number
  /** The least average rate in bytes a second at which a client may send a body. */
  readonly minBodyRate: number
  /** Milliseconds of a body's transfer before minBodyRate is applied to it. */
  readonly minBodyRateGraceMs: number
  /** Milliseconds for which a client may read nothing of what is sent to it. */
  readonly writeTimeoutMs: number
  /** Open connections of all fronts of a host together; beyond them a new connection is closed at once. */
  readonly connections: number
}

export const frontLimits: FrontLimits = Object.freeze({
  headBytes: 16_384,
  headLines: 200,
  headTimeoutMs: 30_000,
  idleTimeoutMs: 120_000,
  minBodyRate: 240,
  minBodyRateGraceMs: 5_000,
  writeTimeoutMs: 60_000,
  connections: 10_000,
})
