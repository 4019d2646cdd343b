import type { Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'

export type RetireReason = 'config-change' | 'app-offline' | 'recycle' | 'host-stop'

/** Hears of each exchange that gets an answer of ours instead of the application's; `setting` is what decides it. */
export type OnRefused = (exchange: Exchange, failure: Failure | { readonly kind: 'offline' }, setting?: string) => void

/**
 * Who answers for an application just now: the application itself, its app_offline.htm, or its configuration's problems.
 * Being offline is not an `if`: it is somebody. A retired presence gets no new exchange.
 */
export interface Presence {
  readonly name: 'serving' | 'offline' | 'faulted'
  /** Answers one exchange; settles when the reply is complete or aborted. Never rejects for an expected failure. */
  serve(exchange: Exchange): Promise<void> | undefined
  /** Stops gently; resolves when nothing of it is left. Idempotent. */
  retire(reason: RetireReason): Promise<void>
  /** Ends now. Idempotent. */
  destroy(): void
}
