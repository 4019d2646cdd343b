import type { ForwardOptions } from '../forward/forwarder.ts'
import { cookieValues } from '../http/cookies.ts'
import type { Exchange } from '../http/exchange.ts'

/** Names the process that a client is to come back to. */
export const affinityCookie = 'ANCMDPROCESS'

/**
 * How a client that has been to one of several processes finds it again: SignalR's negotiate and its transport must meet the same
 * one. Made once from frozen configuration, and only where there is more than one process.
 */
export class Affinity {
  readonly #plain: ForwardOptions
  /** For a request that carries our cookie, which is no business of the application's. */
  readonly #withholding: ForwardOptions
  readonly #path: string

  /** @param path the application's virtual path. */
  constructor(path: string, plain: ForwardOptions) {
    this.#path = encodeURI(path).replaceAll(';', '%3B')
    this.#plain = plain
    this.#withholding = { ...plain, withheldCookie: affinityCookie }
  }

  /** The processes that the client names, which may have gone, or be another application's. */
  wanted({ headers }: Exchange): readonly string[] {
    const cookies = headers.get('cookie')
    return cookies?.includes(affinityCookie) === true ? cookieValues(cookies, affinityCookie) : []
  }

  /** For an exchange that the process with this id gets: the client is told unless it named it. */
  options(exchange: Exchange, id: string): ForwardOptions {
    const wanted = this.wanted(exchange)
    const options = wanted.length === 0 ? this.#plain : this.#withholding
    if (wanted.includes(id)) return options
    // Only where the page of another site asks, which browsers say to secure ones alone; without Secure they would refuse this.
    const isFromElsewhere = exchange.headers.get('sec-fetch-site')?.toLowerCase() === 'cross-site'
    const sameSite = isFromElsewhere ? 'None; Secure' : 'Lax'
    const cookie = `${affinityCookie}=${id}; Path=${this.#path}; HttpOnly; SameSite=${sameSite}`
    return { ...options, addedFields: ['Set-Cookie', cookie] }
  }
}
