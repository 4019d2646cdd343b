import { execFile } from 'node:child_process'
import { failed, ok, type Result } from '../../../../platform/result.ts'
import type { Clock } from '../../../../platform/clock.ts'
import { inTurns } from './in-turns.ts'

/** How long groups are known after they were looked up. */
const knownMs = 300_000
const maxKnown = 10_000
const timeLimitMs = 10_000
/**
 * How many users are asked for at once, each by a process of its own: when everybody comes in the morning, hundreds of
 * processes would take each other's time until it is up.
 */
const maxAsked = 16
/** How long a user may wait until it is asked for. */
const patienceMs = 30_000
const tooLate = failed('too many others are looked up')

type Groups = readonly string[]

interface Known {
  readonly groups: Promise<Result<Groups, string>>
  readonly until: number
}

/**
 * Looks up the groups of a user. The failure is the reason.
 *
 * @param principal such as `alice@EXAMPLE.ORG`
 * @param realm the realm of the service
 */
export type LookUpGroups = (principal: string, realm: string) => Promise<Result<Groups, string>>

/**
 * The groups of users, each of whom is looked up once in a while. Life: that of the configuration. A failure is not
 * kept, and never means fewer groups. Invariant: a user is looked up once at a time.
 */
export class KnownGroups {
  readonly #clock: Clock
  readonly #lookUp: LookUpGroups
  readonly #known = new Map<string, Known>()
  /** Until when each list that was given out holds. */
  readonly #until = new WeakMap<Groups, number>()

  constructor(clock: Clock, lookUp: LookUpGroups) {
    this.#clock = clock
    this.#lookUp = lookUp
  }

  /**
   * @param principal such as `alice@EXAMPLE.ORG`
   * @param realm the realm of the service
   */
  of(principal: string, realm: string): Promise<Result<Groups, string>> {
    const key = `${principal}\0${realm}`
    const known = this.#known.get(key)
    if (known !== undefined && known.until > this.#clock.now()) return known.groups
    const groups = this.#lookUp(principal, realm)
    this.#known.delete(key)
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size >= maxKnown) this.#known.delete(oldest)
    const entry = { groups, until: this.#clock.now() + knownMs }
    this.#known.set(key, entry)
    const forget = (): void => {
      if (this.#known.get(key) === entry) this.#known.delete(key)
    }
    void groups.then((found) => {
      if (found.ok) this.#until.set(found.value, entry.until)
      else forget()
    }, forget)
    return groups
  }

  /** Whether groups that were found before need not be looked up again. */
  hold(groups: Groups): boolean {
    return (this.#until.get(groups) ?? Number.NEGATIVE_INFINITY) > this.#clock.now()
  }
}

/** Tells the groups of an account of this system. */
export type AskSystem = (account: string) => Promise<Result<Groups, string>>

/**
 * Looks up the groups that the system knows users to be in, where it is joined to their domain (sssd, winbind). It may
 * know users of the service's realm without their realm, those of others not.
 */
export function systemGroups(ask: AskSystem = askSystem): LookUpGroups {
  const lookUp = async ([principal, realm]: readonly [string, string]): Promise<Result<Groups, string>> => {
    const found = await ask(principal)
    const suffix = `@${realm}`
    if (found.ok || realm === '' || !principal.endsWith(suffix)) return found
    return ask(principal.slice(0, -suffix.length))
  }
  const inTurn = inTurns<readonly [string, string], Result<Groups, string>>(
    { limit: maxAsked, patienceMs, tooLate },
    lookUp,
  )
  return (principal, realm) => inTurn([principal, realm])
}

/** Names may have blanks in them, so they are asked for with zeros between them. */
function askSystem(account: string): Promise<Result<Groups, string>> {
  return new Promise((resolve) => {
    const limits = { timeout: timeLimitMs, maxBuffer: 1_048_576, encoding: 'utf8' } as const
    execFile('id', ['-Gnz', '--', account], limits, (error, stdout, stderr) => {
      if (error === null) resolve(ok(stdout.split('\0').filter((name) => name !== '')))
      else resolve(failed(stderr.trim().split('\n')[0] || error.message))
    })
  })
}
