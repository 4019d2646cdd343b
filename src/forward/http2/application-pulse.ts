import type { Clock } from '../../platform/clock.ts'

/** The times of an ApplicationPulse; sessionLimits has them. */
export interface PulseTimes {
  /** Milliseconds without a byte from the application until it is asked by a PING. */
  readonly pingAfterMs: number
  /** Milliseconds that it has for the answer. */
  readonly pingTimeoutMs: number
}

/** The part of a connection that its pulse uses. */
export interface PulseOwner {
  /** The bytes that have come from the application so far. */
  readonly bytesRead: number
  /** Whether somebody waits for the application. */
  readonly isAwaited: boolean
  /** Sends a PING. `onAnswer` is called when its answer has come. */
  ping(onAnswer: () => void): void
  /** The application does not answer. Called once; the pulse has stopped. */
  onSilent(): void
}

/**
 * Finds out that nobody reads a connection to the application any more, or that what came was garbage, after which
 * Node's library does not always go on to read. While somebody waits for the application and nothing comes, it is asked
 * by a PING, which every HTTP/2 server answers whatever its requests are doing. Life: from the connection's beginning
 * to its end; owned by it. Invariant: one timer at most.
 */
export class ApplicationPulse {
  readonly #owner: PulseOwner
  readonly #clock: Clock
  readonly #times: PulseTimes
  #cancel: (() => void) | undefined
  /** What had come when the present time limit began. */
  #bytes = 0

  constructor(owner: PulseOwner, clock: Clock, times: PulseTimes) {
    this.#owner = owner
    this.#clock = clock
    this.#times = times
  }

  /** Somebody begins to wait for the application. */
  start(): void {
    if (this.#cancel === undefined) this.#rest()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #rest(): void {
    this.#bytes = this.#owner.bytesRead
    this.#cancel = this.#clock.after(this.#times.pingAfterMs, () => {
      this.#cancel = undefined
      if (!this.#owner.isAwaited) return
      if (this.#owner.bytesRead === this.#bytes) this.#ask()
      else this.#rest()
    })
  }

  #ask(): void {
    const cancel = this.#clock.after(this.#times.pingTimeoutMs, () => {
      this.#cancel = undefined
      // A long answer may come before that to the PING.
      if (this.#owner.bytesRead === this.#bytes) this.#owner.onSilent()
      else this.#rest()
    })
    this.#cancel = cancel
    this.#owner.ping(() => {
      if (this.#cancel !== cancel) return
      cancel()
      this.#rest()
    })
  }
}
