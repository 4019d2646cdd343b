import type { Socket } from 'node:net'
import type { SendQueues } from '../platform/send-queues.ts'

/**
 * Tells whether one client still reads what is sent to it. Two things count as progress: the operating system takes
 * bytes from Node, or the client acknowledges bytes that the operating system has taken. Both are needed, because the
 * operating system may hold megabytes and then take nothing more for minutes although a slow client reads. Owned by
 * the code that writes to the socket.
 */
export class WriteProgress {
  readonly #socket: Socket
  readonly #queues: SendQueues
  /** Bytes that the operating system had taken from Node at the last sweep. */
  #taken = 0
  /** Bytes that the client had not acknowledged when that was first looked up after the last progress. */
  #queued: number | undefined
  /** When the last progress was seen, or when nothing was left to send; monotonic ms. Undefined before the first sweep. */
  #since: number | undefined

  constructor(socket: Socket, queues: SendQueues) {
    this.#socket = socket
    this.#queues = queues
  }

  /**
   * Whether bytes have waited for the client for longer than `limitMs` without progress. Called at every sweep.
   * `unsent`, `written`: of all bytes written those that still wait in Node; of an HTTP/2 stream, instead of the socket.
   */
  hasStalled(
    now: number,
    limitMs: number,
    unsent: number = this.#socket.writableLength,
    written: number = unsent === 0 ? 0 : this.#socket.bytesWritten,
  ): boolean {
    // Bytes still in Node's buffer are not counted, because a new write is no progress.
    const taken = unsent === 0 ? 0 : written - unsent
    if (unsent === 0 || taken !== this.#taken) {
      this.#taken = taken
      this.#restart(now)
      return false
    }
    // What waits at the first sweep has not waited since the beginning of time.
    this.#since ??= now
    const waited = now - this.#since
    if (waited <= limitMs / 2) return false
    const queued = this.#queues.of(this.#socket, now)
    if (queued !== undefined && this.#queued !== undefined && queued < this.#queued) {
      this.#restart(now)
      return false
    }
    this.#queued ??= queued
    return waited > limitMs
  }

  #restart(now: number): void {
    this.#since = now
    this.#queued = undefined
  }
}
