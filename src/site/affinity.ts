import type { ForwardOptions } from '../forward/forwarder.ts'
import { cookieValues } from '../http/cookies.ts'
import type { Exchange } from '../http/exchange.ts'

/** The cookie that holds the id of the process to which a client's requests go. */
export const affinityCookie = 'ANCMDPROCESS'

/**
 * Sends the requests of a client to the process that answered its earlier ones (client affinity), because SignalR's
 * negotiate request and its transport must reach the same process. Made once for each configuration, and only if the
 * application may have several processes.
 */
export class Affinity {
  readonly #plain: ForwardOptions
  /** For a request with the affinity cookie, which is not forwarded to the application. */
  readonly #withoutCookie: ForwardOptions
  readonly #path: string

  /** @param path the application's virtual path. */
  constructor(path: string, plain: ForwardOptions) {
    this.#path = encodeURI(path).replaceAll(';', '%3B')
    this.#plain = plain
    this.#withoutCookie = { ...plain, withheldCookie: affinityCookie }
  }

  /** The process ids in the request's cookies; a process may have ended, or belong to another application. */
  requestedIds({ headers }: Exchange): readonly string[] {
    const cookies = headers.get('cookie')
    return cookies?.includes(affinityCookie) === true ? cookieValues(cookies, affinityCookie) : []
  }

  /**
   * Options for forwarding to the process `id`; they add a Set-Cookie to the response unless the client has sent this
   * id.
   */
  optionsFor(exchange: Exchange, id: string): ForwardOptions {
    const ids = this.requestedIds(exchange)
    const options = ids.length === 0 ? this.#plain : this.#withoutCookie
    if (ids.includes(id)) return options
    // A cookie for a page of another site has to be SameSite=None, which browsers accept with Secure only. Browsers
    // send Sec-Fetch-Site to secure sites only, so a cookie with Secure can be set there.
    const isCrossSite = exchange.headers.get('sec-fetch-site')?.toLowerCase() === 'cross-site'
    const sameSite = isCrossSite ? 'None; Secure' : 'Lax'
    const cookie = `${affinityCookie}=${id}; Path=${this.#path}; HttpOnly; SameSite=${sameSite}`
    return { ...options, addedFields: ['Set-Cookie', cookie] }
  }
}
