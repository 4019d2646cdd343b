/** What one address does at the moment. */
interface Activity {
  /** Requests that are under way. */
  concurrent: number
  /** Requests since `since`, in monotonic milliseconds. */
  requests: number
  since: number
}

/**
 * Counts the requests of each client address: those under way, and those within an interval, which begins with the
 * first request that is in none. Life: that of the configuration that it was made for. Invariant: at most `capacity`
 * addresses have an entry without a request under way, so clients cannot make the table grow; the one that came first
 * is forgotten first.
 */
export class AddressActivity {
  readonly #entries = new Map<string, Activity>()
  readonly #intervalMs: number
  readonly #capacity: number

  constructor(intervalMs: number, capacity = 50_000) {
    this.#intervalMs = intervalMs
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  /** Counts a request of this address, also one that is going to be denied. */
  begin(address: string, nowMs: number): Readonly<Activity> {
    const entry = this.#entryOf(address, nowMs)
    if (nowMs - entry.since >= this.#intervalMs) {
      entry.since = nowMs
      entry.requests = 0
    }
    entry.requests += 1
    entry.concurrent += 1
    return entry
  }

  /** Called once for each begin(), when the request is over. */
  end(address: string): void {
    const entry = this.#entries.get(address)
    if (entry !== undefined && entry.concurrent > 0) entry.concurrent -= 1
  }

  #entryOf(address: string, nowMs: number): Activity {
    const known = this.#entries.get(address)
    if (known !== undefined) return known
    if (this.#entries.size >= this.#capacity) this.#forgetOne()
    const entry = { concurrent: 0, requests: 0, since: nowMs }
    this.#entries.set(address, entry)
    return entry
  }

  /** Looks at a few of the oldest entries only; those with requests under way are moved behind the others. */
  #forgetOne(): void {
    let looks = 8
    for (const [address, entry] of this.#entries) {
      this.#entries.delete(address)
      if (entry.concurrent === 0) return
      this.#entries.set(address, entry)
      looks -= 1
      if (looks === 0) return
    }
  }
}
