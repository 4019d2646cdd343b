import type { LeaseCount } from './lease.ts'
import type { Slot } from './slot.ts'

/**
 * Which of several processes gets a request: the one that it asks for, else the one with the least in flight, in turn among
 * equals. ANCM's strict turn gives a process that stands still (a garbage collection) as much as any other.
 */
export class Choice<Channel> {
  #slots: readonly Slot<Channel>[]
  /** Where the last one was found. */
  #turn = 0

  constructor(slots: readonly Slot<Channel>[]) {
    this.#slots = slots
  }

  /** From now on these. */
  offer(slots: readonly Slot<Channel>[]): void {
    this.#slots = slots
    this.#turn = 0
  }

  /** Processes that take requests. */
  get ready(): number {
    return this.#slots.filter((slot) => slot.ready !== undefined).length
  }

  /** Fewer than `places` processes take requests, or are about to. */
  lacks(places: number): boolean {
    let there = 0
    for (const slot of this.#slots) if (slot.ready !== undefined || slot.isStarting) there++
    return there < places
  }

  /** `ids`: those that the request would take. Undefined when none is ready. */
  find(ids: readonly string[]): LeaseCount<Channel> | undefined {
    const slots = this.#slots
    if (slots.length === 1) return slots[0]?.ready
    let found: LeaseCount<Channel> | undefined
    let foundAt = 0
    let at = this.#turn
    for (let looked = 0; looked < slots.length; looked++) {
      at = at + 1 === slots.length ? 0 : at + 1
      const ready = slots[at]?.ready
      if (ready === undefined) continue
      if (ids.length > 0 && ids.includes(ready.id)) return ready
      if (found !== undefined && ready.inFlight >= found.inFlight) continue
      found = ready
      foundAt = at
    }
    this.#turn = foundAt
    return found
  }
}
