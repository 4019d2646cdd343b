import { FrameFlag, Http2Code } from './frames/frame-codes.ts'
import { http2Limits } from './limits.ts'
import type { SessionSender } from './session-sender.ts'
import type { Http2Stream } from './stream.ts'
import type { StreamInput } from './stream-input.ts'

const fullWindow = http2Limits.connectionWindow

/** Passes the DATA frames of one session to their streams, and watches the windows. Owned by the session. */
export class IncomingData {
  readonly #sender: SessionSender
  readonly #schedule: () => void
  #window: number = fullWindow
  /** The stream of the frame that is being read; undefined: it is dropped. */
  #stream: Http2Stream | undefined
  #endsStream = false
  /** Of that frame, the bytes that are no data, as far as it has been read. */
  #padding = 0
  /** What may still be added to the windows of streams. */
  #extraWindow: number = http2Limits.extraWindow
  /** The inputs of streams that have got bytes in this turn. */
  #gathered: StreamInput[] = []

  /** `schedule` makes the owner call passAll() at the end of this turn. */
  constructor(sender: SessionSender, schedule: () => void) {
    this.#sender = sender
    this.#schedule = schedule
  }

  /** A frame has begun; without a stream it is dropped. Returns 0, or the code of a connection error. */
  began(stream: Http2Stream | undefined, flags: number, length: number): number {
    this.#window -= length
    if (this.#window < 0) return Http2Code.flowControlError
    // Only the windows of the streams bound what waits, so no stream can hold up the others.
    if (this.#window < fullWindow >> 1) {
      this.#sender.giveBack(0, fullWindow - this.#window)
      this.#window = fullWindow
    }
    this.#endsStream = (flags & FrameFlag.endStream) !== 0
    this.#padding = length
    this.#stream = undefined
    if (stream?.hasRequest === true) stream.reset(Http2Code.streamClosed)
    else if (stream?.charge(length) === false) stream.reset(Http2Code.flowControlError)
    else this.#stream = stream
    return 0
  }

  came(bytes: Buffer, from: number, to: number): void {
    const stream = this.#stream
    this.#padding -= to - from
    if (stream?.came(bytes, from, to) === false) stream.reset(Http2Code.protocolError)
  }

  ended(): void {
    const stream = this.#stream
    this.#stream = undefined
    if (stream === undefined) return
    if (this.#padding > 0) stream.giveBack(this.#padding)
    if (this.#endsStream && !stream.requestEnded(undefined)) stream.reset(Http2Code.protocolError)
  }

  /** A stream whose bytes are taken as they come asks for a larger window; returns how many bytes it gets. */
  widen(bytes: number): number {
    const granted = Math.min(bytes, this.#extraWindow)
    this.#extraWindow -= granted
    return granted
  }

  /** Bytes have come for an input, which wants pass() at the end of this turn. */
  gathered(input: StreamInput): void {
    if (this.#gathered.push(input) === 1) this.#schedule()
  }

  passAll(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    for (const input of gathered) input.pass()
  }

  /** Called when a stream is closed: the rest of its frame is dropped. */
  forget(stream: Http2Stream): void {
    this.#extraWindow += stream.extraWindow
    if (this.#stream === stream) this.#stream = undefined
  }
}
