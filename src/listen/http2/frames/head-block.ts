import { Http2Code } from './frame-codes.ts'

/** How many CONTINUATION frames and bytes one header block may have (CVE-2024-27316). */
const MAX_CONTINUATIONS = 8
const MAX_BLOCK_BYTES = 65_536

/**
 * A header block that comes in several frames: its bytes, until the last of them is there (RFC 9113 4.3). Owned by its
 * session; made for the first such block, and used for all.
 */
export class HeadBlock {
  stream = 0
  endsStream = false
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0
  #continuations = 0

  /** Whether more frames of a block must come, and no others. */
  isOpen = false

  get bytes(): Buffer {
    return this.#bytes
  }

  get length(): number {
    return this.#length
  }

  begin(stream: number, endsStream: boolean, bytes: Buffer, from: number, to: number): void {
    this.isOpen = true
    this.stream = stream
    this.endsStream = endsStream
    this.#continuations = 0
    this.#bytes = Buffer.from(bytes.subarray(from, to))
    this.#length = to - from
  }

  /** Adds the payload of a CONTINUATION frame; returns 0, or the code of a connection error. */
  add(bytes: Buffer, from: number, to: number, isLast: boolean): number {
    const length = this.#length + to - from
    if (++this.#continuations > MAX_CONTINUATIONS || length > MAX_BLOCK_BYTES) return Http2Code.enhanceYourCalm
    const larger = Buffer.allocUnsafeSlow(length)
    this.#bytes.copy(larger)
    bytes.copy(larger, this.#length, from, to)
    this.#bytes = larger
    this.#length = length
    this.isOpen = !isLast
    return 0
  }

  /** Called when the block has been decoded. */
  clear(): void {
    this.#bytes = Buffer.alloc(0)
    this.#length = 0
  }
}
