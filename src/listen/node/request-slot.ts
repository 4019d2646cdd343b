/** One request's place in the order in which a connection answers. */
export interface RequestSlot {
  /** Everything before it has been answered: it may answer now. */
  begin(): void
  /** Nothing of its response is missing any more. */
  readonly answered: boolean
  /** What was to be the request's body cannot be parsed; false if all of it had arrived, so that the fault lies behind it. */
  breakBody(cause: Error): boolean
  /** The connection can take more bytes. */
  drained(): void
  /** The connection has ended. */
  connectionEnded(): void
  sweep(now: number): void
}

/** The place of what never became a request: when its turn comes it is refused, which ends the connection. */
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
