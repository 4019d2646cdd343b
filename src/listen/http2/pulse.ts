import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { SendQueues } from '../../platform/send-queues.ts'
import type { FrontLimits } from '../limits.ts'
import { http2Limits } from './limits.ts'

/**
 * Finds out whether a session still reads. After a connection error Node 20 sends a GOAWAY, and then neither reads the
 * socket nor reports anything, so that its descriptor would stay open for ever. A session that has received bytes is
 * asked by a PING, whose answer shows that it has read them. Owned by its connection.
 */
export class Pulse {
  readonly #session: ServerHttp2Session
  readonly #socket: Socket
  readonly #queues: SendQueues
  readonly #pingAfterMs: number
  readonly #busyLimitMs: number
  /** Bytes received of which an answered PING has shown that they were read. */
  #provenBytes = 0
  #answeredAt: number
  /** When the PING that is under way was sent, or when something has come since. */
  #askedAt: number | undefined
  #bytesSince = 0
  #queued: number | undefined

  constructor(
    session: ServerHttp2Session,
    socket: Socket,
    queues: SendQueues,
    now: number,
    { headTimeoutMs }: FrontLimits,
  ) {
    this.#session = session
    this.#socket = socket
    this.#queues = queues
    this.#answeredAt = now
    this.#pingAfterMs = Math.min(http2Limits.pingAfterMs, headTimeoutMs)
    this.#busyLimitMs = headTimeoutMs
  }

  /** Called at each sweep. `isBusy`: requests are under way. False: the session does not read any more. */
  beats(now: number, isBusy: boolean): boolean {
    const { bytesRead } = this.#socket
    if (this.#askedAt !== undefined) return this.#stillWaits(now, bytesRead, isBusy, this.#askedAt)
    if (bytesRead === this.#provenBytes || now - this.#answeredAt < this.#pingAfterMs) return true
    this.#askedAt = now
    this.#bytesSince = bytesRead
    this.#queued = undefined
    // With a PING under way no further one is sent, so the library never has too many of them.
    this.#session.ping(() => {
      this.#askedAt = undefined
      this.#answeredAt = now
      this.#provenBytes = this.#socket.bytesRead
    })
    return true
  }

  #stillWaits(now: number, bytesRead: number, isBusy: boolean, askedAt: number): boolean {
    const limitMs = isBusy ? this.#busyLimitMs : this.#pingAfterMs
    // What comes before the answer, a long upload, shows that the socket is read.
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
