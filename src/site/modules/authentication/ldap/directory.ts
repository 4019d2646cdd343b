import { failed, ok, type Result } from '../../../../platform/result.ts'
import type { Clock } from '../../../../platform/clock.ts'
import type { LdapServer, LdapSettings } from '../schemes/authentication-settings.ts'
import { findGroups, type GroupSource } from './find-groups.ts'
import { BindRefused } from './ldap-client.ts'
import { type LdapEntry, LdapFailure, type LdapQuery } from './ldap-query.ts'
import { serverText } from './ldap-server.ts'
import { openClient, type OpenedClient } from './open-client.ts'
import { readPassword } from './read-password.ts'
import { TimeLimit } from './time-limit.ts'

/** How long one server may take until it can be asked, and all of them together. */
const connectLimitMs = 2000
const connectAllLimitMs = 4000
/** How long everything that is asked of one user may take. */
const askLimitMs = 4000
/** The connection ends when nobody has been looked up for this time. */
const idleMs = 10_000
/** How long a refused password is not tried again, so that the account is not locked. */
const refusedMs = 10_000
/** So many users are looked up at the same time at most. */
const maxPending = 200

interface Opened extends OpenedClient {
  readonly server: LdapServer
}

/**
 * The directory, over one connection for all lookups. Life: that of the configuration; the connection begins with a
 * lookup and ends by itself, so that an old configuration keeps none. Invariant: there is at most one connection, and
 * none that a failure has come over is used again.
 */
export class Directory {
  readonly #settings: LdapSettings
  readonly #clock: Clock
  #opening: Promise<Opened> | undefined
  #pending = 0
  #idle: NodeJS.Timeout | undefined
  /** The server that is tried first. */
  #first = 0
  #refused: { readonly why: string; readonly password: string | undefined; readonly until: number } | undefined

  constructor(settings: LdapSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /**
   * The groups of a user; undefined: the directory does not know the user. The failure is the reason.
   *
   * @param account without the realm
   * @param realm that of the directory
   */
  groupsOf(account: string, realm: string): Promise<Result<readonly string[] | undefined, string>> {
    return this.#lookUp((source) => findGroups(account, realm, source))
  }

  /** Finds out whether the directory can be asked. The failure is the reason. */
  probe(): Promise<Result<{ readonly isActiveDirectory: boolean }, string>> {
    return this.#lookUp(async ({ search, base, isActiveDirectory }) => {
      await search({ base, scope: 'base', filter: { present: 'objectClass' }, attributes: ['objectClass'] })
      return { isActiveDirectory }
    })
  }

  async #lookUp<T>(ask: (source: GroupSource) => Promise<T>): Promise<Result<T, string>> {
    if (this.#pending >= maxPending) return failed('too many users are being looked up')
    this.#pending += 1
    clearTimeout(this.#idle)
    try {
      return ok(await this.#ask(ask))
    } catch (error) {
      if (error instanceof LdapFailure) return failed(error.message)
      throw error
    } finally {
      this.#pending -= 1
      if (this.#pending === 0) this.#endLater()
    }
  }

  async #ask<T>(ask: (source: GroupSource) => Promise<T>, mayTryAgain = true): Promise<T> {
    const isKept = this.#opening !== undefined
    const opening = (this.#opening ??= this.#open())
    let opened: Opened
    try {
      opened = await opening
    } catch (error) {
      this.#forget(opening)
      throw error
    }
    const { client } = opened
    const limit = new TimeLimit(askLimitMs, () => {
      client.destroy()
    })
    try {
      return await ask(this.#sourceOf(opened))
    } catch (error) {
      const hasEnded = !client.isOpen
      this.#forget(opening)
      client.destroy()
      const server = serverText(opened.server)
      if (limit.isOver) throw new LdapFailure(`${server}: ${limit.text}`)
      // Servers end connections that they have not heard of for a while.
      if (isKept && hasEnded && mayTryAgain) return await this.#ask(ask, false)
      throw error instanceof LdapFailure ? new LdapFailure(`${server}: ${error.message}`) : error
    } finally {
      limit.cancel()
    }
  }

  #sourceOf({ client, isActiveDirectory }: Opened): GroupSource {
    const search = (query: LdapQuery): Promise<readonly LdapEntry[]> => client.search(query)
    return { search, base: this.#settings.base, isActiveDirectory }
  }

  #forget(opening: Promise<Opened>): void {
    if (this.#opening === opening) this.#opening = undefined
  }

  async #open(): Promise<Opened> {
    const { servers, user, passwordFile, ca } = this.#settings
    const password = await readPassword(passwordFile)
    if (!password.ok) throw new LdapFailure(password.failure.text)
    const refused = this.#refused
    if (refused !== undefined && refused.password === password.value && refused.until > this.#clock.now()) {
      throw new LdapFailure(refused.why)
    }
    const bind = user === undefined || password.value === undefined ? undefined : { user, password: password.value }
    const until = this.#clock.now() + connectAllLimitMs
    const reasons: string[] = []
    for (let i = 0; i < servers.length; i++) {
      const at = (this.#first + i) % servers.length
      const server = servers[at] as LdapServer
      const limitMs = Math.min(connectLimitMs, Math.ceil(until - this.#clock.now()))
      if (limitMs <= 0) break
      try {
        const opened = await openClient(server, ca, bind, limitMs)
        this.#first = at
        return { ...opened, server }
      } catch (error) {
        if (!(error instanceof LdapFailure)) throw error
        const why = `${serverText(server)}: ${error.message}`
        if (error instanceof BindRefused) {
          this.#refused = { why, password: password.value, until: this.#clock.now() + refusedMs }
          throw new LdapFailure(why)
        }
        reasons.push(why)
      }
    }
    throw new LdapFailure(reasons.join('; '))
  }

  #endLater(): void {
    const opening = this.#opening
    if (opening === undefined) return
    this.#idle = setTimeout(() => {
      this.#forget(opening)
      opening.then(
        ({ client }) => {
          client.close()
        },
        () => undefined,
      )
    }, idleMs).unref()
  }
}
