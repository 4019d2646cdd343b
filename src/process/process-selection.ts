import type { LeaseCount } from './lease.ts'
import type { Slot } from './slot.ts'

/**
 * Selects the process that gets a request: the one that the request asks for, else the one with the fewest requests in
 * flight, round robin among equals. It differs from ANCM, whose plain round robin gives as many requests to a process
 * that is paused (by a garbage collection) as to any other. Owner and life: those of the pool.
 */
export class ProcessSelection<Channel> {
  #slots: readonly Slot<Channel>[]
  /** Index of the slot that was selected last. */
  #lastIndex = 0

  constructor(slots: readonly Slot<Channel>[]) {
    this.#slots = slots
  }

  /** Replaces the slots from which processes are selected. */
  selectFrom(slots: readonly Slot<Channel>[]): void {
    this.#slots = slots
    this.#lastIndex = 0
  }

  /** How many processes take requests. */
  get ready(): number {
    return this.#slots.filter((slot) => slot.ready !== undefined).length
  }

  /** Whether fewer than `count` processes take requests or are being started. */
  hasFewerThan(count: number): boolean {
    let found = 0
    for (const slot of this.#slots) if (slot.ready !== undefined || slot.isStarting) found++
    return found < count
  }

  /** Selects a process; undefined when none is ready. `ids`: the processes that the request asks for. */
  find(ids: readonly string[]): LeaseCount<Channel> | undefined {
    const slots = this.#slots
    if (slots.length === 1) return slots[0]?.ready
    let found: LeaseCount<Channel> | undefined
    let foundAt = 0
    let at = this.#lastIndex
    for (let looked = 0; looked < slots.length; looked++) {
      at = at + 1 === slots.length ? 0 : at + 1
      const ready = slots[at]?.ready
      if (ready === undefined) continue
      if (ids.length > 0 && ids.includes(ready.id)) return ready
      if (found !== undefined && ready.inFlight >= found.inFlight) continue
      found = ready
      foundAt = at
    }
    this.#lastIndex = foundAt
    return found
  }
}
