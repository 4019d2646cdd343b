import type { Failure } from '../http/answer.ts'
import { BodyMalformed, BodyTooLarge, BodyTooSlow } from '../http/exchange.ts'

/** How a forward ended when it did not end well: a closed list of stage × side. */
export interface ForwardFailure {
  /** `connect`: nobody in the application has read anything of the exchange, as far as can be known, and its body is still unread. */
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

/** What to tell the client of it, if its response has not begun. */
export function failureOf({ side, cause }: ForwardFailure): Failure {
  // A timeout is 502.3 as in ANCM, never 504.
  if (side !== 'client') return { kind: 'forward-failed' }
  if (cause instanceof BodyTooLarge) return { kind: 'body-too-large' }
  if (cause instanceof BodyTooSlow) return { kind: 'body-too-slow' }
  if (cause instanceof BodyMalformed) return { kind: 'bad-request', why: 'the framing of its body is broken' }
  return { kind: 'client-gone' }
}
