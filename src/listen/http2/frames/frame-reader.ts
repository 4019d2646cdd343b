import { FRAME_HEAD_BYTES, FrameFlag, FrameKind, Http2Code, MAX_PAYLOAD_BYTES } from './frame-codes.ts'

/**
 * Gets the frames that are read. Each method returns 0, or the code of the connection error that ends the reading.
 * Bytes are valid during the call only.
 */
export interface FrameTaker {
  /** Whether no more frames are wanted. */
  readonly isOver: boolean
  /** A frame begins; called for each, of any type, before its payload is there. */
  frameBegan(kind: number, flags: number, stream: number, length: number): number
  /** The whole payload of a frame, other than DATA or of an unknown type. */
  frameCame(kind: number, flags: number, stream: number, bytes: Buffer, from: number, to: number): number
  /** A part of a DATA frame, without padding. */
  dataCame(bytes: Buffer, from: number, to: number): number
  /** The end of a DATA frame. */
  dataEnded(): number
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** What the next bytes are. */
const IN_PREFACE = 0
const IN_HEAD = 1
const IN_PAYLOAD = 2
const IN_PADDING_LENGTH = 3
const IN_DATA = 4
/** Padding, or the payload of a frame of an unknown type. */
const IN_SKIPPED = 5

/**
 * Finds the frames in the bytes of one connection, which begin with the preface (RFC 9113 3.4, 4.1). DATA is passed on
 * as it comes; of all other frames the payload is collected, at most MAX_PAYLOAD_BYTES. Owned by its session.
 */
export class FrameReader {
  readonly #taker: FrameTaker
  #state: number = IN_PREFACE
  /** Bytes of the preface that have come. */
  #matched = 0
  readonly #head = Buffer.alloc(FRAME_HEAD_BYTES)
  #headLength = 0
  #kind = 0
  #flags = 0
  #stream = 0
  /** Bytes of the payload that have not come yet: of DATA, without the padding. */
  #left = 0
  #padding = 0
  #payload: Buffer | undefined
  #payloadLength = 0

  constructor(taker: FrameTaker) {
    this.#taker = taker
  }

  /** Reads all bytes; returns 0, or the code of a connection error. */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end && !this.#taker.isOver) {
      let code = 0
      switch (this.#state) {
        case IN_HEAD: {
          if (this.#headLength === 0 && end - at >= FRAME_HEAD_BYTES) {
            code = this.#begin(bytes, at)
            at += FRAME_HEAD_BYTES
          } else {
            this.#head[this.#headLength++] = bytes[at++] as number
            if (this.#headLength < FRAME_HEAD_BYTES) continue
            this.#headLength = 0
            code = this.#begin(this.#head, 0)
          }
          if (code === 0 && this.#isEmpty) code = this.#end(bytes, at, at)
          break
        }
        case IN_PAYLOAD: {
          const taken = Math.min(this.#left, end - at)
          if (this.#payload === undefined && taken === this.#left) code = this.#end(bytes, at, at + taken)
          else code = this.#collect(bytes, at, taken)
          at += taken
          break
        }
        case IN_PADDING_LENGTH:
          code = this.#pad(bytes[at++] as number)
          break
        case IN_DATA: {
          const taken = Math.min(this.#left, end - at)
          this.#left -= taken
          code = this.#taker.dataCame(bytes, at, at + taken)
          at += taken
          if (code === 0 && this.#left === 0) code = this.#endData()
          break
        }
        case IN_SKIPPED: {
          const taken = Math.min(this.#left, end - at)
          this.#left -= taken
          at += taken
          if (this.#left === 0) code = this.#endSkipped()
          break
        }
        default:
          if (bytes[at++] !== PREFACE[this.#matched++]) return Http2Code.protocolError
          if (this.#matched === PREFACE.length) this.#state = IN_HEAD
      }
      if (code !== 0) return code
    }
    return 0
  }

  /** Whether no more of the frame is to come. */
  get #isEmpty(): boolean {
    return this.#left === 0 && this.#state !== IN_PADDING_LENGTH
  }

  #begin(bytes: Buffer, at: number): number {
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
    this.#kind = bytes[at + 3] as number
    this.#flags = bytes[at + 4] as number
    this.#stream = bytes.readUInt32BE(at + 5) & 0x7fffffff
    if (length > MAX_PAYLOAD_BYTES) return Http2Code.frameSizeError
    this.#left = length
    this.#padding = 0
    const code = this.#taker.frameBegan(this.#kind, this.#flags, this.#stream, length)
    if (code !== 0) return code
    if (this.#kind > FrameKind.continuation) this.#state = IN_SKIPPED
    else if (this.#kind !== FrameKind.data) this.#state = IN_PAYLOAD
    else if ((this.#flags & FrameFlag.padded) === 0) this.#state = IN_DATA
    else {
      if (length === 0) return Http2Code.frameSizeError
      this.#state = IN_PADDING_LENGTH
    }
    return 0
  }

  /** A frame without a payload has come, or one whose whole payload is there. */
  #end(bytes: Buffer, from: number, to: number): number {
    if (this.#state === IN_DATA) return this.#endData()
    const isKnown = this.#state === IN_PAYLOAD
    this.#state = IN_HEAD
    this.#left = 0
    return isKnown ? this.#taker.frameCame(this.#kind, this.#flags, this.#stream, bytes, from, to) : 0
  }

  #collect(bytes: Buffer, at: number, taken: number): number {
    this.#payload ??= Buffer.allocUnsafeSlow(this.#left)
    const payload = this.#payload
    bytes.copy(payload, this.#payloadLength, at, at + taken)
    this.#payloadLength += taken
    this.#left -= taken
    if (this.#left > 0) return 0
    this.#payload = undefined
    this.#payloadLength = 0
    return this.#end(payload, 0, payload.length)
  }

  /** 6.1: the padding must be shorter than the payload. */
  #pad(padding: number): number {
    this.#left--
    if (padding > this.#left) return Http2Code.protocolError
    this.#left -= padding
    this.#padding = padding
    this.#state = IN_DATA
    return this.#left === 0 ? this.#endData() : 0
  }

  #endData(): number {
    this.#left = this.#padding
    this.#state = this.#padding > 0 ? IN_SKIPPED : IN_HEAD
    return this.#padding > 0 ? 0 : this.#taker.dataEnded()
  }

  #endSkipped(): number {
    this.#state = IN_HEAD
    return this.#kind === FrameKind.data ? this.#taker.dataEnded() : 0
  }
}
