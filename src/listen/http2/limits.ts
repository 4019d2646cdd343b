/** The limits of an HTTP/2 connection that cannot be configured; those of heads, bodies and times are FrontLimits. */
export const http2Limits = Object.freeze({
  /** How many requests of one connection may be under way. */
  streams: 100,
  /** How many requests a connection may carry before it ends with a GOAWAY. */
  requests: 10_000,
  /**
   * How many requests may end before their answer within one window, whoever reset them, unless as many were answered;
   * more are a flood (CVE-2023-44487, CVE-2025-8671).
   */
  resets: 200,
  /** How many bytes beside heads and bodies a client may send within one window, and some for what it is sent. */
  overheadBytes: 2_097_152,
  windowMs: 10_000,
  /** Malformed requests that a connection survives. */
  invalidFrames: 50,
  /** Milliseconds after bytes from the client before it is asked by a PING whether it is still there. */
  pingAfterMs: 5_000,
  /** How much more of a head than FrontLimits allows is kept, and told to clients, so that the answer is 431. */
  extraHeadBytes: 16_384,
  headLines: 256,
  /**
   * How many bytes of a request's body may wait at first: a body of 64 KiB comes without being stopped. A stream whose
   * bytes are taken as they come gets a larger window, up to `largestWindow`, as long as all streams of the connection
   * together have got no more than `extraWindow` beyond that; so slow applications and hostile clients bound the memory.
   */
  streamWindow: 81_920,
  largestWindow: 1_048_576,
  extraWindow: 2_097_152,
  /** How many bytes of bodies may be on their way. What waits is bounded by the windows of the streams alone. */
  connectionWindow: 8_388_608,
  /** With more bytes unsent than this, a client is not read any more. */
  unsentBytes: 1_048_576,
})
