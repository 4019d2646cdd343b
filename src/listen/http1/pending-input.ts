import { Lent } from '../../http/lent.ts'
import type { ClientBuffers } from './client-buffers.ts'

/**
 * The bytes that have come from a client and have not been parsed yet: `bytes` from `start` to `end`. New bytes are
 * only added after the others, so bytes given to a sink do not change, unless reuses() is true for their buffer.
 * Invariants: the socket never reads into bytes that are pending or lent; after a read event, no pending bytes are in
 * the shared buffer.
 */
export class PendingInput {
  bytes: Buffer = nothing
  start = 0
  end = 0
  readonly #buffers: ClientBuffers | undefined
  /** The room: a buffer from ClientBuffers that this connection alone uses, while it reads a body. */
  #room: Buffer | undefined
  /** The offset in #room at which the socket's next read begins; undefined if it reads into the shared buffer. */
  #readsAt: number | undefined
  /** The Lent outcome of the bytes of #room that were lent to a sink; Lent.done if none is in use. */
  #lent: number = Lent.done
  /** An earlier room, whose lent bytes are in use until the sink has drained. */
  #lentRoom: Buffer | undefined
  /** The request body that lent bytes of #room or #lentRoom. */
  #lender: object | undefined

  constructor(buffers?: ClientBuffers) {
    this.#buffers = buffers
  }

  get length(): number {
    return this.end - this.start
  }

  /**
   * Adds a chunk; returns whether the pending bytes have moved to another buffer or offset. If nothing is pending, the
   * chunk is used without a copy.
   */
  append(chunk: Buffer): boolean {
    if (this.start === this.end) return this.#begin(chunk, 0, chunk.length)
    const moved = this.end + chunk.length > this.bytes.length
    if (moved) this.#move(chunk.length)
    chunk.copy(this.bytes, this.end)
    this.end += chunk.length
    return moved
  }

  /**
   * Adds `length` bytes that were read into the last buffer from next(); returns as append(). keep() must be called
   * before the read event is over.
   */
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

  /** Called at the end of a read event: moves pending bytes out of the shared buffer; returns whether it had any. */
  keep(isBody: boolean): boolean {
    const { length } = this
    if (length === 0 || this.bytes !== this.#buffers?.shared) return false
    const kept = isBody ? this.#emptyRoom(this.#buffers) : Buffer.allocUnsafeSlow(length)
    this.bytes.copy(kept, 0, this.start, this.end)
    return this.#begin(kept, 0, length)
  }

  /** The buffer for the socket's next read. `isBody`: much of a body is still to come, and it comes fast. */
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

  /** Whether the socket will read into this buffer again, so that its bytes are valid only until they are parsed. */
  reuses(bytes: Buffer): boolean {
    return bytes === this.#room || bytes === this.#buffers?.shared
  }

  /** Whether bytes of this buffer may be lent to a sink; if not, the sink gets copies. */
  lends(bytes: Buffer): boolean {
    return bytes === this.#room
  }

  /** Records the Lent outcome of bytes that `lender` has lent to its sink. */
  lent(outcome: number, lender: object): void {
    if (outcome === Lent.done) return
    this.#lent = outcome
    this.#lender = lender
  }

  /** Called when the sink of `lender` no longer uses any bytes that it was lent. */
  returned(lender: object): void {
    if (this.#lender !== lender) return
    this.#lent = Lent.done
    if (this.#lentRoom !== undefined) this.#buffers?.giveBack(this.#lentRoom)
    this.#lentRoom = undefined
  }

  /** Called when returned() will not be called any more: buffers with lent bytes are then not used again. */
  forgetLender(): void {
    if (this.#lender === undefined) return
    this.#lender = undefined
    this.#lentRoom = undefined
    if (this.#lent === Lent.full) this.#lent = Lent.kept
  }

  /** Called when the socket has closed. */
  close(): void {
    this.clear()
    this.#readsAt = undefined
    this.forgetLender()
    this.release()
  }

  /** Gives the room up for other connections, unless it has pending bytes or the socket's next read goes into it. */
  release(): void {
    const room = this.#room
    if (room === undefined || this.#readsAt !== undefined || (this.length > 0 && this.bytes === room)) return
    this.#leaveRoom(room)
  }

  /** Removes the pending bytes before the offset `at`, which have been parsed. */
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

  /** A room without pending or lent bytes. */
  #emptyRoom(buffers: ClientBuffers): Buffer {
    if (this.#room !== undefined && this.#lent !== Lent.done) this.#leaveRoom(this.#room)
    this.#room ??= buffers.take()
    return this.#room
  }

  #leaveRoom(room: Buffer): void {
    // The end of a use with Lent.kept is never reported, so such a buffer is not used again.
    if (this.#lent === Lent.done) this.#buffers?.giveBack(room)
    else if (this.#lent === Lent.full) this.#lentRoom = room
    this.#lent = Lent.done
    this.#room = undefined
  }

  /** Moves the pending bytes to a buffer of twice the needed size, so that a client's single bytes cause few copies. */
  #move(more: number): void {
    const { length } = this
    const larger = Buffer.allocUnsafeSlow((length + more) * 2)
    this.bytes.copy(larger, 0, this.start, this.end)
    this.#begin(larger, 0, length)
  }
}

const nothing = Buffer.alloc(0)
