import type { Connection, Exchange } from '../../http/exchange.ts'
import { authenticatesConnection } from '../../http1/connection-authentication.ts'
import { Field } from '../../http1/field-names.ts'
import { valueOf } from '../../http1/head-fields.ts'
import type { RawExchange } from '../../http1/passthrough.ts'
import type { ApplicationConnection } from './application-connection.ts'

const N = 0x6e

/**
 * The connections to the application that may be authenticated (NTLM, Negotiate): the application may take every
 * request on such a connection for one of its user. So each is bound to one client's connection, and ends with it.
 * Owner and life: those of its upstream. Invariant: a client has at most one, and none of them is among the free
 * connections.
 */
export class BoundConnections {
  /** The bound connection of each client; undefined when it has ended before the client's own. */
  readonly #byClient = new Map<Connection, ApplicationConnection | undefined>()

  /** The client's bound connection, if it has one that can carry an exchange now. */
  of(client: Connection): ApplicationConnection | undefined {
    if (this.#byClient.size === 0) return undefined
    const own = this.#byClient.get(client)
    return own?.wanted === false && own.usable ? own : undefined
  }

  /** Binds a connection to a client, in place of any that the client had. */
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
      // If it carries an exchange, the exchange itself is told of the client's end.
      if (own?.wanted === false) own.destroy()
    })
  }

  /** Whether a connection is the one that its client uses now. */
  holds(connection: ApplicationConnection): boolean {
    return connection.client !== undefined && this.#byClient.get(connection.client) === connection
  }

  /** The connection has ended. */
  forget(connection: ApplicationConnection): void {
    if (this.holds(connection)) this.#byClient.set(connection.client as Connection, undefined)
  }
}

/** Whether a request has credentials that may authenticate the connection over which it is sent. */
export function presentsConnectionCredentials({ headers }: Exchange, raw: RawExchange | undefined): boolean {
  if (raw === undefined) {
    // A request may have both fields, with different schemes.
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
    // Most credentials are long and of another scheme, so the first letter is checked before.
    const first = bytes[fields.valueStart(i)]
    if (first !== undefined && (first | 0x20) === N && authenticatesConnection(valueOf(bytes, fields, i))) return true
  }
  return false
}
