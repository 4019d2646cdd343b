import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Headers } from './headers.ts'
import type { ResponseFields } from './response-fields.ts'

/** The client's connection: facts that do not change while it lives. */
export interface Connection {
  readonly scheme: 'http' | 'https'
  readonly localAddress: string
  readonly localPort: number
  /** An IPv4 client on a dual-stack socket appears as plain `1.2.3.4`, never as `::ffff:1.2.3.4`. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** The client's certificate as DER in Base64; undefined without one. */
  readonly clientCertificate: string | undefined
  /** Calls the listener once: when the connection has ended, or before it returns if it has already. */
  onEnd(listener: () => void): void
}

/**
 * One request and its reply, the same for HTTP/1.1, HTTP/2 and upgrades. Made by a front, which has checked framing,
 * Host and target, so that the request has only one meaning.
 */
export interface Exchange {
  readonly id: number
  /** Monotonic milliseconds. */
  readonly receivedAt: number
  readonly connection: Connection
  readonly httpVersion: '1.0' | '1.1' | '2'
  /** Any token (RFC 9110 9.1), in its own casing. */
  readonly method: string
  /**
   * The target to forward: origin form (or `*` for OPTIONS), as the client wrote it except that dot segments are
   * resolved. Never decoded and encoded again; the query is unchanged.
   */
  readonly target: string
  /**
   * The path, decoded once, without the query and with `/` for `\`; application, handler and filters are chosen by it.
   */
  readonly path: string
  /** The Host field, or the authority of an absolute-form target, which replaces it (RFC 9112 3.2.2). */
  readonly host: string
  readonly headers: Headers
  /** Undefined for a request without a body. */
  readonly body: RequestBody | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Reply
  /** Node's own objects, which only http-proxy needs. */
  readonly native?: { readonly req: IncomingMessage; readonly res: ServerResponse }
  /**
   * The request as bytes, where front and forwarder both read bytes themselves: a RawExchange (http1/passthrough.ts).
   */
  readonly raw?: object
}

/** A source of bytes with back-pressure; not a node stream, which would cost a front on raw sockets too much. */
export interface ByteSource {
  /** Starts the flow; called once. The sink gets writes, then exactly one call of end() or fail(). */
  into(sink: ByteSink): void
  pause(): void
  resume(): void
  /** No more bytes are wanted; the sink gets no further calls. */
  destroy(): void
}

export interface ByteSink {
  /** Takes a chunk, which the sink may keep. False: the sink is full, and calls the drain listener when it is not. */
  write(chunk: Uint8Array): boolean
  /** The message is complete; `trailers` is a flat list name, value, … */
  end(trailers?: readonly string[]): void
  /** The message will never be complete; its receiver must not take it for a complete one. */
  fail(cause: unknown): void
  /** Sets the one listener that is called each time the sink can take more after write() returned false. */
  onDrain(listener: () => void): void
}

export interface RequestBody extends ByteSource {
  /** Content-Length in bytes; undefined when the body is chunked. */
  readonly length: number | undefined
  /** Sets the most bytes that the body may have, else the sink's fail() gets a BodyTooLarge. Called before into(). */
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

/** The client sends its body more slowly than the front's limits allow. */
export class BodyTooSlow extends Error {
  constructor() {
    super('the request body arrives too slowly')
    this.name = 'BodyTooSlow'
  }
}

/** The framing of the request body is broken, so its end is not known. */
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

/**
 * A request to leave HTTP on this connection. Only `websocket` is supported; any other upgrade is an ordinary request.
 */
export interface Upgrade {
  readonly protocol: string
  /** Sends the 101 and returns the connection; bytes that came early are first in its source. Called once. */
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
  /** A flat list name, value, … in original order and casing, without hop-by-hop fields and Transfer-Encoding. */
  readonly headers: readonly string[]
}

/** The reply to the client; nothing else writes to the client. */
export interface Reply {
  /** Whether the head of the final response has been given. */
  readonly started: boolean
  /** Whether the client's connection ended before the response was complete. */
  readonly gone: boolean
  /** The status that was sent, 0 before; for the access log. */
  readonly status: number
  /** The bytes of the body given so far; for the access log. */
  readonly bytes: number
  /**
   * Fields that are added behind those of the final head, also of our own answers; a forwarder adds them to a 101
   * itself.
   */
  responseFields: ResponseFields | undefined
  /** Sends a 1xx head, before begin(); dropped for an HTTP/1.0 client, which knows none. */
  inform(head: ResponseHead): void
  /**
   * Sends the final head, and returns the sink for the body; called once. The reply frames the body: by the head's
   * Content-Length, else chunked (1.1) or until close (1.0). HEAD, 204 and 304 have no body.
   */
  begin(head: ResponseHead): ByteSink
  /** Sends a complete response of the daemon's own; not after begin(). */
  answer(answer: Answer): void
  /** Ends the client's connection so that the client cannot take what it has for a complete response. */
  abort(): void
  /** Sets the one listener that is called once if the client disconnects before the response is complete. */
  onGone(listener: () => void): void
}
