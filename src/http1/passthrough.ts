import type { Cuts } from './cuts.ts'
import type { RawRequestHead } from './request-head.ts'
import type { RawResponseHead } from './response-head.ts'

/**
 * Lets a front and a forwarder that both read bytes pass them on without turning them into objects and back, in
 * addition to Exchange and Reply. Found in `exchange.raw`; a forwarder that does not know it uses Exchange and Reply
 * only.
 */
export interface RawExchange {
  /** The request's head. The object is reused for the next request, so it must be read before the next event. */
  readonly head: RawRequestHead
  /** Whether target and Host are forwarded exactly as they stand in the bytes. */
  readonly isAsWritten: boolean
  readonly client: RawClient
  readonly rawBody: RawBody | undefined
  readonly rawReply: RawReply
}

/** One client's connection, with a cache for the header fields that a forwarder computes only once for it. */
export interface RawClient {
  /** The upstream that filled the cache; undefined while it is empty. */
  headerCacheOwner: object | undefined
  /** Header fields as text, in the form of headerCacheOwner. */
  headerCache: string
}

export interface RawBody {
  /** Whether the whole body has been taken or passed on. */
  readonly complete: boolean
  /**
   * Takes the part of the body that came together with the head, as Latin-1 text with its framing; empty when it is
   * larger than `maxBytes`. Called before intoFramed().
   */
  takeEarly(maxBytes: number): string
  /** As into(), but chunked bodies keep their framing, the last chunk included; end() gets no trailers. */
  intoFramed(sink: FramedSink): void
  /** Tells that the framed sink can take more, after its write() returned false. */
  sinkDrained(): void
}

export interface FramedSink {
  /** Takes a chunk, which the sink may keep. False: the sink is full until the body's sinkDrained(). */
  write(chunk: Uint8Array): boolean
  /**
   * Takes a lent chunk, and returns a value of Lent; a sink without this method gets copies by write(). After Lent.full
   * the body's sinkDrained() is called when the system has all lent bytes.
   */
  lend?(chunk: Uint8Array): number
  end(): void
  fail(cause: unknown): void
}

export interface RawReply {
  /** Whether the client understands chunks; an HTTP/1.0 client does not. */
  readonly takesChunks: boolean
  /** From now on the peer gets clientGone() and clientDrained(). */
  watch(peer: RawPeer): void
  /**
   * Sends the final head and the bytes of the body that came with it: `head.bytes` from `head.start` to `end`, without
   * the cuts. The reply writes Date and Connection, so the cuts must contain every Connection line and every Date line
   * other than `head.dateLine`. The bytes are lent, and the reply may overwrite them. `closes`: the client's connection
   * ends after the response, as the app wants. Returns a value of Lent.
   */
  beginLent(head: RawResponseHead, cuts: Cuts, end: number, closes: boolean): number
  /** Sends more of the body, with its framing, from a lent buffer. Returns a value of Lent. */
  lend(bytes: Buffer, from: number, to: number): number
  /** Sends more of the body as Latin-1 text, such as the end of a chunked body with trailers. */
  text(text: string): void
  /** The body is complete. */
  endLent(): void
}

export interface RawPeer {
  /** The client disconnected before the response was complete. */
  clientGone(): void
  /** The client can take more after Lent.full. */
  clientDrained(): void
}
