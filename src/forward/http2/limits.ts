/** Limits of the HTTP/2 connections to one child. */
export const sessionLimits = Object.freeze({
  /** Connections to one child; beyond them requests wait for a stream. Kestrel takes 100 streams on each. */
  sessions: 32,
  /** Streams on one connection, even if the application allows more. */
  streamsPerSession: 1_000,
  /** Requests over one connection in its life: half of the stream numbers that there are. */
  streamsInALife: 2 ** 29,
  /** Megabytes of Node's own buffers for one connection. */
  sessionMemory: 128,
  /** The window of all responses on one connection, in bytes. Each of them has 65,535 bytes of its own. */
  connectionWindow: 1_048_576,
  /**
   * A connection whose window for requests is smaller than this, in bytes, gets no further request body if another
   * connection can be had: applications that do not read their bodies have used the window up.
   */
  usefulWindow: 16_384,
  /**
   * Milliseconds without a byte from an application that is waited for, until it is asked by a PING, and how long it has
   * for the answer. Kestrel answers a PING at once whatever its requests do, unless it has no thread left: .NET's own
   * client gives up after 20 s, but an application that has run out of threads for a while comes back.
   */
  pingAfterMs: 15_000,
  pingTimeoutMs: 30_000,
  /** How often a request is sent again that the application has not processed. */
  attempts: 3,
})
