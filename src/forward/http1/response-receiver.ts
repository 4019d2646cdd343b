import type { BodyReader } from '../../http1/body-reader.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'

/** Receives the response that a connection reads: the exchange that the connection carries. */
export interface ResponseReceiver {
  /** Whether the request was a HEAD. */
  readonly toHead: boolean
  /** Whether chunked bodies are passed on with their framing. */
  readonly keepsFraming: boolean
  /** In milliseconds; 0 for no limit. */
  readonly requestTimeout: number
  /** Whether the proxy waits for the client, and not for the application. */
  readonly waitsForClient: boolean
  /** The connection has been established. */
  connected(): void
  /** The application can take more of the request. */
  applicationDrained(): void
  /** A 1xx head, but not 101. */
  informed(head: RawResponseHead): void
  /**
   * The final head and the bytes of its body that came with it: `body.from` to `body.to` in `head.bytes`. They are
   * lent; returns a value of Lent.
   */
  began(head: RawResponseHead, body: BodyReader): number
  /** More of the body, lent; returns a value of Lent. */
  gave(bytes: Buffer, from: number, to: number): number
  /** The response is complete; the connection is free, or used by another exchange, or closed. */
  completed(trailers: readonly string[] | undefined): void
  /** The response will never be complete; the connection is closed. */
  broke(cause: Error): void
  /** requestTimeout has passed. */
  timedOut(): void
}
