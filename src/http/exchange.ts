import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Headers } from './headers.ts'
import type { ResponseFields } from './response-fields.ts'

/** The client's side of an exchange: what does not change while the connection lives. */
export interface Connection {
  readonly scheme: 'http' | 'https'
  readonly localAddress: string
  readonly localPort: number
  /** An IPv4 client on a dual-stack socket appears as plain `1.2.3.4`, never as `::ffff:1.2.3.4`. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** Base64 of the client certificate's DER, when one was negotiated. */
  readonly clientCertificate: string | undefined
  /** Calls the listener once: when the client's connection has ended, or now if it has. */
  onEnd(listener: () => void): void
}

/**
 * One request as every room sees it: HTTP/1.1, HTTP/2 or an upgrade. Made by a front, which vouches that there is only
 * one reading of it (framing, Host and target are checked before anybody else sees the exchange).
 */
export interface Exchange {
  readonly id: number
  /** Monotonic milliseconds. */
  readonly receivedAt: number
  readonly connection: Connection
  readonly httpVersion: '1.0' | '1.1' | '2'
  /** Any token (RFC 9110 9.1), case kept. */
  readonly method: string
  /**
   * What is forwarded: origin form (or `*` for OPTIONS), as the client wrote it except that dot segments are resolved.
   * Never decoded and re-encoded; the query is untouched.
   */
  readonly target: string
  /** The once-decoded path without the query, `\` read as `/`: what decisions look at (application, handler, filtering). */
  readonly path: string
  /** The Host field, or the authority of an absolute-form target, which replaces it (RFC 9112 3.2.2). */
  readonly host: string
  readonly headers: Headers
  /** Undefined for the many requests without one. */
  readonly body: RequestBody | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Reply
  /** Node's own objects, for http-proxy only, which insists on them. */
  readonly native?: { readonly req: IncomingMessage; readonly res: ServerResponse }
  /** What a front that reads bytes itself offers a forwarder that does so too: a RawExchange (http1/passthrough.ts). */
  readonly raw?: object
}

/** Bytes with back-pressure and without node streams, so that a front on raw sockets pays for nothing. */
export interface ByteSource {
  /** Starts the flow; once. The sink gets writes, then exactly one of end or fail. */
  into(sink: ByteSink): void
  pause(): void
  resume(): void
  /** No more is wanted; the sink hears nothing further. */
  destroy(): void
}

export interface ByteSink {
  /** The chunk belongs to the sink. False: full, wait for the drain listener. */
  write(chunk: Uint8Array): boolean
  /** The message is complete; `trailers` is a flat list name, value, … */
  end(trailers?: readonly string[]): void
  /** The message will never be complete; whoever reads it must not take it for a whole one. */
  fail(cause: unknown): void
  /** One listener; called whenever the sink can take more after write() returned false. */
  onDrain(listener: () => void): void
}

export interface RequestBody extends ByteSource {
  /** Content-Length in bytes; undefined when the body is chunked. */
  readonly length: number | undefined
  /** Above this many bytes the sink's fail() is called with a BodyTooLarge. Set before into(). */
  limit(bytes: number): void
}

/** The client sent more body bytes than requestLimits allows. */
export class BodyTooLarge extends Error {
  readonly limit: number

  constructor(limit: number) {
    super(`the request body is larger than ${String(limit)} bytes`)
    this.name = 'BodyTooLarge'
    this.limit = limit
  }
}

/** The client sends its body more slowly than the front allows. */
export class BodyTooSlow extends Error {
  constructor() {
    super('the request body arrives too slowly')
    this.name = 'BodyTooSlow'
  }
}

/** The framing of the request body is broken: where it ends is not known. */
export class BodyMalformed extends Error {
  constructor(cause: unknown) {
    super('the framing of the request body is broken', { cause })
    this.name = 'BodyMalformed'
  }
}

/** The client's connection ended before the exchange was complete. */
export class ClientGone extends Error {
  constructor() {
    super('the client ended the connection')
    this.name = 'ClientGone'
  }
}

/** A request to leave HTTP on this connection. Only `websocket` is offered; anything else is an ordinary request. */
export interface Upgrade {
  readonly protocol: string
  /** Sends the 101 and hands the connection over; bytes that came early are first in the source. Once. */
  accept(head: ResponseHead): Tunnel
}

/** Two directions of bytes after an upgrade. */
export interface Tunnel {
  readonly source: ByteSource
  readonly sink: ByteSink
  destroy(): void
}

export interface ResponseHead {
  readonly status: number
  readonly reason: string
  /** Flat name, value, …: original order and casing, hop-by-hop fields already gone; no Transfer-Encoding. */
  readonly headers: readonly string[]
}

/** The only way to speak to the client. */
export interface Reply {
  /** The head of a final response has been given. */
  readonly started: boolean
  /** The client's connection has ended before the response was complete. */
  readonly gone: boolean
  /** Status sent, 0 before that; for the access log. */
  readonly status: number
  /** Body bytes given so far; for the access log. */
  readonly bytes: number
  /** Go out behind the fields of the final head, whoever gives that; who accepts an upgrade puts them into its 101 likewise. */
  responseFields: ResponseFields | undefined
  /** A 1xx head, before begin(); dropped for HTTP/1.0 clients, which know none. */
  inform(head: ResponseHead): void
  /**
   * The final head; once. The reply frames the body by itself: Content-Length if the head has one, else chunked (1.1) or
   * until close (1.0); none for HEAD, 204 and 304.
   */
  begin(head: ResponseHead): ByteSink
  /** A whole response of our own; not after begin(). */
  answer(answer: Answer): void
  /** Ends the client's connection so that it cannot take what it has for a whole response. */
  abort(): void
  /** One listener; called once if the client goes before the response is complete. */
  onGone(listener: () => void): void
}
