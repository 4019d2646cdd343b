import type { Socket } from 'node:net'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { FrontLimits } from '../front.ts'
import { WriteProgress } from '../write-progress.ts'

type SilenceLimits = Pick<FrontLimits, 'headTimeout' | 'idleTimeout' | 'writeTimeout'>

/** Bytes of CR LF. */
const EMPTY_LINE = 2

/**
 * How long one client has been silent: at rest (nothing sent, or a head that does not end) and while it should read.
 * It counts the socket's bytes whenever it is asked, so that no request pays for a timer; owned by its connection.
 */
export class NodeIdleTimeouts {
  readonly #socket: Socket
  readonly #limits: SilenceLimits
  readonly #progress: WriteProgress
  #restingSince: number
  #bytesAtRest = 0
  #headSince: number | undefined
  /** A connection that never sent a thing has no more time than one that dawdles over its first head. */
  #fresh = true

  constructor(socket: Socket, limits: SilenceLimits, now: number, queues: SendQueues) {
    this.#socket = socket
    this.#progress = new WriteProgress(socket, queues)
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

  /** Some of the next head has come: more than the empty line that some clients send behind a body (RFC 9112 2.2). */
  get headHasBegun(): boolean {
    return this.#socket.bytesRead - this.#bytesAtRest > EMPTY_LINE
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
    return this.#progress.stalls(now, this.#limits.writeTimeout)
  }
}
