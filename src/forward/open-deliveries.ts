/** A delivery that must be ended when the connections to the application are closed. */
export interface OpenDelivery {
  /** Its index in OpenDeliveries, which alone sets this; -1 before. */
  index: number
  destroy(): void
}

/**
 * The deliveries that are under way. An array in which the last one fills the gap that a removed one leaves. Not a Set:
 * as its members come and go, V8 replaces the Set's table, and the old tables refer to each other and so keep every
 * past request in memory until the next full garbage collection.
 */
export class OpenDeliveries {
  readonly #all: OpenDelivery[] = []

  add(delivery: OpenDelivery): void {
    delivery.index = this.#all.push(delivery) - 1
  }

  remove(delivery: OpenDelivery): void {
    const last = this.#all.pop()
    if (last === undefined || last === delivery) return
    last.index = delivery.index
    this.#all[last.index] = last
  }

  /** Destroys all of them. */
  destroy(): void {
    for (const delivery of [...this.#all]) delivery.destroy()
  }
}
