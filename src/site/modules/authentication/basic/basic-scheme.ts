import type { Exchange } from '../../../../http/exchange.ts'
import { isLocalClient } from '../../../../http/forwarded-client.ts'
import type { KnownUser } from '../../../../http/known-user.ts'
import type { Scheme, Verdict } from '../schemes/scheme.ts'
import { FailedAttempts } from './failed-attempts.ts'
import { readUserAndPassword } from './user-and-password.ts'
import { Users, type UsersParts } from './users.ts'

/**
 * Basic (RFC 7617): the client sends a user name and a password with every request. They are taken over https only, or
 * from this machine. Life: that of the configuration.
 */
export class BasicScheme implements Scheme {
  readonly #challenge: string
  readonly #parts: UsersParts
  readonly #failed = new FailedAttempts()
  #users: Promise<Users> | undefined

  constructor(parts: UsersParts & { readonly realm: string }) {
    this.#parts = parts
    this.#challenge = `Basic realm="${parts.realm.replaceAll(/["\\]/g, '\\$&')}", charset="UTF-8"`
  }

  takes(scheme: string): boolean {
    return scheme === 'basic'
  }

  challenge(exchange: Exchange): string | undefined {
    return isConfidential(exchange) ? this.#challenge : undefined
  }

  async check(exchange: Exchange, text: string): Promise<Verdict> {
    const setting = '<basicAuthentication>'
    if (!isConfidential(exchange)) return { failure: { kind: 'ssl-required' }, setting }
    const claimed = readUserAndPassword(text)
    if (claimed === undefined) return { refused: 'the Basic credentials are malformed' }
    this.#users ??= this.#open()
    const users = await this.#users
    await users.refresh()
    const { remoteAddress } = exchange.connection
    const fingerprint = users.fingerprint(claimed)
    const refused = { refused: 'the user name or the password is wrong' }
    switch (this.#failed.verdict(remoteAddress, fingerprint, this.#parts.clock.now())) {
      case 'known-wrong':
        return refused
      case 'too-many':
        return { failure: { kind: 'too-many-attempts' }, setting }
      case 'check':
    }
    const verdict = await users.check(claimed, fingerprint)
    if (verdict === 'right') return { user: basicUser(claimed.user) }
    if (verdict === 'wrong') {
      this.#failed.add(remoteAddress, fingerprint, this.#parts.clock.now())
      return refused
    }
    const failure = { kind: 'user-unavailable', why: verdict.unavailable } as const
    return { failure, setting: `usersFile="${this.#parts.usersFile}"` }
  }

  /** bcrypt is loaded when the first password comes. */
  async #open(): Promise<Users> {
    const { createComparison } = await import('./password-hash.ts')
    return new Users(this.#parts, createComparison(), () => {
      this.#failed.forgetFingerprints()
    })
  }
}

/** Whether nobody on the way can read what the client sends. */
function isConfidential(exchange: Exchange): boolean {
  return exchange.connection.scheme === 'https' || isLocalClient(exchange)
}

function basicUser(name: string): KnownUser {
  return Object.freeze({ name, authenticationType: 'Basic', groups: Object.freeze([]), isInRole: () => false })
}
