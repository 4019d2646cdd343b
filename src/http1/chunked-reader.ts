import { CR, hexValue, isBlank, LF, SEMICOLON } from './bytes.ts'
import { ChunkExtension } from './chunk-extension.ts'
import { http1Limits } from './limits.ts'
import { INCOMPLETE, REFUSED, type Refusal, refusals } from './refusal.ts'
import { TrailerSection } from './trailer-section.ts'

const SIZE = 0
const EXTENSION = 1
const SIZE_CR = 2
const SIZE_LF = 3
const DATA = 4
const DATA_CR = 5
const DATA_LF = 6
const AFTER_LAST = 7
const LAST_LF = 8
const TRAILERS = 9
const DONE = 10

/**
 * Reads the chunked coding of RFC 9112 7.1 as the bytes come:
 * `*( size [ extensions ] CRLF data CRLF ) 1*"0" [ extensions ] CRLF trailer-section CRLF`.
 * Blanks after a size are treated as extensions. A read stops at the end of the bytes, after the data of a chunk, or
 * between bytes that may be forwarded and bytes that may not; then `dataStart`, `dataEnd` and `passes` describe the
 * bytes that it read. Owner: a BodyReader.
 */
export class ChunkedReader {
  /** The data in the bytes of the last read(), as offsets; no data when both are equal. */
  dataStart = 0
  dataEnd = 0
  /** Whether the bytes of the last read() may be forwarded as they are; extensions and trailers may not. */
  passes = true
  /** How many bytes of data have been read. */
  total = 0
  refusal: Refusal | undefined
  readonly #extension = new ChunkExtension()
  #trailers: TrailerSection | undefined
  #state = SIZE
  #digits = 0
  #left = 0

  begin(): void {
    this.total = 0
    this.refusal = undefined
    this.#extension.begin()
    this.#trailers = undefined
    this.#state = SIZE
    this.#digits = 0
    this.#left = 0
  }

  get done(): boolean {
    return this.#state === DONE
  }

  /** The trailer fields that may be forwarded, as a flat list name, value, …; undefined without a trailer section. */
  get trailers(): readonly string[] | undefined {
    return this.#trailers?.kept
  }

  /** Returns the offset of the first byte not read yet, or REFUSED. Must not be called when done. */
  read(bytes: Buffer, from: number, end: number): number {
    this.dataStart = from
    this.dataEnd = from
    this.passes = true
    if (this.#state === EXTENSION) return this.#skipExtension(bytes, from, end)
    if (this.#state === TRAILERS) return this.#readTrailers(bytes, from, end)
    let at = from
    while (at < end) {
      const byte = bytes[at] as number
      switch (this.#state) {
        case SIZE: {
          const digit = hexValue[byte] as number
          if (digit < 16) {
            if (++this.#digits > http1Limits.chunkSizeDigits) return this.#refuse(refusals.chunkSize)
            this.#left = this.#left * 16 + digit
          } else if (this.#digits === 0) return this.#refuse(refusals.chunkSize)
          else if (byte === CR) this.#state = SIZE_LF
          else if (byte === SEMICOLON || isBlank(byte)) {
            this.#state = EXTENSION
            this.#extension.beginLine()
            return at > from ? at : this.#skipExtension(bytes, at, end)
          } else return this.#refuse(refusals.chunkSize)
          break
        }
        case SIZE_CR:
          this.#state = SIZE_LF
          break
        case SIZE_LF:
          if (byte !== LF) return this.#refuse(refusals.chunkEnd)
          this.#digits = 0
          this.#state = this.#left === 0 ? AFTER_LAST : DATA
          break
        case DATA:
          return this.#data(at, end)
        case DATA_CR:
          if (byte !== CR) return this.#refuse(refusals.chunkEnd)
          this.#state = DATA_LF
          break
        case DATA_LF:
          if (byte !== LF) return this.#refuse(refusals.chunkEnd)
          this.#state = SIZE
          break
        case AFTER_LAST:
          if (byte === CR) {
            this.#state = LAST_LF
            break
          }
          this.#state = TRAILERS
          this.#trailers = new TrailerSection()
          return at > from ? at : this.#readTrailers(bytes, at, end)
        case LAST_LF:
          if (byte !== LF) return this.#refuse(refusals.chunkEnd)
          this.#state = DONE
          return at + 1
      }
      at++
    }
    return at
  }

  #data(from: number, end: number): number {
    const length = Math.min(this.#left, end - from)
    this.dataStart = from
    this.dataEnd = from + length
    this.total += length
    this.#left -= length
    if (this.#left === 0) this.#state = DATA_CR
    return this.dataEnd
  }

  /** Skips extensions up to the CR that ends the size line; that CR may be forwarded again. */
  #skipExtension(bytes: Buffer, from: number, end: number): number {
    this.passes = false
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number
      if (byte === CR && this.#extension.isWhole) {
        this.#state = SIZE_CR
        return at > from ? at : this.read(bytes, at, end)
      }
      if (!this.#extension.takes(byte)) return this.#refuse(refusals.chunkExtension)
    }
    return end
  }

  #readTrailers(bytes: Buffer, from: number, end: number): number {
    this.passes = false
    const length = (this.#trailers as TrailerSection).read(bytes, from, end)
    if (length === INCOMPLETE) return end
    if (length === REFUSED) return this.#refuse(refusals.trailers)
    this.#state = DONE
    return from + length
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal
    return REFUSED
  }
}
