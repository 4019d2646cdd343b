import type { Connection, Exchange } from '../../http/exchange.ts'
import { authenticatesConnection } from '../../http1/connection-authentication.ts'
import { Field } from '../../http1/field-names.ts'
import { valueOf } from '../../http1/head-fields.ts'
import type { RawExchange } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'

const N = 0x6e

/**
 * The connections that may have become a user's: over each of them the application may answer whatever comes as that user
 * (NTLM, Negotiate), so each belongs to one client's connection and ends with it. Life: that of its upstream.
 * Invariant: a client has one at most, and none of them is among the free connections.
 */
export class BoundConnections {
  /** Of every client that has had one; undefined when that has ended before the client did. */
  readonly #byClient = new Map<Connection, ApplicationConnection | undefined>()

  /** The client's own, if it has one that can carry an exchange now. */
  of(client: Connection): ApplicationConnection | undefined {
    if (this.#byClient.size === 0) return undefined
    const own = this.#byClient.get(client)
    return own?.wanted === false && own.usable ? own : undefined
  }

  /** From now on it is this client's, in place of any that it had. */
  bind(connection: ApplicationConnection, client: Connection): void {
    const isKnown = this.#byClient.has(client)
    const before = this.#byClient.get(client)
    if (before === connection) return
    connection.client = client
    this.#byClient.set(client, connection)
    if (before?.wanted === false) before.destroy()
    if (isKnown) return
    client.onEnd(() => {
      const own = this.#byClient.get(client)
      this.#byClient.delete(client)
      // While it carries an exchange, that hears of the client's end itself.
      if (own?.wanted === false) own.destroy()
    })
  }

  /** Does it wait for its client's next request? */
  holds(connection: ApplicationConnection): boolean {
    return connection.client !== undefined && this.#byClient.get(connection.client) === connection
  }

  /** It has ended. */
  forget(connection: ApplicationConnection): void {
    if (this.holds(connection)) this.#byClient.set(connection.client as Connection, undefined)
  }
}

/** Whether what this request says of its user may hold for the connection that it goes over. */
export function presentsConnectionCredentials({ headers }: Exchange, raw: RawExchange | undefined): boolean {
  if (raw === undefined) {
    // A request may have both, of different schemes.
    const credentials = headers.get('authorization')
    const forProxy = headers.get('proxy-authorization')
    if (credentials !== undefined && authenticatesConnection(credentials)) return true
    return forProxy !== undefined && authenticatesConnection(forProxy)
  }
  const { bytes, fields } = raw.head
  for (let n = 0; n < fields.knownCount; n++) {
    const i = fields.known(n)
    const field = fields.field(i)
    if (field !== Field.authorization && field !== Field.proxyAuthorization) continue
    // Most credentials are long, and of another scheme.
    const first = bytes[fields.valueStart(i)]
    if (first !== undefined && (first | 0x20) === N && authenticatesConnection(valueOf(bytes, fields, i))) return true
  }
  return false
}
