import type { Clock } from '../../platform/clock.ts'
import { freeConnections } from '../free-connections.ts'
import { ApplicationSession, type SessionOwner } from './application-session.ts'
import type { PulseTimes } from './application-pulse.ts'
import { sessionLimits } from './limits.ts'

/** A request that waits for a stream. */
export interface StreamWaiter {
  /** Whether the request has a body, so that it needs the window of its connection. */
  readonly hasBody: boolean
  /** One stream of this connection is reserved for the request. */
  given(session: ApplicationSession): void
  /** There is no connection to the application. */
  refused(cause: Error): void
}

/**
 * The HTTP/2 connections to one child. Life: from when the child listens until destroy(), at its end; owned by the
 * upstream. Invariants: every connection is in #sessions until it has ended; a request waits only while no connection
 * has room, and one is being opened or as many as allowed are there.
 */
export class ApplicationSessions implements SessionOwner {
  readonly port: number
  readonly clock: Clock
  readonly times: PulseTimes
  readonly #sessions: ApplicationSession[] = []
  readonly #waiting = new Set<StreamWaiter>()
  /** How to cancel the end of each connection without streams. */
  readonly #idle = new Map<ApplicationSession, () => void>()
  #isRetired = false
  #isDestroyed = false

  constructor(port: number, clock: Clock, times: PulseTimes) {
    this.port = port
    this.clock = clock
    this.times = times
  }

  /** Gives a stream to the request, now or later. */
  take(waiter: StreamWaiter): void {
    const session = this.#choose(waiter)
    if (session !== undefined) {
      this.#reserve(session)
      waiter.given(session)
      return
    }
    this.#waiting.add(waiter)
    this.#connectFor(this.#waiting.size)
  }

  /** The request waits no more. */
  withdraw(waiter: StreamWaiter): void {
    this.#waiting.delete(waiter)
  }

  /** Gives back a reserved stream, which has ended or was not opened. */
  release(session: ApplicationSession): void {
    session.streams -= 1
    this.onFree(session)
  }

  /** From now on a connection ends as soon as it has no streams. */
  retire(): void {
    this.#isRetired = true
    for (const session of [...this.#sessions]) if (session.streams === 0 && !session.isConnecting) this.#end(session)
  }

  destroy(cause: Error): void {
    this.#isDestroyed = true
    for (const session of [...this.#sessions]) session.destroy(cause)
  }

  onReady(session: ApplicationSession): void {
    this.onFree(session)
  }

  onFree(session: ApplicationSession): void {
    this.#serve()
    if (session.streams > 0 || !this.#sessions.includes(session)) return
    if (this.#isRetired || session.hasEnded || session.isDistrusted) this.#end(session)
    else if (!this.#idle.has(session)) {
      const cancel = this.clock.after(freeConnections.idle, () => {
        this.#end(session)
      })
      this.#idle.set(session, cancel)
    }
  }

  onClosed(session: ApplicationSession, cause: Error): void {
    this.#forget(session)
    if (this.#waiting.size === 0 || this.#isDestroyed) return
    // The others serve those who wait, when they get room.
    if (this.#sessions.some((other) => other.isConnecting || other.isOpen)) return
    if (session.hasServed) {
      this.#connectFor(this.#waiting.size)
      return
    }
    for (const waiter of [...this.#waiting]) {
      this.#waiting.delete(waiter)
      waiter.refused(cause)
    }
  }

  /** The connection with the most streams that has room, so that the others become free. */
  #choose({ hasBody }: StreamWaiter): ApplicationSession | undefined {
    let best: ApplicationSession | undefined
    let full: ApplicationSession | undefined
    for (const session of this.#sessions) {
      if (!session.hasRoom) continue
      if (hasBody && session.streams > 0 && !session.hasWindow) full ??= session
      else if (best === undefined || session.streams > best.streams) best = session
    }
    return best ?? (this.#sessions.length < sessionLimits.sessions ? undefined : full)
  }

  #reserve(session: ApplicationSession): void {
    session.reserve()
    this.#idle.get(session)?.()
    this.#idle.delete(session)
  }

  #serve(): void {
    for (const waiter of [...this.#waiting]) {
      const session = this.#choose(waiter)
      if (session === undefined) continue
      this.#waiting.delete(waiter)
      this.#reserve(session)
      waiter.given(session)
    }
    this.#connectFor(this.#waiting.size)
  }

  /** Opens connections for so many requests, unless enough are being opened. */
  #connectFor(count: number): void {
    let coming = 0
    for (const session of this.#sessions) if (session.isConnecting) coming += EXPECTED_STREAMS
    while (coming < count && this.#sessions.length < sessionLimits.sessions) {
      this.#sessions.push(new ApplicationSession(this))
      coming += EXPECTED_STREAMS
    }
  }

  #end(session: ApplicationSession): void {
    this.#forget(session)
    session.close()
  }

  #forget(session: ApplicationSession): void {
    this.#idle.get(session)?.()
    this.#idle.delete(session)
    const at = this.#sessions.indexOf(session)
    if (at >= 0) this.#sessions.splice(at, 1)
  }
}

/** How many streams a connection is expected to take, before its settings are known; RFC 9113 6.5.2 recommends it. */
const EXPECTED_STREAMS = 100
