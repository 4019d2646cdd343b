import type { ByteSink } from '../../../http/exchange.ts'
import type { Encoder, MakeEncoder } from './encoder.ts'

/**
 * Compresses the body of one response. Every chunk that is written leaves as it comes, so that nothing of a stream is
 * held back; but the first one waits for the end of the turn, because a body that is whole by then takes one call of zlib and one write.
 * Life: from the head of the response until the last compressed byte has been given to the client's sink, until the
 * response fails, or until stop(). Owner: the reply of the exchange.
 * Invariant: `over` is called once, and afterwards the sink of the client is not called any more.
 */
export class CompressedBody implements ByteSink {
  readonly #make: MakeEncoder
  readonly #into: ByteSink
  readonly #over: () => void
  #encoder: Encoder | undefined
  /** The first chunk, until the end of the turn in which it came. */
  #first: Uint8Array | undefined
  #onDrain: (() => void) | undefined
  #isOver = false

  constructor(make: MakeEncoder, into: ByteSink, over: () => void) {
    this.#make = make
    this.#into = into
    this.#over = over
    into.onDrain(() => {
      if (!this.#isOver) this.#encoder?.stream.resume()
    })
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver) return true
    if (this.#encoder === undefined && this.#first === undefined) {
      this.#first = chunk
      queueMicrotask(() => {
        this.#flow()
      })
      return true
    }
    return this.#flow()?.stream.write(chunk) ?? true
  }

  end(trailers?: readonly string[]): void {
    if (this.#isOver) return
    const last = this.#first
    this.#first = undefined
    const encoder = this.#encoder ?? this.#begin('whole')
    encoder.end(last, () => {
      this.#finish(true, () => {
        this.#into.end(trailers)
      })
    })
  }

  fail(cause: unknown): void {
    this.#finish(false, () => {
      this.#into.fail(cause)
    })
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  /** Nothing is sent any more, because the client or the response has been given up. */
  stop(): void {
    this.#finish(false, () => undefined)
  }

  /** Compresses the first chunk, if it waits; returns the encoder unless the response is over. */
  #flow(): Encoder | undefined {
    if (this.#isOver) return undefined
    const encoder = this.#encoder ?? this.#begin('in pieces')
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) encoder.stream.write(first)
    return encoder
  }

  #begin(body: Parameters<MakeEncoder>[0]): Encoder {
    const encoder = this.#make(body)
    const { stream } = encoder
    this.#encoder = encoder
    stream.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !this.#into.write(chunk)) stream.pause()
    })
    stream.on('drain', () => {
      this.#onDrain?.()
    })
    stream.on('error', (cause) => {
      this.fail(cause)
    })
    return encoder
  }

  #finish(isComplete: boolean, last: () => void): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#first = undefined
    this.#encoder?.release(isComplete)
    last()
    this.#over()
  }
}
