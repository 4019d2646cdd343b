import type { Exchange } from '../http/exchange.ts'
import type { Delivery } from './forward-failure.ts'

/** Where one running child listens, and how it knows us. Always plain HTTP on 127.0.0.1, as in ANCM. */
export interface ApplicationAddress {
  readonly port: number
  /** The pairing token; goes into MS-ASPNETCORE-TOKEN and nowhere else. */
  readonly token: string
}

export interface ForwardOptions {
  /** Milliseconds for each wait (connect, send, receive), not for the whole exchange; 0 = infinite. */
  readonly requestTimeout: number
  /** handlerSetting forwardResponseConnectionHeader: lets the app's Connection field through. */
  readonly forwardResponseConnectionHeader: boolean
  /** The name of a cookie that does not go to the application. */
  readonly withheldCookie?: string
  /** Fields that go to the client with the final head, behind the application's: name, value, … */
  readonly addedFields?: readonly string[]
  /** Called once when the exchange became a tunnel (101), which from then on must not hold up a stop. */
  readonly onUpgraded?: () => void
}

/**
 * Seam 1: how bytes travel between a client and a child. One Upstream per running child; its connections belong to that
 * child alone and go with it. It never writes an error page and never logs: it returns a Delivery.
 */
export interface Upstream {
  /**
   * Settles when the response is complete, or with the failure. Never rejects. A failure of kind `connect` has touched
   * neither the body nor the reply, and nobody has read anything of the exchange: it may be forwarded once more.
   */
  forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery>
  /**
   * The child is going to end, and waits for its connections: those that carry nothing are closed, the others when they become
   * free. Exchanges that the child was chosen for before may still come. Idempotent.
   */
  retire(): void
  /** Drops every connection to this child; exchanges under way fail. Idempotent. */
  close(): void
}

export type OpenUpstream = (destination: ApplicationAddress) => Upstream
