import type { Failure } from '../../../../http/answer.ts'
import type { Exchange } from '../../../../http/exchange.ts'
import type { KnownUser } from '../../../../http/known-user.ts'

/** One way to prove who one is. Made for one configuration. */
export interface Scheme {
  /** Whether credentials of this scheme (in lower case) are for it. */
  takes(scheme: string): boolean
  /** The value of WWW-Authenticate that asks for such credentials; undefined: they are not taken on this connection. */
  challenge(exchange: Exchange): string | undefined
  /** Who has proved on this connection who it is, where one proof is enough; default: nobody. */
  remembered?(exchange: Exchange): KnownUser | undefined
  /** @param text what stands behind the name of the scheme */
  check(exchange: Exchange, text: string, scheme: string): Verdict | Promise<Verdict>
}

export type Verdict =
  | {
      readonly user: KnownUser
      /** A last value of WWW-Authenticate, by which the server proves who it is; it goes out with the final response. */
      readonly reply?: string
    }
  /** The credentials are not good (401.1). `why` is for the log alone. */
  | { readonly refused: string }
  /** They could not be checked, or must not be. */
  | { readonly failure: Failure; readonly setting: string }
