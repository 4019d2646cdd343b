/** Any whole response that the daemon writes itself. */
export interface Answer {
  readonly status: number
  /** IIS's substatus: 5 in 502.5. Shown on the page and in the access log, not on the wire. */
  readonly substatus: number
  readonly reason: string
  /** Flat name, value, …: Content-Type and whatever the status asks for; never Content-Length or Connection. */
  readonly headers: readonly string[]
  readonly body: string | Uint8Array
  /** The connection ends after this answer, because what follows on it cannot be trusted. */
  readonly close: boolean
}
