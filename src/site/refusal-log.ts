import type { Log } from '../log/entry.ts'
import * as events from '../log/events.ts'
import type { Clock } from '../platform/clock.ts'

/** A request that we answered ourselves instead of its application. */
export interface RequestRefusal {
  /** 0: a connection that was closed without an answer. */
  readonly status: number
  /** IIS's, 0 where there is none. */
  readonly substatus: number
  /** The kind of failure, a closed list: `body-too-large`. */
  readonly reason: string
  /** More than the kind says. */
  readonly why?: string | undefined
  /** What decides it, as it is written where it can be changed: `maxAllowedContentLength="30000000"`. */
  readonly setting?: string | undefined
  readonly remoteAddress: string
  readonly method?: string
  /** Without the query. */
  readonly path?: string
  /** IIS's application id, where one was found. */
  readonly app?: string
}

/** Milliseconds in which `mostLines` are written for one reason of one application; the rest is counted. */
const interval = 10_000
const mostLines = 5
/** Characters of a path that are written. */
const mostOfPath = 256

interface Window {
  lines: number
  leftOut: number
  readonly end: () => void
  readonly cancel: () => void
}

/**
 * One line at info for each request that we refuse, so that an operator need not guess; bounded, so that a client cannot fill
 * the disk with them. Owner: the host. Life: as long as that; close() tells what is still untold.
 */
export class RefusalLog {
  readonly #clock: Clock
  readonly #windows = new Map<string, Window>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `log`: the application's own, or the daemon's. */
  tell(log: Log, refusal: RequestRefusal): void {
    const key = `${refusal.app ?? ''} ${refusal.reason}`
    const window = this.#windows.get(key) ?? this.#open(key, log, refusal)
    if (window.lines === mostLines) {
      window.leftOut += 1
      return
    }
    window.lines += 1
    const { path } = refusal
    const isLong = path !== undefined && path.length > mostOfPath
    events.requestRefused(log, isLong ? { ...refusal, path: `${path.slice(0, mostOfPath)}…` } : refusal)
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
      if (window.leftOut > 0) events.requestsRefused(log, { app, status, substatus, reason, count: window.leftOut })
    }
    const window: Window = { lines: 0, leftOut: 0, end, cancel: this.#clock.after(interval, end) }
    this.#windows.set(key, window)
    return window
  }
}
