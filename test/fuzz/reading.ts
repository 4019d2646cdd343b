/** One request as a parser understood it; fields and trailers flat. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly fields: readonly string[]
  readonly body: string
  readonly trailers: readonly string[]
}

/** What a parser made of some bytes: the requests that were complete, and whether it refused what came then. */
export interface Reading {
  readonly requests: readonly ReadRequest[]
  readonly refused: boolean
}

/** Of a parser that says more: the request whose head was taken and whose body has not ended, with what there is of it. */
export interface OpenReading extends Reading {
  readonly begun: ReadRequest | undefined
}

/** Quicker than a general comparison: millions of readings are compared. */
export function isSameRequest(a: ReadRequest, b: ReadRequest): boolean {
  return (
    a.method === b.method &&
    a.target === b.target &&
    a.version === b.version &&
    a.body === b.body &&
    isSameList(a.fields, b.fields) &&
    isSameList(a.trailers, b.trailers)
  )
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
