import type { Http2Stream } from './stream.ts'

/** Takes the bytes of one direction of a stream. */
export interface InputTaker {
  /** Takes a chunk; returns whether it keeps it. */
  took(chunk: Buffer): boolean
  /** The client has ended its direction; everything before was taken. */
  inputEnded(trailers: readonly string[] | undefined): void
}

/** The largest buffer in which the pieces of a body are gathered. */
const GATHERED_BYTES = 65_536
/** A smaller piece gets a buffer of its size, more or less. */
const SMALL_BYTES = 4_096
const MAX_SPARES = 32

const spares: Buffer[] = []

/**
 * What a client sends on one stream, and nobody has taken yet: at most the window of the stream, because the client gets
 * back only what was taken. The pieces that come in one turn of the event loop are gathered and passed on at its end in
 * one chunk: with a frame for each 16 KiB, and frames of other streams between them, most of the cost of an upload would
 * be that of the writes to the application. Owned by its stream.
 */
export class StreamInput {
  readonly #stream: Http2Stream
  readonly #taker: InputTaker
  readonly #waiting: Buffer[] = []
  /** The buffer into which pieces are copied, and how much of it is used; those bytes come behind what waits. */
  #gathering: Buffer | undefined
  #gathered = 0
  #isScheduled = false
  #flows = false
  #isDropped = false
  #hasEnd = false
  #trailers: readonly string[] | undefined

  constructor(stream: Http2Stream, taker: InputTaker) {
    this.#stream = stream
    this.#taker = taker
  }

  /** Lets the bytes flow to the taker, or makes them wait. */
  flow(flows: boolean): void {
    this.#flows = flows
    if (flows) this.pass()
  }

  /** Bytes have come, which are copied. */
  came(bytes: Buffer, from: number, to: number): void {
    // What is dropped is not given back, so that the client stops.
    if (this.#isDropped) return
    const length = to - from
    let buffer = this.#gathering
    if (buffer === undefined || buffer.length - this.#gathered < length) {
      this.#endGathering()
      buffer = this.#bufferFor(length)
      this.#gathering = buffer
    }
    bytes.copy(buffer, this.#gathered, from, to)
    this.#gathered += length
    this.#schedule()
  }

  ended(trailers: readonly string[] | undefined): void {
    this.#hasEnd = true
    this.#trailers = trailers
    this.#schedule()
  }

  /** Nothing is taken any more, and what waits is dropped. */
  drop(): void {
    this.#isDropped = true
    this.#waiting.length = 0
    this.#gathering = undefined
  }

  /** Passes on what has come, if it flows. */
  pass(): void {
    this.#isScheduled = false
    if (this.#flows) this.#endGathering()
    while (this.#flows && !this.#isDropped) {
      const chunk = this.#waiting.shift()
      if (chunk === undefined) break
      const { length } = chunk
      if (!this.#taker.took(chunk)) recycle(chunk)
      this.#stream.giveBack(length)
    }
    if (!this.#hasEnd || !this.#flows || this.#isDropped || this.#waiting.length > 0) return
    this.#isDropped = true
    this.#taker.inputEnded(this.#trailers)
  }

  #schedule(): void {
    if (!this.#flows || this.#isScheduled) return
    this.#isScheduled = true
    this.#stream.gathered(this)
  }

  /** What was gathered becomes a chunk that waits. */
  #endGathering(): void {
    const buffer = this.#gathering
    if (buffer === undefined) return
    this.#waiting.push(this.#gathered === buffer.length ? buffer : buffer.subarray(0, this.#gathered))
    this.#gathering = undefined
    this.#gathered = 0
  }

  /**
   * A buffer that begins with a piece: with room for more of the body, but not much more than the piece if that is
   * small, so that a client that sends byte by byte does not cost much memory.
   */
  #bufferFor(length: number): Buffer {
    const rest = length + (this.#stream.missing ?? GATHERED_BYTES)
    if (length > GATHERED_BYTES || rest < SMALL_BYTES) return Buffer.allocUnsafe(Math.max(rest, length))
    if (length < SMALL_BYTES) return Buffer.allocUnsafe(Math.min(rest, 4 * length))
    return spares.pop() ?? Buffer.allocUnsafeSlow(GATHERED_BYTES)
  }
}

/** Keeps the buffer of a chunk for other bodies: large ones that become garbage would cost more than all the rest. */
function recycle(chunk: Buffer): void {
  if (chunk.buffer.byteLength === GATHERED_BYTES && spares.length < MAX_SPARES)
    spares.push(Buffer.from(chunk.buffer as ArrayBuffer))
}
