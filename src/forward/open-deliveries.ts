/** What ends at once when the way to the application is closed. */
export interface OpenDelivery {
  /** Where it stands among the others; theirs alone to set. */
  place: number
  destroy(): void
}

/**
 * The deliveries under way. A list in which the last takes the place of who leaves, and no Set: the tables that a Set leaves behind
 * as members come and go hold on to each other, and so to every request that was under way, until the next full collection.
 */
export class OpenDeliveries {
  readonly #all: OpenDelivery[] = []

  add(delivery: OpenDelivery): void {
    delivery.place = this.#all.push(delivery) - 1
  }

  remove(delivery: OpenDelivery): void {
    const last = this.#all.pop()
    if (last === undefined || last === delivery) return
    last.place = delivery.place
    this.#all[last.place] = last
  }

  destroy(): void {
    for (const delivery of [...this.#all]) delivery.destroy()
  }
}
