import type { ByteSink } from '../../http/exchange.ts'
import { Lent } from '../../http/lent.ts'
import { trailerText } from '../../http1/body-reader.ts'
import type { FramedSink } from '../../http1/passthrough.ts'
import { passingTrailers } from '../trailer-fields.ts'

/**
 * Frames a request body that comes as data: as chunks, or unchanged when Content-Length gives its length. Owner: one
 * RequestSender.
 */
export class FramingSink implements ByteSink {
  readonly #to: FramedSink
  readonly #chunked: boolean
  readonly #onListener: (listener: () => void) => void

  constructor(to: FramedSink, chunked: boolean, onListener: (listener: () => void) => void) {
    this.#to = to
    this.#chunked = chunked
    this.#onListener = onListener
  }

  write(chunk: Uint8Array): boolean {
    if (!this.#chunked) return this.#to.write(chunk)
    if (chunk.length === 0) return true
    return this.#to.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]))
  }

  lend(chunk: Uint8Array): number {
    if (!this.#chunked && this.#to.lend !== undefined) return this.#to.lend(chunk)
    return this.write(chunk.slice()) ? Lent.kept : Lent.full
  }

  end(trailers?: readonly string[]): void {
    if (this.#chunked) this.#to.write(Buffer.from(`0\r\n${trailerText(passingTrailers(trailers) ?? [])}`, 'latin1'))
    this.#to.end()
  }

  fail(cause: unknown): void {
    this.#to.fail(cause)
  }

  onDrain(listener: () => void): void {
    this.#onListener(listener)
  }
}
