import type { Socket } from 'node:net'
import { FRAME_HEAD_BYTES, FrameFlag, FrameKind, MAX_PAYLOAD_BYTES } from './frame-codes.ts'

const SMALL_BYTES = 16_384
const LARGE_BYTES = 131_072
/** How many buffers of either size are kept for other connections. */
const MAX_SMALL_SPARES = 64
const MAX_LARGE_SPARES = 8

const smallSpares: Buffer[] = []
const largeSpares: Buffer[] = []

/** With more unsent bytes than this, no DATA is written until the socket has drained. */
const FULL_BYTES = 65_536

/**
 * Collects the frames for one client, and writes those of a turn of the event loop in one piece, so that they share a
 * TLS record and a system call. Life: that of its session. Invariant: it holds a buffer only while frames wait in it.
 */
export class FrameOutput {
  /** How often the frames were written: a frame that was collected before is not here any more. */
  generation = 0
  readonly #socket: Socket
  readonly #isTls: boolean
  #bytes: Buffer | undefined
  #length = 0
  /** The writing of what waits is put off to the end of the turn by this. */
  readonly #schedule: () => void

  constructor(socket: Socket, schedule: () => void) {
    this.#socket = socket
    this.#isTls = 'encrypted' in socket
    this.#schedule = schedule
  }

  /** Whether the client reads so slowly that no DATA should be written until the socket's `drain`. */
  get isFull(): boolean {
    return this.#socket.writableLength >= FULL_BYTES && this.#socket.writableNeedDrain
  }

  /** All bytes that the system has not taken yet. */
  get unsent(): number {
    return this.#length + this.#socket.writableLength
  }

  /** Adds a frame of at most MAX_PAYLOAD_BYTES; returns where it begins. */
  frame(kind: number, flags: number, stream: number, payload: Buffer, from: number, to: number): number {
    const length = to - from
    const bytes = this.#room(FRAME_HEAD_BYTES + length)
    const at = this.#length
    writeHead(bytes, at, length, kind, flags, stream)
    payload.copy(bytes, at + FRAME_HEAD_BYTES, from, to)
    this.#length = at + FRAME_HEAD_BYTES + length
    return at
  }

  /** Adds a frame whose payload is one number of 32 bits. */
  number(kind: number, stream: number, value: number): void {
    const bytes = this.#room(FRAME_HEAD_BYTES + 4)
    const at = this.#length
    writeHead(bytes, at, 4, kind, 0, stream)
    bytes.writeUInt32BE(value, at + FRAME_HEAD_BYTES)
    this.#length = at + FRAME_HEAD_BYTES + 4
  }

  /** Adds a header block: HEADERS, and CONTINUATION as far as needed. Returns where HEADERS begins. */
  headers(stream: number, block: Buffer, length: number, flags: number): number {
    const first = Math.min(length, MAX_PAYLOAD_BYTES)
    if (length === first) return this.frame(FrameKind.headers, flags | FrameFlag.endHeaders, stream, block, 0, length)
    // Nothing may come between, and HEADERS is still there when the caller wants to end the stream with it.
    this.#room(length + (Math.ceil(length / MAX_PAYLOAD_BYTES) + 1) * FRAME_HEAD_BYTES)
    const at = this.frame(FrameKind.headers, flags, stream, block, 0, first)
    for (let from = first; from < length; from += MAX_PAYLOAD_BYTES) {
      const to = Math.min(from + MAX_PAYLOAD_BYTES, length)
      this.frame(FrameKind.continuation, to === length ? FrameFlag.endHeaders : 0, stream, block, from, to)
    }
    return at
  }

  /** Sets END_STREAM on a frame that still waits: HEADERS or DATA that begins there. */
  endStreamAt(at: number): void {
    const bytes = this.#bytes as Buffer
    bytes[at + 4] = (bytes[at + 4] as number) | FrameFlag.endStream
  }

  /** Writes what has been collected. */
  flush(): void {
    const bytes = this.#bytes
    const length = this.#length
    if (bytes === undefined || length === 0) return
    this.#bytes = undefined
    this.#length = 0
    this.generation++
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) {
      giveBack(bytes)
      return
    }
    const wasIdle = socket.writableLength === 0
    socket.write(length === bytes.length ? bytes : bytes.subarray(0, length))
    // TLS encrypts into a buffer of its own, at once unless other bytes wait before these.
    if ((this.#isTls && wasIdle) || socket.writableLength === 0) giveBack(bytes)
  }

  #room(needed: number): Buffer {
    const bytes = this.#bytes
    if (bytes === undefined) this.#schedule()
    else if (this.#length + needed <= bytes.length) return bytes
    else if (this.#length + needed <= LARGE_BYTES) {
      const larger = take(LARGE_BYTES)
      bytes.copy(larger, 0, 0, this.#length)
      giveBack(bytes)
      this.#bytes = larger
      return larger
    } else this.flush()
    const fresh = take(needed)
    this.#bytes = fresh
    return fresh
  }
}

function take(needed: number): Buffer {
  if (needed <= SMALL_BYTES) return smallSpares.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES)
  if (needed <= LARGE_BYTES) return largeSpares.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES)
  return Buffer.allocUnsafeSlow(needed)
}

function giveBack(bytes: Buffer): void {
  if (bytes.length === SMALL_BYTES && smallSpares.length < MAX_SMALL_SPARES) smallSpares.push(bytes)
  else if (bytes.length === LARGE_BYTES && largeSpares.length < MAX_LARGE_SPARES) largeSpares.push(bytes)
}

function writeHead(bytes: Buffer, at: number, length: number, kind: number, flags: number, stream: number): void {
  bytes[at] = length >> 16
  bytes[at + 1] = length >> 8
  bytes[at + 2] = length
  bytes[at + 3] = kind
  bytes[at + 4] = flags
  bytes.writeUInt32BE(stream, at + 5)
}
