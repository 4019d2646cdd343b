import { Lent } from '../../http1/passthrough.ts'
import type { ClientBuffers } from './client-buffers.ts'

/**
 * Bytes that have come from a client and have not been used yet. Bytes are only ever added behind the others, so that a
 * part that was given away stays as it was, unless reuses() says otherwise of its buffer.
 * Invariants: nothing is read into bytes that are pending or lent; at the end of an event nothing that is pending lies in the shared buffer.
 */
export class PendingInput {
  bytes: Buffer = nothing
  start = 0
  end = 0
  readonly #buffers: ClientBuffers | undefined
  /** A buffer for this connection's body alone. */
  #room: Buffer | undefined
  /** The offset in it from which the socket reads; undefined while that reads into the shared buffer. */
  #readsAt: number | undefined
  /** What became of bytes in it that were lent. */
  #lent: number = Lent.done
  /** A room before this one, lent until the sink has drained. */
  #away: Buffer | undefined
  /** Who has lent. */
  #lender: object | undefined

  constructor(buffers?: ClientBuffers) {
    this.#buffers = buffers
  }

  get length(): number {
    return this.end - this.start
  }

  /** Answers whether the pending bytes have moved to another offset. A chunk that comes when nothing is pending is not copied. */
  append(chunk: Buffer): boolean {
    if (this.start === this.end) return this.#begin(chunk, 0, chunk.length)
    const moved = this.end + chunk.length > this.bytes.length
    if (moved) this.#move(chunk.length)
    chunk.copy(this.bytes, this.end)
    this.end += chunk.length
    return moved
  }

  /** So many bytes have been read into what next() answered last. Answers as append(). keep() is due before the event is over. */
  came(buffer: Buffer, length: number): boolean {
    const at = this.#readsAt
    const room = this.#room
    if (at === undefined || room === undefined) {
      return this.start === this.end ? this.#begin(buffer, 0, length) : this.append(buffer.subarray(0, length))
    }
    if (this.start === this.end) return this.#begin(room, at, at + length)
    if (this.bytes !== room || this.end !== at) return this.append(buffer.subarray(0, length))
    this.end += length
    return false
  }

  /** The event is over: what is still pending leaves the shared buffer. Answers whether it has moved. */
  keep(isBody: boolean): boolean {
    const { length } = this
    if (length === 0 || this.bytes !== this.#buffers?.shared) return false
    const kept = isBody ? this.#emptyRoom(this.#buffers) : Buffer.allocUnsafeSlow(length)
    this.bytes.copy(kept, 0, this.start, this.end)
    return this.#begin(kept, 0, length)
  }

  /** What the socket reads into next, after each event. `isBody`: more of a body is certain to come, and it comes fast. */
  next(buffers: ClientBuffers, isBody: boolean): Buffer {
    this.#readsAt = undefined
    const isElsewhere = this.length > 0 && this.bytes !== this.#room
    if (!isBody || isElsewhere) {
      this.release()
      return buffers.shared
    }
    const at = this.length > 0 ? this.end : 0
    const room = at > 0 ? (this.#room as Buffer) : this.#emptyRoom(buffers)
    if (at === room.length) return buffers.shared
    this.#readsAt = at
    return at === 0 ? room : room.subarray(at)
  }

  /** These bytes are there only until they are used: their buffer is read into again. */
  reuses(bytes: Buffer): boolean {
    return bytes === this.#room || bytes === this.#buffers?.shared
  }

  /** Whether bytes of this buffer may be lent to a sink; if not, it gets copies. */
  lends(bytes: Buffer): boolean {
    return bytes === this.#room
  }

  /** What has become of bytes that a sink was lent. */
  lent(outcome: number, lender: object): void {
    if (outcome === Lent.done) return
    this.#lent = outcome
    this.#lender = lender
  }

  /** The sink has let go of all that this lender has lent it. */
  returned(lender: object): void {
    if (this.#lender !== lender) return
    this.#lent = Lent.done
    if (this.#away !== undefined) this.#buffers?.giveBack(this.#away)
    this.#away = undefined
  }

  /** No lender will say any more that its sink has let go. */
  forgetLender(): void {
    if (this.#lender === undefined) return
    this.#lender = undefined
    this.#away = undefined
    if (this.#lent === Lent.full) this.#lent = Lent.kept
  }

  /** The socket has closed. */
  close(): void {
    this.clear()
    this.#readsAt = undefined
    this.forgetLender()
    this.release()
  }

  /** The room goes to whoever needs it next, unless something lies in it, or is to be read into it. */
  release(): void {
    const room = this.#room
    if (room === undefined || this.#readsAt !== undefined || (this.length > 0 && this.bytes === room)) return
    this.#leaveRoom(room)
  }

  /** Everything before `at` has been used. */
  use(at: number): void {
    this.start = at
    if (at === this.end) this.clear()
  }

  clear(): void {
    this.bytes = nothing
    this.start = 0
    this.end = 0
  }

  #begin(bytes: Buffer, start: number, end: number): boolean {
    this.bytes = bytes
    this.start = start
    this.end = end
    return true
  }

  /** A room into which may be read from its start. */
  #emptyRoom(buffers: ClientBuffers): Buffer {
    if (this.#room !== undefined && this.#lent !== Lent.done) this.#leaveRoom(this.#room)
    this.#room ??= buffers.take()
    return this.#room
  }

  #leaveRoom(room: Buffer): void {
    // Of bytes that are kept nobody says when they are not any more.
    if (this.#lent === Lent.done) this.#buffers?.giveBack(room)
    else if (this.#lent === Lent.full) this.#away = room
    this.#lent = Lent.done
    this.#room = undefined
  }

  /** To a larger buffer, twice what is needed, so that a sender of single bytes causes few copies. */
  #move(more: number): void {
    const { length } = this
    const larger = Buffer.allocUnsafeSlow((length + more) * 2)
    this.bytes.copy(larger, 0, this.start, this.end)
    this.#begin(larger, 0, length)
  }
}

const nothing = Buffer.alloc(0)
