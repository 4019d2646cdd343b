/** One request in the queue of a connection, which answers requests in the order in which they came. */
export interface RequestSlot {
  /** Starts the request, once all requests before it have been answered. */
  begin(): void
  /** Whether its whole response has been written. */
  readonly answered: boolean
  /** Fails the body, which cannot be parsed. False: the body was complete, so the fault is in the bytes after it. */
  breakBody(cause: Error): boolean
  /** Called when the connection can take more bytes. */
  drained(): void
  /** Called when the connection has ended. */
  connectionEnded(): void
  sweep(now: number): void
}

/** A slot for input that is not a valid request: when its turn comes, `refuse` answers it and ends the connection. */
export function refusalSlot(refuse: () => void): RequestSlot {
  return {
    begin: refuse,
    answered: true,
    breakBody: () => true,
    drained: () => undefined,
    connectionEnded: () => undefined,
    sweep: () => undefined,
  }
}
