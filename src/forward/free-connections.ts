/** Of the kept-alive connections to one child that carry nothing, whichever engine holds them. */
export const freeConnections = Object.freeze({
  /** Milliseconds. Kestrel drops a silent one after 130 s (120 s before); well below that, nobody writes into one that is closing. */
  idle: 60_000,
  max: 256,
})
