import { execFile } from 'node:child_process'
import { failed, ok, type Result } from '../../../../platform/result.ts'
import type { Clock } from '../../../../platform/clock.ts'

/** How long groups are known after they were looked up. */
const knownMs = 300_000
const maxKnown = 10_000
const timeLimitMs = 10_000

type Groups = readonly string[]

interface Known {
  readonly groups: Promise<Result<Groups, string>>
  readonly until: number
}

/** Looks up the groups of an account of this system. The failure is the reason. */
export type LookUpGroups = (account: string) => Promise<Result<Groups, string>>

/**
 * The groups that the system knows users to be in, where it is joined to their domain (sssd, winbind). Life: that of the
 * configuration. A failure is not kept, and never means fewer groups.
 */
export class SystemGroups {
  readonly #clock: Clock
  readonly #lookUp: LookUpGroups
  readonly #known = new Map<string, Known>()

  constructor(clock: Clock, lookUp: LookUpGroups = askSystem) {
    this.#clock = clock
    this.#lookUp = lookUp
  }

  /**
   * @param principal such as `alice@EXAMPLE.ORG`
   * @param realm the realm of the service: its users may be known to the system without it, those of others not
   */
  of(principal: string, realm: string): Promise<Result<Groups, string>> {
    const known = this.#known.get(principal)
    if (known !== undefined && known.until > this.#clock.now()) return known.groups
    const groups = this.#ask(principal, realm)
    this.#known.delete(principal)
    const [oldest] = this.#known.keys()
    if (oldest !== undefined && this.#known.size >= maxKnown) this.#known.delete(oldest)
    const entry = { groups, until: this.#clock.now() + knownMs }
    this.#known.set(principal, entry)
    void groups.then(({ ok: isKnown }) => {
      if (!isKnown && this.#known.get(principal) === entry) this.#known.delete(principal)
    })
    return groups
  }

  async #ask(principal: string, realm: string): Promise<Result<Groups, string>> {
    const found = await this.#lookUp(principal)
    const suffix = `@${realm}`
    if (found.ok || realm === '' || !principal.endsWith(suffix)) return found
    return this.#lookUp(principal.slice(0, -suffix.length))
  }
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
