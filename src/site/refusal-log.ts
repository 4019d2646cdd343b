import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import type { Clock } from '../platform/clock.ts'

/** A request that ancmd answered instead of the application. */
export interface RequestRefusal {
  /** 0 for a connection that was closed without an answer. */
  readonly status: number
  /** IIS's substatus; 0 where there is none. */
  readonly substatus: number
  /** The kind of failure, such as `body-too-large`. */
  readonly reason: string
  /** More about the reason. */
  readonly why?: string | undefined
  /** The setting that led to it, as written in web.config: `maxAllowedContentLength="30000000"`. */
  readonly setting?: string | undefined
  readonly remoteAddress: string
  readonly method?: string
  /** Without the query. */
  readonly path?: string
  /** IIS's application id, where one was found. */
  readonly app?: string
}

/** For each reason and application, `maxLines` refusals are written within this time; the others are counted. */
const intervalMs = 10_000
const maxLines = 5
/** A code of TLS. There are few of them, so that no client can make the table of counts grow. */
const isCode = /^ERR_[A-Z0-9_]{1,60}$/
/** Longer paths are cut to this number of characters. */
const maxPathLength = 256

interface Window {
  lines: number
  omitted: number
  readonly end: () => void
  readonly cancel: () => void
}

/**
 * Writes a line at level info for each refused request, so that an operator knows the reason. The number of lines is
 * bounded, so that no client can fill the disk. Life: as long as its owner, the ProxyHost; close() writes the counts
 * that are left.
 */
export class RefusalLog {
  readonly #clock: Clock
  readonly #windows = new Map<string, Window>()
  readonly #counts = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * How many requests and connections have been refused, by reason, whether they have a line in the log or not. A failed
   * handshake is counted by its code: `handshake-failed ERR_SSL_NO_SHARED_CIPHER`.
   */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** @param log the application's log, or the daemon's for a request that is for no application */
  write(log: Log, refusal: RequestRefusal): void {
    const { reason, why } = refusal
    const counted = why !== undefined && isCode.test(why) ? `${reason} ${why}` : reason
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1)
    const key = `${refusal.app ?? ''} ${refusal.reason}`
    const window = this.#windows.get(key) ?? this.#open(key, log, refusal)
    if (window.lines === maxLines) {
      window.omitted += 1
      return
    }
    window.lines += 1
    const { path } = refusal
    const isLong = path !== undefined && path.length > maxPathLength
    events.requestRefused(log, isLong ? { ...refusal, path: `${path.slice(0, maxPathLength)}…` } : refusal)
  }

  /** Idempotent. */
  close(): void {
    for (const { cancel, end } of this.#windows.values()) {
      cancel()
      end()
    }
  }

  #open(key: string, log: Log, { app, status, substatus, reason }: RequestRefusal): Window {
    const end = (): void => {
      this.#windows.delete(key)
      if (window.omitted > 0) events.requestsRefused(log, { app, status, substatus, reason, count: window.omitted })
    }
    const window: Window = { lines: 0, omitted: 0, end, cancel: this.#clock.after(intervalMs, end) }
    this.#windows.set(key, window)
    return window
  }
}
