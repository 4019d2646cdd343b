import { ChunkedReader } from './chunked-reader.ts'
import { REFUSED, type Refusal } from './refusal.ts'

/** How the end of a body is found (RFC 9112 6.3). For a response this depends on the request too. */
export const BodyKind = Object.freeze({ none: 0, length: 1, chunked: 2, untilClose: 3 })

/** Finds the end of each body on a connection, and tells which of its bytes to pass on. Owner: the connection. */
export class BodyReader {
  /** Offsets of the bytes to pass on after a read(): the data alone, or with its chunked framing if it is kept. */
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
   * Begins a body at offset `at`; `length` in bytes counts for BodyKind.length only. `keepsFraming`: the bytes to pass
   * on include the chunked framing, but neither chunk extensions nor the trailer section, so the caller must write the
   * end of a message with trailers itself, from `trailers`.
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

  /** Whether only the end of the connection ends this body. */
  get endsWithConnection(): boolean {
    return this.#kind === BodyKind.untilClose
  }

  /** How many bytes of data have been read, without framing. */
  get total(): number {
    return this.#kind === BodyKind.chunked ? (this.#chunked as ChunkedReader).total : this.#total
  }

  /** How many bytes of a body of known length have not been read yet. */
  get left(): number {
    return this.#left
  }

  /**
   * The trailer fields that may be forwarded (name, value, …); undefined until a body with a trailer section is done.
   */
  get trailers(): readonly string[] | undefined {
    return this.#kind === BodyKind.chunked ? (this.#chunked as ChunkedReader).trailers : undefined
  }

  /**
   * Returns the offset behind the bytes read, or REFUSED. Call it again while that is less than `end` and not `done`.
   */
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
        // Data is passed on without the framing between chunks, so each read() ends with the data of one chunk.
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

/**
 * What follows the line `0` of the last chunk: the trailer fields and the empty line, as text to be sent in Latin-1.
 */
export function trailerText(trailers: readonly string[]): string {
  let text = ''
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i] as string}: ${trailers[i + 1] as string}\r\n`
  return `${text}\r\n`
}
