import type { Transform } from 'node:stream'
import type { ByteSink } from '../../../http/exchange.ts'

/**
 * Compresses the body of one response. Every chunk that is written leaves as it comes, so that nothing of a stream is
 * held back. Life: from the head of the response until the last compressed byte has been given to the client's sink,
 * until the response fails, or until stop(). Owner: the reply of the exchange.
 * Invariant: `over` is called once, and afterwards the sink of the client is not called any more.
 */
export class CompressedBody implements ByteSink {
  readonly #encoder: Transform
  readonly #into: ByteSink
  readonly #over: () => void
  #trailers: readonly string[] | undefined
  #isOver = false

  constructor(encoder: Transform, into: ByteSink, over: () => void) {
    this.#encoder = encoder
    this.#into = into
    this.#over = over
    encoder.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !into.write(chunk)) encoder.pause()
    })
    encoder.on('end', () => {
      this.#finish(() => {
        into.end(this.#trailers)
      })
    })
    encoder.on('error', (cause) => {
      this.fail(cause)
    })
    into.onDrain(() => {
      encoder.resume()
    })
  }

  write(chunk: Uint8Array): boolean {
    return this.#isOver || this.#encoder.write(chunk)
  }

  end(trailers?: readonly string[]): void {
    if (this.#isOver) return
    this.#trailers = trailers
    this.#encoder.end()
  }

  fail(cause: unknown): void {
    this.#finish(() => {
      this.#into.fail(cause)
    })
  }

  onDrain(listener: () => void): void {
    this.#encoder.on('drain', listener)
  }

  /** Nothing is sent any more, because the client or the response has been given up. */
  stop(): void {
    this.#finish(() => undefined)
  }

  #finish(last: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#encoder.destroy()
    last()
    this.#over()
  }
}
