import type { Http2Stream } from './stream.ts'

/** Takes the bytes of one direction of a stream. */
export interface InputTaker {
  /** A chunk, which may be kept. */
  took(chunk: Buffer): void
  /** The client has ended its direction; everything before was taken. */
  inputEnded(trailers: readonly string[] | undefined): void
}

/**
 * What a client sends on one stream, and nobody has taken yet: at most the window of the stream, because the client gets
 * back only what was taken. Owned by its stream.
 */
export class StreamInput {
  readonly #stream: Http2Stream
  readonly #taker: InputTaker
  readonly #waiting: Buffer[] = []
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
    while (this.#flows && !this.#isDropped) {
      const chunk = this.#waiting.shift()
      if (chunk === undefined) break
      this.#pass(chunk)
    }
    this.#endIfAllTaken()
  }

  /** Bytes have come, which are copied. */
  came(bytes: Buffer, from: number, to: number): void {
    // What is dropped is not given back, so that the client stops.
    if (this.#isDropped) return
    const chunk = Buffer.from(bytes.subarray(from, to))
    if (this.#flows && this.#waiting.length === 0) this.#pass(chunk)
    else this.#waiting.push(chunk)
  }

  ended(trailers: readonly string[] | undefined): void {
    this.#hasEnd = true
    this.#trailers = trailers
    this.#endIfAllTaken()
  }

  /** Nothing is taken any more, and what waits is dropped. */
  drop(): void {
    this.#isDropped = true
    this.#waiting.length = 0
  }

  #pass(chunk: Buffer): void {
    this.#taker.took(chunk)
    this.#stream.giveBack(chunk.length)
  }

  #endIfAllTaken(): void {
    if (!this.#hasEnd || !this.#flows || this.#isDropped || this.#waiting.length > 0) return
    this.#isDropped = true
    this.#taker.inputEnded(this.#trailers)
  }
}
