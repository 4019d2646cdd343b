import { type KerberosPackage, loadKerberos } from './kerberos-package.ts'
import { keytabTurns } from './keytab-turns.ts'

/** What became of a token. */
export type Accepted =
  | {
      /** Such as `alice@EXAMPLE.ORG`. */
      readonly principal: string
      /** The realm of the service's own key. */
      readonly realm: string
      /** For the client, in Base64; '' if it has asked for none. */
      readonly reply: string
    }
  | { readonly refused: string }
  /** The server's own keys cannot be used. */
  | { readonly unavailable: string }

export interface AcceptorParts {
  /** Absolute; undefined: the one that the library finds by itself. */
  readonly keytab: string | undefined
  /** Such as `HTTP@www.example.org`; undefined: every service HTTP of the keytab. */
  readonly service: string | undefined
}

/** So many tokens wait for the library at most; each takes less than a millisecond. */
const maxPending = 500

const anonymous = /^WELLKNOWN\/ANONYMOUS(?:@|$)/i

/**
 * Accepts tokens of Kerberos by the system's GSSAPI: one leg, no delegation. Life: that of the configuration; each token
 * has an object of its own in the library.
 */
export class Acceptor {
  readonly #parts: AcceptorParts
  #pending = 0

  constructor(parts: AcceptorParts) {
    this.#parts = parts
  }

  /** @param token in Base64 */
  async accept(token: string): Promise<Accepted> {
    if (this.#pending >= maxPending) return { unavailable: 'too many tickets are being checked' }
    this.#pending += 1
    try {
      const kerberos = await loadKerberos()
      if (!kerberos.ok) return { unavailable: `the package kerberos: ${kerberos.failure}` }
      return await keytabTurns.take(this.#parts.keytab, () => this.#ask(kerberos.value, token))
    } finally {
      this.#pending -= 1
    }
  }

  async #ask(kerberos: KerberosPackage, token: string): Promise<Accepted> {
    try {
      const server = await kerberos.initializeServer('')
      await server.step(token)
      const { username, targetName, response } = server
      const target = /^(.*)@([^@]*)$/.exec(targetName ?? '')
      const [, service = '', realm = ''] = target ?? []
      const wrong = this.#wrongService(service)
      if (wrong !== undefined) return { refused: wrong }
      if (typeof username !== 'string' || username === '' || /\p{Cc}/u.test(username)) {
        return { refused: 'the ticket names no user' }
      }
      if (anonymous.test(username)) return { refused: 'the ticket is of an anonymous user' }
      return { principal: username, realm, reply: response ?? '' }
    } catch (error) {
      return failureOf(error instanceof Error ? error.message : String(error))
    }
  }

  /** @param target such as `HTTP/www.example.org` */
  #wrongService(target: string): string | undefined {
    const { service } = this.#parts
    const isGood =
      service === undefined
        ? /^HTTP\/./i.test(target)
        : target.toLowerCase() === service.replace('@', '/').toLowerCase()
    if (isGood) return undefined
    return `the ticket is for ${target === '' ? 'no service' : target}, and not for ${service ?? 'a service HTTP'}`
  }
}

/** The library's messages, of which the last part says what happened. */
function failureOf(message: string): Accepted {
  const text = message.split('\n')[0] ?? ''
  if (/is a replay/i.test(text)) return { refused: 'the ticket was sent a second time (replay)' }
  if (/key table file|permission denied|no such file/i.test(text)) return { unavailable: text }
  return { refused: text.replace(/^.*?Minor code may provide more information: /, '') }
}
