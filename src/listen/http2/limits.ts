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
  /** Malformed frames that a connection survives. */
  invalidFrames: 50,
  /** Milliseconds after bytes from the client before it is asked by a PING whether they were read. */
  pingAfterMs: 5_000,
  /** Limits of the library, above those of FrontLimits, so that a head between them gets an answer: 431. */
  headBytes: 32_768,
  headLines: 256,
  /** The largest response head that can be sent: above what a forwarder accepts from an application. */
  sendHeadBytes: 262_144,
  /** Megabytes that a connection may hold; with 100 large responses to a slow client the library's 10 are too few. */
  memoryMegabytes: 64,
})
