import { isBlank, isTokenByte, isValueByte, SEMICOLON } from './bytes.ts'
import { http1Limits } from './limits.ts'

/** After the chunk's size, or after a value. */
const AFTER_PART = 0
const NAME_START = 1
const NAME = 2
const NAME_END = 3
const VALUE_START = 4
const TOKEN = 5
const QUOTED = 6
const QUOTED_PAIR = 7

const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Checks, byte by byte, the extensions after a chunk's size (RFC 9112 7.1.1):
 * `*( ";" name [ "=" ( token / quoted-string ) ] )`,
 * with the blanks that a recipient must accept there, although a sender must not send them, and with blanks before the
 * end of the line. The extensions are not kept, because a recipient ignores those that it does not know (7.1.1).
 */
export class ChunkExtension {
  #state = AFTER_PART
  #line = 0
  #message = 0

  /** Begins a message: the limit for all its extensions is counted anew. */
  begin(): void {
    this.#message = 0
  }

  /** Begins the extensions of one chunk. The next byte is the first after the size: `;` or a blank. */
  beginLine(): void {
    this.#state = AFTER_PART
    this.#line = 0
  }

  /** Whether the line may end here. */
  get isWhole(): boolean {
    return this.#state === AFTER_PART || this.#state === NAME || this.#state === NAME_END || this.#state === TOKEN
  }

  /** Takes the next byte. False when it is not allowed here, or when there are too many bytes. */
  takes(byte: number): boolean {
    if (++this.#line > http1Limits.chunkLineBytes || ++this.#message > http1Limits.chunkExtensionBytes) return false
    const next = this.#next(byte)
    this.#state = next
    return next >= 0
  }

  #next(byte: number): number {
    const isToken = isTokenByte[byte] === 1
    switch (this.#state) {
      case AFTER_PART:
        return isBlank(byte) ? AFTER_PART : byte === SEMICOLON ? NAME_START : -1
      case NAME_START:
        return isToken ? NAME : isBlank(byte) ? NAME_START : -1
      case NAME:
        return isToken ? NAME : afterName(byte)
      case NAME_END:
        return afterName(byte)
      case VALUE_START:
        if (isBlank(byte)) return VALUE_START
        return isToken ? TOKEN : byte === QUOTE ? QUOTED : -1
      case TOKEN:
        if (isBlank(byte)) return AFTER_PART
        return isToken ? TOKEN : byte === SEMICOLON ? NAME_START : -1
      case QUOTED:
        if (byte === QUOTE) return AFTER_PART
        if (byte === BACKSLASH) return QUOTED_PAIR
        return isValueByte[byte] === 1 ? QUOTED : -1
      case QUOTED_PAIR:
        return isValueByte[byte] === 1 ? QUOTED : -1
    }
    return -1
  }
}

function afterName(byte: number): number {
  if (isBlank(byte)) return NAME_END
  return byte === EQUALS ? VALUE_START : byte === SEMICOLON ? NAME_START : -1
}
