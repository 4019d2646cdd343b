/** How a forward ended when it did not end well: a closed list of stage × side. */
export interface ForwardFailure {
  readonly kind: 'connect' | 'send-request' | 'await-response' | 'read-response' | 'upgrade'
  readonly side: 'client' | 'application' | 'timeout'
  /** Had the response to the client begun? Then only an abort is left. */
  readonly started: boolean
  readonly cause: unknown
}

/** What became of one forwarded exchange. */
export type Delivery =
  | { readonly outcome: 'delivered'; readonly status: number }
  | { readonly outcome: 'failed'; readonly failure: ForwardFailure }
