import { AddressSet } from '../platform/address-set.ts'

/**
 * The limits for the clients of a front; `frontLimits` has the defaults. The object that a front gets is read whenever a
 * limit is checked: its owner may change it while the front is open.
 */
export interface FrontLimits {
  /** The most bytes of request line and header fields together, as MaxRequestBytes of HTTP.sys; more is answered with 431. */
  readonly headBytes: number
  /** The most header field lines; a head with more is answered with 431, so that no field is dropped silently. */
  readonly headLines: number
  /** Milliseconds from the first byte of a head to its end. */
  readonly headTimeoutMs: number
  /** Milliseconds for which a kept-alive connection may wait for its next request. */
  readonly idleTimeoutMs: number
  /** The lowest average rate at which a client may send a body, in bytes per second. */
  readonly minBodyRate: number
  /** Milliseconds of waiting for a body before minBodyRate applies to it. */
  readonly minBodyRateGraceMs: number
  /** Milliseconds for which a client may read nothing while bytes wait to be sent to it. */
  readonly writeTimeoutMs: number
  /** The most requests on one HTTP/1.1 connection; the answer to the last one says that the connection ends. */
  readonly requestsPerConnection: number
  /** The most open connections of one client address on one front; a further one is closed at once. */
  readonly connectionsPerAddress: number
  /** The addresses that may have more: those of trusted proxies, which have many clients. */
  readonly exemptAddresses: AddressSet
  /** The most open connections of all fronts of a host together; a further one is closed at once. */
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
  requestsPerConnection: 10_000,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  exemptAddresses: AddressSet.none,
  connections: 10_000,
})
