import type { Connection, Exchange } from '../../../../http/exchange.ts'
import type { KnownUser } from '../../../../http/known-user.ts'
import type { WindowsSettings } from '../schemes/authentication-settings.ts'
import type { Scheme, Verdict } from '../schemes/scheme.ts'
import { Acceptor, type Accepted } from './acceptor.ts'
import type { KnownGroups } from '../groups/known-groups.ts'
import { negotiateUser, userName } from './negotiate-user.ts'
import { isNtlm, ntlmCause } from './ntlm.ts'

const setting = '<windowsAuthentication>'

/**
 * Negotiate (RFC 4559) with Kerberos: the client sends a ticket for the service HTTP of this host. Life: that of the
 * configuration. Invariant: a connection is remembered only while all its requests come from one client.
 */
export class NegotiateScheme implements Scheme {
  readonly #settings: WindowsSettings
  readonly #acceptor: Acceptor
  readonly #groups: KnownGroups | undefined
  readonly #known = new WeakMap<Connection, { readonly user: KnownUser; readonly groups: readonly string[] }>()

  /** @param groups undefined: users have none */
  constructor(settings: WindowsSettings, groups: KnownGroups | undefined) {
    this.#settings = settings
    this.#groups = groups
    this.#acceptor = new Acceptor({ keytab: settings.keytab, service: settings.service })
  }

  takes(scheme: string): boolean {
    return scheme === 'negotiate' || scheme === 'ntlm'
  }

  challenge(): string {
    return 'Negotiate'
  }

  /** The user of an earlier ticket on the same connection, with authPersistNonNTLM, as long as the groups hold. */
  remembered(exchange: Exchange): KnownUser | undefined {
    if (!this.#settings.persistsPerConnection || !isOfOneClient(exchange)) return undefined
    const known = this.#known.get(exchange.connection)
    return known !== undefined && this.#groups?.hold(known.groups) !== false ? known.user : undefined
  }

  async check(exchange: Exchange, text: string, scheme: string): Promise<Verdict> {
    this.#known.delete(exchange.connection)
    if (scheme === 'ntlm') return { refused: ntlmCause }
    if (text === '') return { refused: 'there is no token behind Negotiate' }
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return { refused: 'the token is not in Base64' }
    if (isNtlm(Buffer.from(text, 'base64'))) return { refused: ntlmCause }
    const accepted = await this.#acceptor.accept(text)
    if ('refused' in accepted) return accepted
    if ('unavailable' in accepted) return unavailable(accepted.unavailable)
    return this.#userOf(exchange, accepted)
  }

  async #userOf(
    exchange: Exchange,
    { principal, realm, reply }: Extract<Accepted, { readonly principal: string }>,
  ): Promise<Verdict> {
    const found = await this.#groups?.of(principal, realm)
    if (found?.ok === false) return unavailable(`the groups of ${principal} cannot be found out: ${found.failure}`)
    const groups = found?.value ?? []
    const user = negotiateUser(userName(principal, realm, this.#settings.netbiosName), groups)
    if (this.#settings.persistsPerConnection && isOfOneClient(exchange)) {
      this.#known.set(exchange.connection, { user, groups })
    }
    return reply === '' ? { user } : { user, reply: `Negotiate ${reply}` }
  }
}

function unavailable(why: string): Verdict {
  return { failure: { kind: 'user-unavailable', why }, setting }
}

/**
 * Whether every request of this connection comes from the same client. One of a proxy carries those of many, also of a
 * proxy that nobody has named as such; on HTTP/2 authentication is never one of the connection.
 */
function isOfOneClient({ connection, headers, httpVersion }: Exchange): boolean {
  const isByProxy = connection.proxy !== undefined || connection.isProxied === true
  const fields = ['via', 'forwarded', 'x-forwarded-for']
  return httpVersion !== '2' && !isByProxy && fields.every((name) => headers.get(name) === undefined)
}
