import {
  AndFilter,
  Client,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  InvalidCredentialsError,
  OrFilter,
  PresenceFilter,
} from 'ldapts'
import type { Socket } from 'node:net'
import { type LdapEntry, LdapFailure, type LdapFilter, type LdapQuery } from './ldap-query.ts'

const startTls = '1.3.6.1.4.1.1466.20037'
/** Active Directory gives no more than a thousand entries at once. */
const pageSize = 500
const maxBytes = 67_108_864

/** The directory refuses ldapUser or its password; asking again may lock the account. */
export class BindRefused extends LdapFailure {}

/**
 * LDAP on a socket that is connected, and encrypted where it has to be. Life: that of the socket. Invariant: it never
 * connects by itself, so that what was bound stays bound.
 */
export class LdapClient {
  readonly #socket: Socket
  readonly #client: Client
  #isTaken = false
  #unread = 0

  constructor(socket: Socket) {
    this.#socket = socket
    const createConnection = (): Socket => {
      if (this.#isTaken) throw new LdapFailure('the directory has closed the connection')
      this.#isTaken = true
      return socket
    }
    this.#client = new Client({ url: 'ldap://directory', createConnection })
    socket.on('data', (bytes: Buffer) => {
      this.#unread += bytes.length
      if (this.#unread > maxBytes) socket.destroy()
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** Rejects with a BindRefused, or with an LdapFailure. */
  async bind(user: string, password: string): Promise<void> {
    await this.#do(() => this.#client.bind(user, password))
  }

  /** Asks the server for StartTLS and lets go of the socket, which then has to be encrypted. */
  async startTls(): Promise<Socket> {
    await this.#do(() => this.#client.exop(startTls))
    // What was read in plain text ends with this client, so that nobody on the way can say anything behind it.
    for (const event of ['data', 'error', 'close']) this.#socket.removeAllListeners(event)
    this.#socket.on('error', () => undefined)
    return this.#socket
  }

  /** Rejects with an LdapFailure. */
  async search({ base, scope, filter, attributes }: LdapQuery): Promise<readonly LdapEntry[]> {
    const found = await this.#do(() =>
      this.#client.search(base, {
        scope,
        filter: built(filter),
        attributes: [...attributes],
        explicitBufferAttributes: ['objectSid'],
        paged: scope === 'sub' ? { pageSize } : false,
      }),
    )
    return found.searchEntries.map((entry) => entryOf(entry))
  }

  /** Says goodbye to the server. */
  close(): void {
    this.#client.unbind().catch(() => undefined)
  }

  /** Ends the connection at once; whatever waits for an answer is rejected. */
  destroy(): void {
    this.#socket.destroy()
  }

  async #do<T>(act: () => Promise<T>): Promise<T> {
    try {
      const done = await act()
      this.#unread = 0
      return done
    } catch (error) {
      if (error instanceof LdapFailure) throw error
      const said = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').trim() : String(error)
      if (error instanceof InvalidCredentialsError) {
        throw new BindRefused(`the directory refuses ldapUser or its password: ${said}`)
      }
      throw new LdapFailure(this.isOpen ? `the directory says: ${said}` : 'the directory has closed the connection')
    }
  }
}

function built(filter: LdapFilter): Filter {
  if ('and' in filter) return new AndFilter({ filters: filter.and.map(built) })
  if ('or' in filter) return new OrFilter({ filters: filter.or.map(built) })
  if ('present' in filter) return new PresenceFilter({ attribute: filter.present })
  if ('rule' in filter) {
    return new ExtensibleFilter({ matchType: filter.attribute, rule: filter.rule, value: filter.is })
  }
  return new EqualityFilter({ attribute: filter.attribute, value: filter.is })
}

/** Names of attributes are compared without regard to their letter case. */
function entryOf({ dn, ...attributes }: { readonly dn: string; readonly [name: string]: unknown }): LdapEntry {
  const values = new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()]))
  const of = (attribute: string): readonly unknown[] => values.get(attribute.toLowerCase()) ?? []
  return {
    dn,
    texts: (attribute) => of(attribute).filter((value) => typeof value === 'string'),
    bytes: (attribute) => of(attribute).find((value) => Buffer.isBuffer(value)),
  }
}
