import { FrameFlag, Http2Code } from './frame-codes.ts'

/** How many CONTINUATION frames and bytes one header block may have (CVE-2024-27316). */
const MAX_CONTINUATIONS = 8
const MAX_BLOCK_BYTES = 65_536

/** The bytes of a priority in HEADERS, which has no meaning any more (RFC 9113 5.3.2). */
const PRIORITY_BYTES = 5

/**
 * The header block that is being read: in one frame, or in several (RFC 9113 4.3). Owned by its session, and used for
 * one block after another. The bytes of a block in one frame are those of the read, and so valid until its end only.
 */
export class HeadBlock {
  stream = 0
  endsStream = false
  /** Whether more frames of the block must come, and no others. */
  isOpen = false
  bytes: Buffer = nothing
  from = 0
  to = 0
  #continuations = 0

  /** Takes the payload of a HEADERS frame; returns 0, or the code of a connection error. */
  begin(stream: number, flags: number, bytes: Buffer, from: number, to: number): number {
    let at = from
    let end = to
    if ((flags & FrameFlag.padded) !== 0) {
      if (at === end) return Http2Code.frameSizeError
      end -= bytes[at++] as number
    }
    if ((flags & FrameFlag.priority) !== 0) at += PRIORITY_BYTES
    if (at > end) return Http2Code.protocolError
    this.stream = stream
    this.endsStream = (flags & FrameFlag.endStream) !== 0
    this.isOpen = (flags & FrameFlag.endHeaders) === 0
    this.#continuations = 0
    if (this.isOpen) this.#set(Buffer.from(bytes.subarray(at, end)))
    else {
      this.bytes = bytes
      this.from = at
      this.to = end
    }
    return 0
  }

  /** Adds the payload of a CONTINUATION frame; returns 0, or the code of a connection error. */
  add(flags: number, bytes: Buffer, from: number, to: number): number {
    const length = this.to + to - from
    if (++this.#continuations > MAX_CONTINUATIONS || length > MAX_BLOCK_BYTES) return Http2Code.enhanceYourCalm
    this.isOpen = (flags & FrameFlag.endHeaders) === 0
    this.#set(Buffer.concat([this.bytes.subarray(0, this.to), bytes.subarray(from, to)]))
    return 0
  }

  /** Called when the block has been decoded. */
  clear(): void {
    this.#set(nothing)
  }

  #set(bytes: Buffer): void {
    this.bytes = bytes
    this.from = 0
    this.to = bytes.length
  }
}

const nothing = Buffer.alloc(0)
