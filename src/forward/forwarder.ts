import type { Exchange } from '../http/exchange.ts'
import type { Delivery } from './forward-failure.ts'

/**
 * Where one running child listens, and the token of every request to it. Always plain HTTP on 127.0.0.1, as in ANCM.
 */
export interface ApplicationAddress {
  readonly port: number
  /** The pairing token: the value of MS-ASPNETCORE-TOKEN. Never logged or shown. */
  readonly token: string
}

export interface ForwardOptions {
  /** Milliseconds for each wait (connect, send, receive), not for the whole exchange; 0 = infinite. */
  readonly requestTimeout: number
  /** handlerSetting forwardResponseConnectionHeader: whether the app's Connection field is forwarded to the client. */
  readonly forwardResponseConnectionHeader: boolean
  /** The name of a cookie that is not forwarded to the application. */
  readonly withheldCookie?: string
  /** Fields that are added to the final head, after those of the application: a flat list name, value, … */
  readonly addedFields?: readonly string[]
  /** Whether a response to a known user is refused unless it shows that the application has taken the user. */
  readonly provesUser?: boolean
  /** Called once when the exchange becomes a tunnel (101), for which a stop does not wait. */
  readonly onUpgraded?: () => void
}

/**
 * Forwards exchanges to one running child. There is one Upstream per child; its connections are used for that child
 * only, and end with it. It writes no error pages and no log: it returns a Delivery.
 */
export interface Upstream {
  /**
   * Resolves when the response is complete or has failed; never rejects. After a failure of kind 'connect' neither body
   * nor reply has been used, and the application has read nothing of the request: it may be forwarded once more.
   */
  forward(exchange: Exchange, options: ForwardOptions): Promise<Delivery>
  /**
   * The child is about to end, and waits for its connections to be closed: free ones are closed now, the others when
   * they become free. Exchanges for which this child was selected before may still come. Calling it again does nothing.
   */
  retire(): void
  /** Closes every connection to this child; exchanges under way fail. Calling it again does nothing. */
  close(): void
}

export type OpenUpstream = (destination: ApplicationAddress) => Upstream
