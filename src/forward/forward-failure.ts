import type { Failure } from '../http/answer.ts'
import { UserNotTaken } from './known-users.ts'
import { BodyMalformed, BodyTooLarge, BodyTooSlow } from '../http/exchange.ts'

/** Why an exchange could not be forwarded: at which stage, and on which side. */
export interface ForwardFailure {
  /**
   * 'connect': as far as can be known the application has read nothing of the request; its body has not been read
   * either.
   */
  readonly kind: 'connect' | 'send-request' | 'await-response' | 'read-response' | 'upgrade'
  readonly side: 'client' | 'application' | 'timeout'
  /** Whether the response to the client had begun; then it can only be aborted. */
  readonly started: boolean
  readonly cause: unknown
}

/** The outcome of forwarding one exchange. */
export type Delivery =
  | { readonly outcome: 'delivered'; readonly status: number }
  | { readonly outcome: 'failed'; readonly failure: ForwardFailure }

/** The outcome of an exchange that could not be given to the application at all. */
export function failedToConnect(why: string): Delivery {
  const cause = new Error(why)
  return { outcome: 'failed', failure: { kind: 'connect', side: 'application', started: false, cause } }
}

/** The failure that the client gets an answer for, if its response has not begun. */
export function failureOf({ side, cause }: ForwardFailure): Failure {
  if (cause instanceof UserNotTaken) return { kind: 'user-not-taken' }
  // A timeout is 502.3 as in ANCM, never 504.
  if (side !== 'client') return { kind: 'forward-failed' }
  if (cause instanceof BodyTooLarge) return { kind: 'body-too-large' }
  if (cause instanceof BodyTooSlow) return { kind: 'body-too-slow' }
  if (cause instanceof BodyMalformed) return { kind: 'bad-request', why: 'the framing of its body is broken' }
  return { kind: 'client-gone' }
}
