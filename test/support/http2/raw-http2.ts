import { connect, type Socket } from 'node:net'
import { ACK, FrameType, frame, PREFACE, settings } from './frames.ts'

export interface ReceivedFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** Milliseconds after which a wait fails. Ends broken runs; no test may depend on it. */
const LIMIT_MS = 15_000

/** Status codes of the static table, by their index (RFC 7541 A). */
const STATIC_STATUS: Readonly<Record<number, string>> = {
  8: '200', 9: '204', 10: '206', 11: '304', 12: '400', 13: '404', 14: '500',
} // biome-ignore format: a table

/**
 * The test's end of an HTTP/2 connection: sends bytes, and collects the frames that come. It answers PING and SETTINGS
 * as a client must, unless it is told to be silent. It is no client library: it keeps no state of streams and windows.
 */
export class RawHttp2 {
  readonly socket: Socket
  readonly frames: ReceivedFrame[] = []
  isSilent = false
  ended = false
  #pending = Buffer.alloc(0)
  #changed: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#take(chunk)
    })
    const end = (): void => {
      this.ended = true
      this.#notify()
    }
    socket.on('end', end).on('close', end).on('error', end)
  }

  /** Sends the connection preface; a table size of 0 keeps the status of every response readable on its own. */
  begin(...pairs: readonly (readonly [id: number, value: number])[]): void {
    this.send(PREFACE, settings([1, 0], ...pairs))
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts))
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Forgets the frames of all streams, in a test with thousands of them. */
  forgetStreams(): void {
    this.frames.splice(0, this.frames.length, ...this.of(0))
  }

  of(stream: number, type?: number): ReceivedFrame[] {
    return this.frames.filter((each) => each.stream === stream && (type === undefined || each.type === type))
  }

  /** The status codes of a stream's responses, 1xx included. */
  statuses(stream: number): string[] {
    return this.of(stream, FrameType.headers)
      .map(({ payload }) => statusOf(payload))
      .filter((status) => status !== '')
  }

  /** The bytes of a stream's body so far. */
  body(stream: number): string {
    return Buffer.concat(this.of(stream, FrameType.data).map(({ payload }) => payload)).toString('latin1')
  }

  /** The error code of a stream's RST_STREAM; undefined while none has come. */
  resetCode(stream: number): number | undefined {
    return this.of(stream, FrameType.rst)[0]?.payload.readUInt32BE()
  }

  get goawayCode(): number | undefined {
    return this.frames.find(({ type }) => type === FrameType.goaway)?.payload.readUInt32BE(4)
  }

  /** Whether a stream is over: END_STREAM or RST_STREAM has come, or the connection has ended. */
  isOver(stream: number): boolean {
    const hasEnd = this.of(stream).some(({ type, flags }) => type <= FrameType.headers && (flags & 1) === 1)
    return this.ended || hasEnd || this.resetCode(stream) !== undefined
  }

  /** Resolves when the condition holds, which is looked at after every frame; rejects when it never does. */
  async until(condition: () => boolean, what = String(condition)): Promise<void> {
    const end = performance.now() + LIMIT_MS
    while (!condition()) {
      if (this.ended || performance.now() > end) {
        const seen = this.frames.map(({ type, flags, stream, payload }) =>
          [type, flags, stream, payload.length].join(' '),
        )
        throw new Error(`${what} did not happen (${this.ended ? 'ended' : 'in time'}); frames: ${seen.join(', ')}`)
      }
      await this.#change()
    }
  }

  untilOver(stream: number): Promise<void> {
    return this.until(() => this.isOver(stream), `the end of stream ${String(stream)}`)
  }

  /** Resolves when the other side has ended the connection. */
  async untilEnded(): Promise<void> {
    const end = performance.now() + LIMIT_MS
    while (!this.ended) {
      if (performance.now() > end) throw new Error('the connection was never ended')
      await this.#change()
    }
  }

  #take(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    for (;;) {
      if (this.#pending.length < 9) break
      const length = this.#pending.readUIntBE(0, 3)
      if (this.#pending.length < 9 + length) break
      const received: ReceivedFrame = {
        type: this.#pending.readUInt8(3),
        flags: this.#pending.readUInt8(4),
        stream: this.#pending.readUInt32BE(5) & 0x7fffffff,
        payload: this.#pending.subarray(9, 9 + length),
      }
      this.#pending = this.#pending.subarray(9 + length)
      this.frames.push(received)
      if (this.isSilent || (received.flags & ACK) !== 0) continue
      if (received.type === FrameType.ping) this.send(frame(FrameType.ping, ACK, 0, received.payload))
      if (received.type === FrameType.settings) this.send(frame(FrameType.settings, ACK, 0))
    }
    this.#notify()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 500)
      this.#changed.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #notify(): void {
    const changed = this.#changed
    this.#changed = []
    for (const resolve of changed) resolve()
  }
}

/** Connects without TLS to a port of this machine; sends nothing yet. */
export function connectHttp2(port: number): Promise<RawHttp2> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(new RawHttp2(socket))
    })
  })
}

/** The status at the beginning of a header block; '' for one without, as of trailers. */
function statusOf(payload: Buffer): string {
  let at = 0
  // Updates of the size of the dynamic table come first.
  while (((payload[at] ?? 0) & 0xe0) === 0x20) {
    if (((payload[at] ?? 0) & 0x1f) === 0x1f) while (((payload[at + 1] ?? 0) & 0x80) !== 0) at++
    at++
  }
  const first = payload[at] ?? 0
  if ((first & 0x80) !== 0) return STATIC_STATUS[first & 0x7f] ?? ''
  // A literal whose name is an entry of the static table, from 8 to 14: `:status`.
  const index = first & ((first & 0x40) !== 0 ? 0x3f : 0x0f)
  if (index < 8 || index > 14) return ''
  const coded = payload[at + 1] ?? 0
  const bytes = payload.subarray(at + 2, at + 2 + (coded & 0x7f))
  return (coded & 0x80) === 0 ? bytes.toString('latin1') : huffmanDigits(bytes)
}

/** Decodes three digits (RFC 7541 B). */
function huffmanDigits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let digits = ''
  while (digits.length < 3) {
    const short = Number.parseInt(bits.slice(0, 5), 2)
    if (short < 3) {
      digits += String(short)
      bits = bits.slice(5)
    } else {
      digits += String(Number.parseInt(bits.slice(0, 6), 2) - 22)
      bits = bits.slice(6)
    }
  }
  return digits
}
