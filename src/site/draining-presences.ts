import type { Presence, RetireReason } from './presence.ts'

/**
 * The presences of one application that have been asked to retire and whose processes are still finishing their
 * requests. Owner: Application.
 */
export class DrainingPresences {
  readonly #leaving = new Map<Presence, Promise<void>>()

  /** The presences that have not ended yet. */
  get presences(): readonly Presence[] {
    return [...this.#leaving.keys()]
  }

  add(presence: Presence, reason: RetireReason): void {
    const gone = presence.retire(reason).finally(() => this.#leaving.delete(presence))
    this.#leaving.set(presence, gone)
  }

  /** Resolves when all presences that are draining now have ended. */
  async gone(): Promise<void> {
    await Promise.all(this.#leaving.values())
  }

  /** Resolves when all presences have ended, also those that are added meanwhile. */
  async allGone(): Promise<void> {
    while (this.#leaving.size > 0) await this.gone()
  }
}
