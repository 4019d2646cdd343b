import type { Socket } from 'node:net'
import type { FrontLimits } from '../limits.ts'
import { FrameFlag, FrameKind, Http2Code, MAX_WINDOW } from './frames/frame-codes.ts'
import { FrameOutput } from './frames/frame-output.ts'
import { FrameReader, type FrameTaker } from './frames/frame-reader.ts'
import { HeadBlock } from './frames/head-block.ts'
import { HeadList } from './hpack/head-list.ts'
import { HpackDecoder } from './hpack/hpack-decoder.ts'
import { IncomingData } from './incoming-data.ts'
import { http2Limits } from './limits.ts'
import { OutgoingWindows } from './outgoing-windows.ts'
import { readTrailers } from './read-trailers.ts'
import { SessionSender } from './session-sender.ts'
import { Http2Stream, type StreamOwner } from './stream.ts'
import { StreamTable } from './stream-table.ts'

/** What a session tells its connection. */
export interface RequestTaker {
  readonly limits: Pick<FrontLimits, 'headBytes'>
  /** A request has come. It is answered on its stream. */
  requestCame(stream: Http2Stream, list: HeadList): void
}

/**
 * The server's side of HTTP/2 on one connection (RFC 9113): frames, streams, windows. Life: from the socket's first byte
 * to its close; owned by its connection. Invariant: once `isOver` is set, nothing more is read or written.
 */
export class Http2Session implements FrameTaker, StreamOwner {
  readonly sender: SessionSender
  readonly incoming: IncomingData
  isOver = false
  readonly #socket: Socket
  readonly #owner: RequestTaker
  readonly #output: FrameOutput
  readonly #reader = new FrameReader(this)
  readonly #decoder = new HpackDecoder(4_096)
  readonly #block = new HeadBlock()
  readonly #streams = new StreamTable()
  readonly #allowed: OutgoingWindows
  #hasSettings = false
  /** Whether the client has been told that the session will end. */
  #isLeaving = false
  /** Whether it has been told which stream is the last; no further request is taken. */
  #saidGoodbye = false

  /** `schedule` makes the owner call flush() at the end of this turn. */
  constructor(socket: Socket, owner: RequestTaker, schedule: () => void) {
    this.#socket = socket
    this.#owner = owner
    this.#output = new FrameOutput(socket, schedule)
    this.sender = new SessionSender(this.#output)
    this.incoming = new IncomingData(this.sender, schedule)
    this.#allowed = new OutgoingWindows(this.sender, this.#streams)
    this.sender.begin(this.#keptHeadBytes)
  }

  /** How much of a head is kept: more than is allowed, so that what is too much can be answered. */
  get #keptHeadBytes(): number {
    return this.#owner.limits.headBytes + http2Limits.extraHeadBytes
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

  /** Passes the bytes of bodies on and writes the frames that were collected in this turn. */
  flush(): void {
    this.incoming.passAll()
    this.#output.flush()
  }

  /**
   * Ends the session when the requests under way are over. Takes those, too, that the client sends before it has read
   * this: their GOAWAY comes when it has answered a PING (RFC 9113 6.8).
   */
  goAway(): void {
    if (this.isOver || this.#isLeaving) return
    this.#isLeaving = true
    if (this.#streams.size === 0) {
      this.end(Http2Code.noError)
      return
    }
    this.sender.goAway(MAX_WINDOW, Http2Code.noError)
    this.sender.ping(() => {
      this.#endWhenIdle()
    })
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

  answered(stream: Http2Stream): void {
    // Some clients drop an answer that comes together with a reset, so they are told when they have read it.
    this.sender.ping(() => {
      stream.reset(Http2Code.noError)
    })
  }

  removed(stream: Http2Stream): void {
    this.#streams.remove(stream)
    this.incoming.forget(stream)
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
        const code = this.#block.add(flags, bytes, from, to)
        return code === 0 ? this.#blockCame() : code
      }
      case FrameKind.priority:
        if (id === 0) return Http2Code.protocolError
        return to - from === 5 ? 0 : Http2Code.frameSizeError
      case FrameKind.rst:
        if (to - from !== 4) return Http2Code.frameSizeError
        if (!this.#streams.wasSeen(id)) return Http2Code.protocolError
        this.#streams.get(id)?.close()
        return 0
      case FrameKind.settings:
        return this.#allowed.settingsCame(flags, id, bytes, from, to)
      case FrameKind.ping:
        if (id !== 0) return Http2Code.protocolError
        if (to - from !== 8) return Http2Code.frameSizeError
        if ((flags & FrameFlag.ack) === 0) this.#output.frame(FrameKind.ping, FrameFlag.ack, 0, bytes, from, to)
        else this.sender.pinged()
        return 0
      case FrameKind.goaway:
        if (id !== 0) return Http2Code.protocolError
        return to - from < 8 ? Http2Code.frameSizeError : 0
      case FrameKind.windowUpdate:
        return to - from === 4
          ? this.#allowed.windowOpened(id, bytes.readUInt32BE(from) & MAX_WINDOW)
          : Http2Code.frameSizeError
      default:
        // A client must not push.
        return Http2Code.protocolError
    }
  }

  dataCame(bytes: Buffer, from: number, to: number): number {
    this.incoming.came(bytes, from, to)
    return 0
  }

  dataEnded(): number {
    this.incoming.ended()
    return 0
  }

  #dataBegan(flags: number, id: number, length: number): number {
    const streams = this.#streams
    if (!streams.wasSeen(id)) return Http2Code.protocolError
    const stream = streams.get(id)
    if (stream === undefined && streams.isForgotten(id)) return Http2Code.streamClosed
    return this.incoming.began(stream, flags, length)
  }

  #headersCame(flags: number, id: number, bytes: Buffer, from: number, to: number): number {
    if (id % 2 === 0) return Http2Code.protocolError
    const code = this.#block.begin(id, flags, bytes, from, to)
    return code === 0 ? this.#blockCame() : code
  }

  #blockCame(): number {
    const block = this.#block
    if (block.isOpen) return 0
    const { stream: id, endsStream } = block
    const list = new HeadList(this.#keptHeadBytes, http2Limits.headLines)
    // Every block is decoded, also one that nobody wants, because the next ones may refer to its fields.
    const isDecoded = this.#decoder.decode(block.bytes, block.from, block.to, list)
    block.clear()
    if (!isDecoded) return Http2Code.compressionError
    const streams = this.#streams
    const stream = streams.get(id)
    if (stream !== undefined) this.#trailersCame(stream, list, endsStream)
    else if (streams.wasSeen(id)) return streams.isForgotten(id) ? Http2Code.streamClosed : 0
    else this.#requestCame(id, list, endsStream)
    return 0
  }

  #requestCame(id: number, list: HeadList, endsStream: boolean): void {
    const streams = this.#streams
    streams.see(id)
    // The client sends it again on another connection (RFC 9113 6.8).
    if (this.#saidGoodbye) return
    streams.lastServed = id
    if (streams.size >= http2Limits.streams) {
      this.sender.reset(id, Http2Code.refusedStream)
      if (!endsStream) streams.remember(id)
      return
    }
    const stream = new Http2Stream(id, this, this.#allowed.initialWindow, endsStream)
    streams.add(stream)
    this.#owner.requestCame(stream, list)
  }

  #trailersCame(stream: Http2Stream, list: HeadList, endsStream: boolean): void {
    if (stream.hasRequest) {
      stream.reset(Http2Code.streamClosed)
      return
    }
    const trailers = endsStream ? readTrailers(list) : undefined
    if (trailers === undefined || !stream.requestEnded(trailers)) stream.reset(Http2Code.protocolError)
  }

  #endWhenIdle(): void {
    if (this.isOver) return
    this.#sayGoodbye(Http2Code.noError)
    if (this.#streams.size === 0) this.end(Http2Code.noError)
  }

  #sayGoodbye(code: number): void {
    this.#saidGoodbye = true
    this.sender.goAway(this.#streams.lastServed, code)
  }
}
