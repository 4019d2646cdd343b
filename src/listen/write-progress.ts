import type { Socket } from 'node:net'
import type { SendQueues } from '../platform/send-queues.ts'

/**
 * Whether one client reads what is sent to it. Its bytes move when our system takes them from us, and when the client's system
 * takes them from ours: as ours has room for megabytes, it may take nothing more for minutes from us while a slow client
 * reads. Owned by whoever writes to the socket.
 */
export class WriteProgress {
  readonly #socket: Socket
  readonly #queues: SendQueues
  /** Bytes that our system had taken at the last sweep. */
  #taken = 0
  /** Of these, the ones that the client's system had not taken when it was first asked. */
  #queued: number | undefined
  /** When bytes moved last, or there were none. */
  #since = 0

  constructor(socket: Socket, queues: SendQueues) {
    this.#socket = socket
    this.#queues = queues
  }

  /** Bytes for the client have lain here for longer than `limit` without one of them moving. Asked at each sweep. */
  stalls(now: number, limit: number): boolean {
    const unsent = this.#socket.writableLength
    // Bytes that are added are no progress: what counts is what has left.
    const taken = unsent === 0 ? 0 : this.#socket.bytesWritten - unsent
    if (unsent === 0 || taken !== this.#taken) {
      this.#taken = taken
      this.#restart(now)
      return false
    }
    const waited = now - this.#since
    if (waited <= limit / 2) return false
    const queued = this.#queues.of(this.#socket, now)
    if (queued !== undefined && this.#queued !== undefined && queued < this.#queued) {
      this.#restart(now)
      return false
    }
    this.#queued ??= queued
    return waited > limit
  }

  #restart(now: number): void {
    this.#since = now
    this.#queued = undefined
  }
}
