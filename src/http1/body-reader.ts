import { ChunkedReader } from './chunked-reader.ts'
import { REFUSED, type Refusal } from './refusal.ts'

/** How the end of a body is found, once who asked what is taken into account (RFC 9112 6.3). */
export const BodyKind = Object.freeze({ none: 0, length: 1, chunked: 2, untilClose: 3 })

/** Finds the end of one body after the other, and says which bytes of it are to be given on. */
export class BodyReader {
  /** What of the last read() is to be given on: data, or data with its chunked framing. */
  from = 0
  to = 0
  done = true
  refusal: Refusal | undefined
  #kind: number = BodyKind.none
  #left = 0
  #total = 0
  #keepsFraming = false
  #chunked: ChunkedReader | undefined

  /**
   * A body begins at offset `at`. `keepsFraming`: chunks are given on as they are, so that nobody needs to frame them again. Extensions and trailers are
   * taken out all the same; the end of a message with trailers is then left to `trailers`.
   */
  begin(kind: number, length: number, at: number, keepsFraming: boolean): void {
    this.#kind = kind
    this.#left = length
    this.#total = 0
    this.#keepsFraming = keepsFraming
    this.refusal = undefined
    this.done = kind === BodyKind.none || (kind === BodyKind.length && length === 0)
    this.from = at
    this.to = at
    if (kind !== BodyKind.chunked) return
    this.#chunked ??= new ChunkedReader()
    this.#chunked.begin()
  }

  get isChunked(): boolean {
    return this.#kind === BodyKind.chunked
  }

  /** May only the end of the connection end this body? */
  get endsWithConnection(): boolean {
    return this.#kind === BodyKind.untilClose
  }

  /** Bytes of data so far, without framing. */
  get total(): number {
    return this.#kind === BodyKind.chunked ? (this.#chunked as ChunkedReader).total : this.#total
  }

  /** Bytes that a body of known length still lacks. */
  get left(): number {
    return this.#left
  }

  /** Trailer fields that may travel on, when the body is done and had a trailer section. */
  get trailers(): readonly string[] | undefined {
    return this.#kind === BodyKind.chunked ? (this.#chunked as ChunkedReader).trailers : undefined
  }

  /** Answers the offset of the first byte not understood yet, or REFUSED; to be called again while it is before `end`. */
  read(bytes: Buffer, at: number, end: number): number {
    if (this.#kind === BodyKind.chunked) return this.#readChunks(bytes, at, end)
    const length = this.#kind === BodyKind.length ? Math.min(this.#left, end - at) : end - at
    this.from = at
    this.to = at + length
    this.#total += length
    if (this.#kind === BodyKind.length) {
      this.#left -= length
      this.done = this.#left === 0
    }
    return this.to
  }

  #readChunks(bytes: Buffer, at: number, end: number): number {
    const chunked = this.#chunked as ChunkedReader
    let next = at
    this.from = at
    this.to = at
    while (next < end && !chunked.done) {
      next = chunked.read(bytes, next, end)
      if (next === REFUSED) {
        this.refusal = chunked.refusal
        return REFUSED
      }
      if (!this.#keepsFraming) {
        this.from = chunked.dataStart
        this.to = chunked.dataEnd
        if (this.to > this.from) break
      } else if (chunked.passes) this.to = next
      else if (this.to > this.from) break
      else {
        this.from = next
        this.to = next
      }
    }
    this.done = chunked.done
    return next
  }
}

/** The end of a chunked message behind its last chunk's line: trailer fields and the empty line, as Latin-1 text. */
export function trailerText(trailers: readonly string[]): string {
  let text = ''
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i] as string}: ${trailers[i + 1] as string}\r\n`
  return `${text}\r\n`
}
