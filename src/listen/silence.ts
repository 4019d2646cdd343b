import type { Socket } from 'node:net'
import type { FrontLimits } from './front.ts'

type SilenceLimits = Pick<FrontLimits, 'headTimeout' | 'idleTimeout' | 'writeTimeout'>

/**
 * How long one client has been silent: at rest (nothing sent, or a head that does not end) and while it should read.
 * It counts the socket's bytes whenever it is asked, so that no request pays for a timer; owned by its connection.
 */
export class Silence {
  readonly #socket: Socket
  readonly #limits: SilenceLimits
  #restingSince: number
  #bytesAtRest = 0
  #headSince: number | undefined
  /** A connection that never sent a thing has no more time than one that dawdles over its first head. */
  #fresh = true
  #unread = 0
  #unreadSince = 0

  constructor(socket: Socket, limits: SilenceLimits, now: number) {
    this.#socket = socket
    this.#limits = limits
    this.#restingSince = now
  }

  /** A response has ended and nothing is under way. */
  rest(now: number): void {
    this.#restingSince = now
    this.#bytesAtRest = this.#socket.bytesRead
    this.#headSince = undefined
    this.#fresh = false
  }

  /** Some of the next head has come. */
  get headHasBegun(): boolean {
    return this.#socket.bytesRead !== this.#bytesAtRest
  }

  overdueAtRest(now: number): 'head' | 'idle' | undefined {
    if (this.headHasBegun) {
      this.#headSince ??= this.#fresh ? this.#restingSince : now
      return now - this.#headSince > this.#limits.headTimeout ? 'head' : undefined
    }
    const limit = this.#fresh ? this.#limits.headTimeout : this.#limits.idleTimeout
    return now - this.#restingSince > limit ? 'idle' : undefined
  }

  /** Bytes for the client have lain here for too long without one of them moving. */
  clientDoesNotRead(now: number): boolean {
    const unread = this.#socket.writableLength
    if (unread === 0 || unread !== this.#unread) {
      this.#unread = unread
      this.#unreadSince = now
      return false
    }
    return now - this.#unreadSince > this.#limits.writeTimeout
  }
}
