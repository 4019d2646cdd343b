import type { Socket } from 'node:net'
import { DEFAULT_WINDOW, FrameFlag, FrameKind, Http2Code, MAX_WINDOW, Setting } from './frames/frame-codes.ts'
import { FrameOutput } from './frames/frame-output.ts'
import { FrameReader, type FrameTaker } from './frames/frame-reader.ts'
import { HeadBlock } from './frames/head-block.ts'
import { PeerSettings, settingsPayload } from './frames/peer-settings.ts'
import { HeadList } from './head-list.ts'
import { HpackDecoder } from './hpack/hpack-decoder.ts'
import { http2Limits } from './limits.ts'
import { readTrailers } from './read-trailers.ts'
import { SessionSender } from './session-sender.ts'
import { Http2Stream, type StreamOwner } from './stream.ts'

/** What a session tells its connection. */
export interface SessionOwner {
  /** A request has come. It is answered on its stream. */
  requestCame(stream: Http2Stream, list: HeadList): void
  /** The answer to the PING that is under way has come. */
  pinged(): void
}

/** How many closed streams are remembered whose clients may still send frames that they sent before they knew. */
const MAX_REMEMBERED = 1_000

const ourSettings = settingsPayload(
  [Setting.maxConcurrentStreams, http2Limits.streams],
  [Setting.maxHeaderListSize, http2Limits.headBytes],
  [Setting.enableConnectProtocol, 1],
)
const noBytes = Buffer.alloc(0)
const pingBytes = Buffer.from('still on')

/**
 * The server's side of HTTP/2 on one connection (RFC 9113): frames, streams, windows. Life: from the socket's first byte
 * to its close; owned by its connection. Invariant: once `isOver` is set, nothing more is read or written.
 */
export class Http2Session implements FrameTaker, StreamOwner {
  readonly sender: SessionSender
  isOver = false
  readonly #socket: Socket
  readonly #owner: SessionOwner
  readonly #output: FrameOutput
  readonly #reader = new FrameReader(this)
  readonly #decoder = new HpackDecoder(4_096)
  readonly #block = new HeadBlock()
  readonly #peer = new PeerSettings()
  readonly #streams = new Map<number, Http2Stream>()
  /** Closed streams whose requests had not ended. */
  readonly #remembered = new Set<number>()
  #hasSettings = false
  /** The last stream that is served, and the last that the client has begun. */
  #lastServed = 0
  #lastSeen = 0
  #saidGoodbye = false
  #receiveWindow = DEFAULT_WINDOW
  /** The stream of the DATA that is being read; undefined: it is dropped. */
  #dataStream: Http2Stream | undefined
  #endsStream = false
  /** Bytes of padding in it. */
  #padding = 0

  /** `schedule` makes the owner call flush() at the end of this turn. */
  constructor(socket: Socket, owner: SessionOwner, schedule: () => void) {
    this.#socket = socket
    this.#owner = owner
    this.#output = new FrameOutput(socket, schedule)
    this.sender = new SessionSender(this.#output)
    this.#output.frame(FrameKind.settings, 0, 0, ourSettings, 0, ourSettings.length)
  }

  /** Bytes that have been written but that the system has not taken. */
  get unsent(): number {
    return this.#output.unsent
  }

  read(bytes: Buffer, from: number, end: number): void {
    if (this.isOver) return
    const code = this.#reader.read(bytes, from, end)
    if (code !== 0) this.end(code)
  }

  /** Writes the frames that were collected. */
  flush(): void {
    this.#output.flush()
  }

  /** The socket has room again. */
  drained(): void {
    this.sender.pump()
  }

  ping(): void {
    this.#output.frame(FrameKind.ping, 0, 0, pingBytes, 0, 8)
  }

  /** Takes no further request; the session ends when those under way are over. */
  goAway(): void {
    if (this.isOver) return
    this.#sayGoodbye(Http2Code.noError)
    if (this.#streams.size === 0) this.end(Http2Code.noError)
  }

  /** Ends the session, and every stream with it. */
  end(code: number): void {
    if (this.isOver) return
    if (!this.#saidGoodbye || code !== Http2Code.noError) this.#sayGoodbye(code)
    this.#output.flush()
    this.closed()
    // Who does not speak HTTP/2 is not waited for.
    if (this.#hasSettings) this.#socket.end()
    else this.#socket.destroySoon()
  }

  /** The socket has closed. */
  closed(): void {
    this.isOver = true
    for (const stream of [...this.#streams.values()]) stream.close()
  }

  removed(stream: Http2Stream): void {
    this.#streams.delete(stream.id)
    if (!stream.hasRequest) this.#remember(stream.id)
    if (this.#dataStream === stream) this.#dataStream = undefined
    if (this.#saidGoodbye && this.#streams.size === 0) this.end(Http2Code.noError)
  }

  frameBegan(kind: number, flags: number, id: number, length: number): number {
    const block = this.#block
    if (block.isOpen ? kind !== FrameKind.continuation || id !== block.stream : kind === FrameKind.continuation)
      return Http2Code.protocolError
    if (!this.#hasSettings) {
      if (kind !== FrameKind.settings || (flags & FrameFlag.ack) !== 0) return Http2Code.protocolError
      this.#hasSettings = true
    }
    return kind === FrameKind.data ? this.#dataBegan(flags, id, length) : 0
  }

  frameCame(kind: number, flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    switch (kind) {
      case FrameKind.headers:
        return this.#headersCame(flags, id, bytes, from, to)
      case FrameKind.continuation: {
        const block = this.#block
        const isLast = (flags & FrameFlag.endHeaders) !== 0
        const code = block.add(bytes, from, to, isLast)
        if (code !== 0 || !isLast) return code
        const decoded = this.#blockCame(id, block.endsStream, block.bytes, 0, block.length)
        block.clear()
        return decoded
      }
      case FrameKind.priority:
        if (id === 0) return Http2Code.protocolError
        return to - from === 5 ? 0 : Http2Code.frameSizeError
      case FrameKind.rst:
        if (to - from !== 4) return Http2Code.frameSizeError
        if (this.#isIdle(id)) return Http2Code.protocolError
        this.#streams.get(id)?.close()
        return 0
      case FrameKind.settings:
        return this.#settingsCame(flags, id, bytes, from, to)
      case FrameKind.ping:
        if (id !== 0) return Http2Code.protocolError
        if (to - from !== 8) return Http2Code.frameSizeError
        if ((flags & FrameFlag.ack) === 0) this.#output.frame(FrameKind.ping, FrameFlag.ack, 0, bytes, from, to)
        else this.#owner.pinged()
        return 0
      case FrameKind.goaway:
        if (id !== 0) return Http2Code.protocolError
        return to - from < 8 ? Http2Code.frameSizeError : 0
      case FrameKind.windowUpdate:
        return to - from === 4
          ? this.#windowOpened(id, bytes.readUInt32BE(from) & MAX_WINDOW)
          : Http2Code.frameSizeError
      default:
        // A client must not push.
        return Http2Code.protocolError
    }
  }

  dataCame(bytes: Buffer, from: number, to: number): number {
    const stream = this.#dataStream
    this.#padding -= to - from
    if (stream !== undefined && !stream.came(bytes, from, to)) stream.reset(Http2Code.protocolError)
    return 0
  }

  dataEnded(): number {
    const stream = this.#dataStream
    this.#dataStream = undefined
    if (stream === undefined) return 0
    if (this.#padding > 0) stream.giveBack(this.#padding)
    if (this.#endsStream) this.#requestEnded(stream, undefined)
    return 0
  }

  #dataBegan(flags: number, id: number, length: number): number {
    if (this.#isIdle(id)) return Http2Code.protocolError
    this.#receiveWindow -= length
    if (this.#receiveWindow < 0) return Http2Code.flowControlError
    // Only the windows of the streams bound what waits, so no stream can hold up the others.
    if (this.#receiveWindow < DEFAULT_WINDOW >> 1) {
      this.sender.giveBack(0, DEFAULT_WINDOW - this.#receiveWindow)
      this.#receiveWindow = DEFAULT_WINDOW
    }
    this.#endsStream = (flags & FrameFlag.endStream) !== 0
    this.#padding = length
    const stream = this.#streams.get(id)
    this.#dataStream = undefined
    if (stream === undefined) return this.#isForgotten(id) ? Http2Code.streamClosed : 0
    if (stream.hasRequest) stream.reset(Http2Code.streamClosed)
    else if (!stream.charge(length)) stream.reset(Http2Code.flowControlError)
    else this.#dataStream = stream
    return 0
  }

  #headersCame(flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    if (id % 2 === 0) return Http2Code.protocolError
    let at = from
    let end = to
    if ((flags & FrameFlag.padded) !== 0) {
      if (at === end) return Http2Code.frameSizeError
      end -= bytes[at++] as number
    }
    if ((flags & FrameFlag.priority) !== 0) at += 5
    if (at > end) return Http2Code.protocolError
    const endsStream = (flags & FrameFlag.endStream) !== 0
    if ((flags & FrameFlag.endHeaders) !== 0) return this.#blockCame(id, endsStream, bytes, at, end)
    this.#block.begin(id, endsStream, bytes, at, end)
    return 0
  }

  #blockCame(id: number, endsStream: boolean, bytes: Buffer, from: number, to: number): number {
    const list = new HeadList()
    // Every block is decoded, also one that nobody wants, because the next ones may refer to its fields.
    if (!this.#decoder.decode(bytes, from, to, list)) return Http2Code.compressionError
    const stream = this.#streams.get(id)
    if (stream !== undefined) {
      this.#trailersCame(stream, list, endsStream)
      return 0
    }
    if (id <= this.#lastSeen) return this.#isForgotten(id) ? Http2Code.streamClosed : 0
    this.#lastSeen = id
    // The client sends it again on another connection (RFC 9113 6.8).
    if (this.#saidGoodbye) return 0
    this.#lastServed = id
    if (this.#streams.size >= http2Limits.streams) {
      this.sender.reset(id, Http2Code.refusedStream)
      if (!endsStream) this.#remember(id)
      return 0
    }
    const opened = new Http2Stream(id, this, this.#peer.initialWindow, endsStream)
    this.#streams.set(id, opened)
    this.#owner.requestCame(opened, list)
    return 0
  }

  #trailersCame(stream: Http2Stream, list: HeadList, endsStream: boolean): void {
    if (stream.hasRequest) {
      stream.reset(Http2Code.streamClosed)
      return
    }
    const trailers = endsStream ? readTrailers(list) : undefined
    if (trailers === undefined) stream.reset(Http2Code.protocolError)
    else this.#requestEnded(stream, trailers)
  }

  #requestEnded(stream: Http2Stream, trailers: readonly string[] | undefined): void {
    if (!stream.requestEnded(trailers)) stream.reset(Http2Code.protocolError)
  }

  #settingsCame(flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    if (id !== 0) return Http2Code.protocolError
    if ((flags & FrameFlag.ack) !== 0) return to === from ? 0 : Http2Code.frameSizeError
    if ((to - from) % 6 !== 0) return Http2Code.frameSizeError
    const peer = this.#peer
    const before = peer.initialWindow
    const code = peer.read(bytes, from, to)
    if (code !== 0) return code
    this.sender.encoder.resize(peer.headerTableSize)
    this.#output.frame(FrameKind.settings, FrameFlag.ack, 0, noBytes, 0, 0)
    if (peer.initialWindow === before) return 0
    for (const stream of this.#streams.values()) {
      if (!stream.opened(peer.initialWindow - before)) return Http2Code.flowControlError
    }
    this.sender.pump()
    return 0
  }

  #windowOpened(id: number, bytes: number): number {
    if (id === 0) return this.sender.opened(bytes)
    if (this.#isIdle(id)) return Http2Code.protocolError
    const stream = this.#streams.get(id)
    if (bytes === 0) stream?.reset(Http2Code.protocolError)
    else if (stream?.opened(bytes) === false) stream.reset(Http2Code.flowControlError)
    else this.sender.pump()
    return 0
  }

  #sayGoodbye(code: number): void {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(this.#lastServed, 0)
    payload.writeUInt32BE(code, 4)
    this.#output.frame(FrameKind.goaway, 0, 0, payload, 0, 8)
    this.#saidGoodbye = true
  }

  /** Whether no request has come on this stream: 0 and the even ones are never used by a client. */
  #isIdle(id: number): boolean {
    return id > this.#lastSeen || id % 2 === 0
  }

  /** Whether a stream that is not open was closed so long ago, or so completely, that no more frames may come on it. */
  #isForgotten(id: number): boolean {
    return id <= this.#lastServed && !this.#remembered.has(id)
  }

  #remember(id: number): void {
    this.#remembered.add(id)
    if (this.#remembered.size <= MAX_REMEMBERED) return
    for (const oldest of this.#remembered) {
      this.#remembered.delete(oldest)
      break
    }
  }
}
