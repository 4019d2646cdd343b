import type { Cuts } from './cuts.ts'
import type { RawRequestHead } from './request-head.ts'
import type { RawResponseHead } from './response-head.ts'

/**
 * What a front and a forwarder of this engine offer each other besides Exchange and Reply, so that bytes that need no
 * change are not turned into objects and back. Found in `exchange.raw`; whoever does not know it loses nothing.
 */
export interface RawExchange {
  /** The head as read. The object is shared: it holds this request's until the next event, so it is used at once. */
  readonly head: RawRequestHead
  /** Target and Host go on as they stand in the bytes. */
  readonly isAsWritten: boolean
  readonly client: RawClient
  readonly rawBody: RawBody | undefined
  readonly rawReply: RawReply
}

/** Lives as long as the client's connection. Holds the header cache: what a forwarder need write only once for it. */
export interface RawClient {
  /** The upstream that wrote it; undefined: nobody yet. */
  headerCacheOwner: object | undefined
  headerCache: string
}

export interface RawBody {
  /** Everything has been taken or given on. */
  readonly complete: boolean
  /**
   * Before intoFramed(): takes what came together with the head as Latin-1 text, framing kept, when it is at most
   * `maxBytes`; otherwise an empty text.
   */
  takeEarly(maxBytes: number): string
  /** As into(), but chunks come as they are on the wire, the last one included; end() tells no trailers. */
  intoFramed(sink: FramedSink): void
  /** The framed sink can take more after write() returned false. */
  sinkDrained(): void
}

export interface FramedSink {
  /** The chunk belongs to the sink. False: full. */
  write(chunk: Uint8Array): boolean
  /**
   * The chunk is lent; a sink that cannot borrow gets copies. After Lent.full the body's sinkDrained() says that all that was lent
   * is with the system.
   */
  lend?(chunk: Uint8Array): number
  end(): void
  fail(cause: unknown): void
}

/** What became of bytes that were lent. */
export const Lent = Object.freeze({
  /** They are with the system: the lender may use its buffer again. */
  done: 0,
  /** They are still referred to: the lender takes another buffer. */
  kept: 1,
  /** They are still referred to, until the peer's clientDrained(), which will come: the lender stops until then. */
  full: 2,
})

export interface RawReply {
  /** Can the client be given chunks? HTTP/1.0 clients cannot. */
  readonly takesChunks: boolean
  /** From now on the peer hears of the client's end and of room for more. */
  watch(peer: RawPeer): void
  /**
   * The final head and what came of the body with it: `head.bytes` from `head.start` to `end`, without the cuts. The reply
   * takes care of Date and Connection: no Connection line and no Date line but `head.dateLine` may be left. The bytes
   * are lent, and may be changed where they are. `closes`: the app wants the client's connection to end, too.
   */
  beginLent(head: RawResponseHead, cuts: Cuts, end: number, closes: boolean): number
  /** More of the body, framing kept. Lent. */
  lend(bytes: Buffer, from: number, to: number): number
  /** More of the body as Latin-1 text: the end of a chunked one with trailers. */
  text(text: string): void
  /** The body is complete. */
  endLent(): void
}

export interface RawPeer {
  /** The client has gone before the response was complete. */
  clientGone(): void
  /** The client can take more after Lent.full. */
  clientDrained(): void
}
