import { isTokenByte, isValueByte, SEMICOLON } from './bytes.ts'
import { wireLimits } from './limits.ts'

const LINE_START = 0
const NAME_START = 1
const NAME = 2
const VALUE_START = 3
const TOKEN = 4
const QUOTED = 5
const QUOTED_PAIR = 6
const QUOTED_END = 7

const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * `*( ";" name [ "=" ( token / quoted-string ) ] )` behind a chunk's size (RFC 9112 7.1.1), byte by byte. No whitespace:
 * the grammar calls it bad, and readers that differ on it have been played off against each other. Nothing is kept of an
 * extension, as 7.1.1 allows anyone who does not know it.
 */
export class ChunkExtension {
  #state = LINE_START
  #line = 0
  #message = 0

  begin(): void {
    this.#message = 0
  }

  /** The first `;` of a size line is next. */
  beginLine(): void {
    this.#state = LINE_START
    this.#line = 0
  }

  /** Could the line end here? */
  get isWhole(): boolean {
    return this.#state === NAME || this.#state === TOKEN || this.#state === QUOTED_END
  }

  /** False: the byte cannot stand here, or there are too many. */
  takes(byte: number): boolean {
    if (++this.#line > wireLimits.chunkLineBytes || ++this.#message > wireLimits.chunkExtensionBytes) return false
    const next = this.#next(byte)
    this.#state = next
    return next >= 0
  }

  #next(byte: number): number {
    const isToken = isTokenByte[byte] === 1
    switch (this.#state) {
      case LINE_START:
      case QUOTED_END:
        return byte === SEMICOLON ? NAME_START : -1
      case NAME_START:
        return isToken ? NAME : -1
      case NAME:
        return isToken ? NAME : byte === EQUALS ? VALUE_START : byte === SEMICOLON ? NAME_START : -1
      case VALUE_START:
        return isToken ? TOKEN : byte === QUOTE ? QUOTED : -1
      case TOKEN:
        return isToken ? TOKEN : byte === SEMICOLON ? NAME_START : -1
      case QUOTED:
        if (byte === QUOTE) return QUOTED_END
        if (byte === BACKSLASH) return QUOTED_PAIR
        return isValueByte[byte] === 1 ? QUOTED : -1
      case QUOTED_PAIR:
        return isValueByte[byte] === 1 ? QUOTED : -1
    }
    return -1
  }
}
