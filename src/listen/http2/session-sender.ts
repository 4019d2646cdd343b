import { HpackEncoder } from './hpack/hpack-encoder.ts'
import {
  DEFAULT_WINDOW, FrameFlag, FrameKind, Http2Code, MAX_PAYLOAD_BYTES, MAX_WINDOW, Setting,
} from './frames/frame-codes.ts' // biome-ignore format: a table
import type { FrameOutput } from './frames/frame-output.ts'
import { settingsPayload } from './frames/peer-settings.ts'
import { http2Limits } from './limits.ts'

/** How many PINGs may be under way. */
const MAX_PINGS = 200

const pingBytes = Buffer.from('still on')

/** A stream with bytes that wait for a window, or for the client to read. */
export interface BlockedStream {
  /** Sends at most one frame; false if nothing waits any more, or only the window of this stream is in the way. */
  sendOne(): boolean
}

/**
 * Writes the frames of one session: header blocks in the order of their encoding, DATA as far as the windows allow.
 * Owned by its session, and lives as long.
 */
export class SessionSender {
  readonly output: FrameOutput
  readonly encoder = new HpackEncoder()
  /** How many bytes of DATA the connection may send. */
  window = DEFAULT_WINDOW
  readonly #blocked = new Set<BlockedStream>()
  #isPumping = false
  /** What is done when the PINGs that are under way are answered, in their order. */
  readonly #pings: (() => void)[] = []

  constructor(output: FrameOutput) {
    this.output = output
  }

  /** How many bytes of DATA may be sent in one frame now, on any stream. */
  get room(): number {
    return this.window > 0 && !this.output.isFull ? Math.min(this.window, MAX_PAYLOAD_BYTES) : 0
  }

  /**
   * Sends a header block: the status (0: trailers, which have none) and a flat list of fields. Returns where the frame
   * begins in the output.
   */
  head(stream: number, status: number, fields: readonly string[], endsStream: boolean): number {
    const { encoder } = this
    encoder.begin()
    if (status > 0) encoder.status(status)
    for (let i = 0; i < fields.length; i += 2) encoder.field(fields[i] as string, fields[i + 1] as string)
    return this.output.headers(stream, encoder.bytes, encoder.length, endsStream ? FrameFlag.endStream : 0)
  }

  /** Sends our SETTINGS, the first frame of all, and opens the window of the connection. `headBytes`: kept of a head. */
  begin(headBytes: number): void {
    const settings = settingsPayload(
      [Setting.maxConcurrentStreams, http2Limits.streams],
      [Setting.initialWindowSize, http2Limits.streamWindow],
      [Setting.maxHeaderListSize, headBytes],
      [Setting.enableConnectProtocol, 1],
    )
    this.output.frame(FrameKind.settings, 0, 0, settings, 0, settings.length)
    this.giveBack(0, http2Limits.connectionWindow - DEFAULT_WINDOW)
  }

  acknowledgeSettings(): void {
    this.output.frame(FrameKind.settings, FrameFlag.ack, 0, nothing, 0, 0)
  }

  goAway(lastStream: number, code: number): void {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(lastStream, 0)
    payload.writeUInt32BE(code, 4)
    this.output.frame(FrameKind.goaway, 0, 0, payload, 0, 8)
  }

  /** Sends a PING, which the client answers when it has read everything before it. With too many none is sent. */
  ping(onAnswer: () => void): void {
    if (this.#pings.length === MAX_PINGS) {
      onAnswer()
      return
    }
    this.#pings.push(onAnswer)
    this.output.frame(FrameKind.ping, 0, 0, pingBytes, 0, pingBytes.length)
  }

  /** The answer to a PING has come. */
  pinged(): void {
    this.#pings.shift()?.()
  }

  /** Sends a frame of DATA, whose bytes the caller has taken from the window of its stream. */
  data(stream: number, bytes: Buffer, from: number, to: number): number {
    this.window -= to - from
    return this.output.frame(FrameKind.data, 0, stream, bytes, from, to)
  }

  endWithEmptyData(stream: number): void {
    this.output.frame(FrameKind.data, FrameFlag.endStream, stream, nothing, 0, 0)
  }

  reset(stream: number, code: number): void {
    this.output.number(FrameKind.rst, stream, code)
  }

  giveBack(stream: number, bytes: number): void {
    this.output.number(FrameKind.windowUpdate, stream, bytes)
  }

  /** The client has opened the window of the connection; returns 0, or the code of a connection error. */
  opened(bytes: number): number {
    if (bytes === 0) return Http2Code.protocolError
    this.window += bytes
    if (this.window > MAX_WINDOW) return Http2Code.flowControlError
    this.pump()
    return 0
  }

  block(stream: BlockedStream): void {
    this.#blocked.add(stream)
  }

  unblock(stream: BlockedStream): void {
    this.#blocked.delete(stream)
  }

  /** Sends what waits, a frame of each stream in turn, as far as that is possible now. */
  pump(): void {
    // A stream that has room again may bring more bytes during the call.
    if (this.#isPumping) return
    this.#isPumping = true
    let goesOn = this.#blocked.size > 0
    while (goesOn && this.room > 0) {
      goesOn = false
      for (const stream of [...this.#blocked]) {
        if (this.room === 0) break
        if (stream.sendOne()) goesOn = true
      }
    }
    this.#isPumping = false
  }
}

const nothing = Buffer.alloc(0)
