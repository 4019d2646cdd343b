import type { BodyReader } from '../../http1/body-reader.ts'
import type { RawResponseHead } from '../../http1/response-head.ts'

/** Who takes the response that a connection reads. */
export interface ResponseTaker {
  /** The request was a HEAD. */
  readonly toHead: boolean
  /** Chunks are given on as they are. */
  readonly keepsFraming: boolean
  /** 0 = infinite. */
  readonly requestTimeout: number
  /** It is the client that lets us wait, not the application. */
  readonly waitsForClient: boolean
  connected(): void
  /** The application can take more of the request. */
  applicationDrained(): void
  /** A 1xx head, not 101. */
  informed(head: RawResponseHead): void
  /** The final head and what of its body came with it: `body.from` to `body.to` in `head.bytes`. These are lent: see Lent. */
  began(head: RawResponseHead, body: BodyReader): number
  /** More of the body. Lent. */
  gave(bytes: Buffer, from: number, to: number): number
  /** The response is complete, and this connection is somebody else's or gone. */
  completed(trailers: readonly string[] | undefined): void
  /** The response will never be complete; the connection is gone. */
  broke(cause: Error): void
  timedOut(): void
}
