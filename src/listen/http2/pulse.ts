import type { Socket } from 'node:net'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { FrontLimits } from '../limits.ts'
import { http2Limits } from './limits.ts'

/**
 * Finds out whether a client is still there: one whose machine has gone says nothing, and its requests would stay open
 * for ever. A client that has sent something is asked by a PING some time later. Owned by its connection.
 */
export class Pulse {
  readonly #ping: () => void
  readonly #socket: Socket
  readonly #queues: SendQueues
  readonly #pingAfterMs: number
  readonly #busyLimitMs: number
  /** Bytes that had come when the last PING was answered. */
  #provenBytes = 0
  #answeredAt: number
  /** When the PING that is under way was sent, or when something has come since. */
  #askedAt: number | undefined
  #bytesSince = 0
  #queued: number | undefined

  /** `ping` sends a PING; its answer is told by answered(). */
  constructor(socket: Socket, queues: SendQueues, now: number, { headTimeoutMs }: FrontLimits, ping: () => void) {
    this.#ping = ping
    this.#socket = socket
    this.#queues = queues
    this.#answeredAt = now
    this.#pingAfterMs = Math.min(http2Limits.pingAfterMs, headTimeoutMs)
    this.#busyLimitMs = headTimeoutMs
  }

  /** Called when the PING was answered. */
  answered(): void {
    if (this.#askedAt === undefined) return
    this.#answeredAt = this.#askedAt
    this.#askedAt = undefined
    this.#provenBytes = this.#socket.bytesRead
  }

  /** Called at each sweep. `isBusy`: requests are under way. False: the client is gone. */
  beats(now: number, isBusy: boolean): boolean {
    const { bytesRead } = this.#socket
    if (this.#askedAt !== undefined) return this.#stillWaits(now, bytesRead, isBusy, this.#askedAt)
    if (bytesRead === this.#provenBytes || now - this.#answeredAt < this.#pingAfterMs) return true
    this.#askedAt = now
    this.#bytesSince = bytesRead
    this.#queued = undefined
    this.#ping()
    return true
  }

  #stillWaits(now: number, bytesRead: number, isBusy: boolean, askedAt: number): boolean {
    const limitMs = isBusy ? this.#busyLimitMs : this.#pingAfterMs
    // What comes before the answer, a long upload, shows that the client is there.
    if (bytesRead !== this.#bytesSince) {
      this.#bytesSince = bytesRead
      this.#askedAt = now
      return true
    }
    if (now - askedAt <= limitMs) return true
    // A slow client may have the end of an answer to read before the PING.
    const queued = this.#queues.of(this.#socket, now)
    const hasProgress = queued !== undefined && queued > 0 && (this.#queued === undefined || queued < this.#queued)
    this.#queued = queued
    if (hasProgress) this.#askedAt = now
    return hasProgress
  }
}
