import type { Failure } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'

export type RetireReason = 'config-change' | 'app-offline' | 'recycle' | 'removal' | 'host-stop'

/** Called for each exchange that ancmd answers instead of the application; `setting` is the setting that led to it. */
export type OnRefused = (exchange: Exchange, failure: Failure | { readonly kind: 'offline' }, setting?: string) => void

/**
 * What answers the requests for an application: the application itself (Serving), its app_offline.htm (Offline), or a
 * page with the problems of its configuration (Faulted). Each is a class of its own, so that serving a request needs no
 * question whether the application is offline. A retired presence gets no new exchange.
 */
export interface Presence {
  readonly name: 'serving' | 'offline' | 'faulted'
  /** Answers one exchange; settles when the reply is complete or aborted. Never rejects for an expected failure. */
  serve(exchange: Exchange): Promise<void> | undefined
  /** Stops gracefully; resolves when nothing of it is left. Idempotent. */
  retire(reason: RetireReason): Promise<void>
  /** Ends now. Idempotent. */
  destroy(): void
}

/**
 * When processes are started: when a request needs one; also as soon as a configuration is in force; or, besides that,
 * whenever the last one has crashed.
 */
export type StartMode = 'on-demand' | 'preloaded' | 'always-running'
