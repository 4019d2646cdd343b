import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Headers } from './headers.ts'
import type { RequestRecord } from './request-record.ts'
import type { ResponseFields } from './response-fields.ts'
import type { KnownUser } from './known-user.ts'

/** The client's connection: facts that do not change while it lives, but for `idleTimeoutMs`. */
export interface Connection {
  readonly scheme: 'http' | 'https'
  /** The address and port that the client connected to: of a proxy in front, if a PROXY header names them. */
  readonly localAddress: string
  readonly localPort: number
  /** The address and port of this server on which the connection arrived; undefined: localAddress, localPort. */
  readonly listenerAddress?: string
  readonly listenerPort?: number
  /** True: a PROXY header names the client, so the connection is that of a proxy. Default: false. */
  readonly isProxied?: boolean
  /** An IPv4 client on a dual-stack socket appears as plain `1.2.3.4`, never as `::ffff:1.2.3.4`. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** The client's certificate as DER in Base64; undefined without one. */
  readonly clientCertificate: string | undefined
  /** Undefined on a connection without TLS. */
  readonly tls?: TlsFacts | undefined
  /**
   * The connection of the trusted proxy that has forwarded the request; then scheme and remote address are those of the
   * client that the proxy tells of, and the port is 0 if the proxy does not tell it. Undefined for a client of our own.
   */
  readonly proxy?: Connection | undefined
  /**
   * How long the connection may wait for its next request: set by the site of the last one, which has limits of its own.
   * Undefined: as long as the listener allows. Behind a trusted proxy it is that of `proxy`.
   */
  idleTimeoutMs?: number | undefined
  /** Calls the listener once: when the connection ends, or during this call if it has already ended. */
  onEnd(listener: () => void): void
}

/** What a TLS handshake has found out. */
export interface TlsFacts {
  /** The host name that the client asked for (SNI), in lower case; '' without one. */
  readonly serverName: string
  /**
   * Stands for the settings of this handshake: the same object for bindings with equal settings. A request for a host
   * whose binding has other settings is misdirected (421).
   */
  readonly settings: TlsSettings
  /** What is known about the client's certificate; `none` when it sent none. */
  readonly clientCertificateStatus: ClientCertificateStatus
  /** The strength of the cipher in bits, 128 or 256. */
  readonly keyBits: number
  /** Whether the authorities that clients are judged by have changed since the handshake. Absent: they have not. */
  readonly hasNewAuthorities?: () => boolean
}

/** See TlsFacts.settings. */
export interface TlsSettings {
  /** Undefined: ignore. */
  readonly clientCertificates?: 'ignore' | 'accept' | 'require'
  /**
   * The listener is called when these settings are no longer in force, so that whoever was let in by them must not go
   * on. Returns a function that forgets the listener. Absent: that never happens.
   */
  onWithdrawn?(listener: () => void): () => void
}

/** `trusted` also when no authorities are configured, because then any certificate passes. */
export type ClientCertificateStatus = 'none' | 'trusted' | 'untrusted' | 'expired'

/**
 * One request and its reply, the same for HTTP/1.1, HTTP/2 and upgrades. The front that makes it has checked framing,
 * Host and target, so that no later reader can take the request for a different one.
 */
export interface Exchange {
  readonly id: number
  /** When the request head was received, in monotonic milliseconds. */
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
  /** The target that the client asked for, where a module has changed `target` since; undefined: it is `target`. */
  readonly originalTarget?: string | undefined
  /** True: it has come from another application of the site, because its path was rewritten. */
  readonly isMoved?: boolean
  /** The path without the query, decoded once, with `/` for `\`. It chooses application, handler and filters. */
  readonly path: string
  /** The Host field, or the authority of an absolute-form target, which replaces it (RFC 9112 3.2.2). */
  readonly host: string
  readonly headers: Headers
  /** Undefined for a request without a body. */
  readonly body: RequestBody | undefined
  readonly upgrade: Upgrade | undefined
  readonly reply: Reply
  /** Who sent it, as a module for authentication has found out; undefined: nobody that is known. */
  readonly user?: KnownUser | undefined
  /** Node's own objects, which only http-proxy needs. */
  readonly native?: { readonly req: IncomingMessage; readonly res: ServerResponse }
  /**
   * The same exchange as raw bytes, a RawExchange (http1/passthrough.ts), when the front parses bytes itself: a
   * forwarder that does so too can pass the bytes on without building objects. Typed `object` because this folder must
   * not import http1.
   */
  readonly raw?: object
}

/** A source of bytes with back-pressure. Not a Node stream, which would cost a front of raw sockets too much. */
export interface ByteSource {
  /** Starts the flow; called once. The sink gets writes, then exactly one call of end() or fail(). */
  into(sink: ByteSink): void
  pause(): void
  resume(): void
  /** No more bytes are wanted; the sink gets no further calls. */
  destroy(): void
}

export interface ByteSink {
  /** Takes a chunk, which the sink may keep. Returns false when the sink is full; see onDrain(). */
  write(chunk: Uint8Array): boolean
  /** As write(), for a chunk in a buffer that the caller wants to use again. Returns a value of Lent. */
  lend?(chunk: Uint8Array): number
  /** The message is complete; `trailers` is a flat list name, value, … */
  end(trailers?: readonly string[]): void
  /** The message will never be complete; its receiver must not take it for a complete one. */
  fail(cause: unknown): void
  /** Sets the one listener, which is called whenever the sink has room again after write() returned false. */
  onDrain(listener: () => void): void
}

export interface RequestBody extends ByteSource {
  /** Content-Length in bytes; undefined when the body is chunked. */
  readonly length: number | undefined
  /** The bytes that have been read so far, without their framing; for the access log. */
  readonly received?: number
  /** Sets the greatest length in bytes: a longer body ends in fail(BodyTooLarge) of the sink. Called before into(). */
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

/** The framing of the request body is malformed, so nobody can tell where the body ends. */
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
 *
 * In HTTP/1.1 it is a GET with the fields of RFC 6455, whose Sec-WebSocket-Accept the client checks. In HTTP/2 it is an
 * extended CONNECT (RFC 8441), which has no Sec-WebSocket-Key: the exchange's httpVersion is `2`, its method is
 * `CONNECT`, and it has no body. An application that speaks HTTP/1.1 gets a GET with a key that the forwarder makes and
 * whose answer it checks.
 */
export interface Upgrade {
  readonly protocol: string
  /**
   * Accepts the upgrade and returns the connection, whose source begins with any bytes received before. Called once.
   * `head`: status 101 and the application's fields without Connection and Upgrade; in HTTP/2 without
   * Sec-WebSocket-Accept as well, and the front answers 200.
   */
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
  /** True: its body is a file that ancmd serves itself, for which other settings may apply. */
  readonly isStatic?: true
}

/** The reply to the client, and the only way to write to the client. */
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
   * Fields that the front appends to the final head, whether the head comes from the application or from ancmd. It
   * does not append them to a 101, so the forwarder does.
   */
  responseFields: ResponseFields | undefined
  /** Where further facts for the access log are noted; undefined while no access log is on. */
  record?: RequestRecord | undefined
  /** Sends a 1xx head, before begin(); dropped for an HTTP/1.0 client, which knows none. */
  inform(head: ResponseHead): void
  /**
   * Sends the final head, and returns the sink for the body; called once. The reply frames the body: by the head's
   * Content-Length, else chunked (1.1) or until close (1.0). HEAD, 204 and 304 have no body.
   */
  begin(head: ResponseHead): ByteSink
  /** Sends a complete response of the daemon's own; not after begin(). */
  answer(answer: Answer): void
  /**
   * Ends the client's connection, or in HTTP/2 its stream, so that the client cannot take what it has for a complete
   * response. `code`: the error code of HTTP/2 (RFC 9113 7) for a client that speaks it; such a reply may be aborted
   * before it has begun, and counts as started then.
   */
  abort(code?: number): void
  /** Sets the one listener that is called once if the client disconnects before the response is complete. */
  onGone(listener: () => void): void
}
