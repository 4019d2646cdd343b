import type { Presence, RetireReason } from './presence.ts'

/**
 * The presences of one application that have been asked to retire and are not gone yet: their processes still answer what they
 * had begun. Owner: Application.
 */
export class DrainingPresences {
  readonly #leaving = new Map<Presence, Promise<void>>()

  /** Those that are still there. */
  get presences(): readonly Presence[] {
    return [...this.#leaving.keys()]
  }

  add(presence: Presence, reason: RetireReason): void {
    const gone = presence.retire(reason).finally(() => this.#leaving.delete(presence))
    this.#leaving.set(presence, gone)
  }

  /** Resolves when nothing is left of any that is here now. */
  async gone(): Promise<void> {
    await Promise.all(this.#leaving.values())
  }

  /** Resolves when nothing is left, of those who come meanwhile either. */
  async allGone(): Promise<void> {
    while (this.#leaving.size > 0) await this.gone()
  }
}
