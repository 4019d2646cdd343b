import type { Socket } from 'node:net'
import type { SendQueues } from '../platform/send-queues.ts'

/**
 * Whether what is sent to one client moves. Bytes move when the system takes them from us, and when the client's system takes
 * them from ours: that has room for megabytes, so a slow reader may keep us waiting for minutes. Owned by its connection.
 */
export class WriteProgress {
  readonly #socket: Socket
  readonly #queues: SendQueues
  /** Bytes that the system has taken. */
  #taken = 0
  /** Of these, the ones that the client's system had not, at the first look. */
  #queued: number | undefined
  #since = 0

  constructor(socket: Socket, queues: SendQueues) {
    this.#socket = socket
    this.#queues = queues
  }

  /** Bytes for the client have lain here for longer than `limit` without one of them moving. Asked at each sweep. */
  stalls(now: number, limit: number): boolean {
    const unsent = this.#socket.writableLength
    // That there is more to send is no progress.
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
