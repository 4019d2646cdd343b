/** Limits of the free kept-alive connections to one child, the same for both engines. */
export const freeConnections = Object.freeze({
  /**
   * How long a connection may be free, in milliseconds. Kestrel closes one after 130 s (older versions 120 s); this is
   * well below, so that no request is written into a connection that is being closed.
   */
  idle: 60_000,
  /** How many connections may be free. */
  max: 256,
})
