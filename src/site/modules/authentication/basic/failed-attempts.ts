/** What an address has got wrong. */
interface Attempts {
  /** Monotonic milliseconds. */
  readonly since: number
  /** Fingerprints of the credentials. */
  readonly wrong: Set<string>
}

/** So many different wrong credentials are taken from an address within the interval. */
const maxWrong = 20
const intervalMs = 60_000
const maxAddresses = 10_000

/**
 * Counts the wrong credentials of each client address, so that nobody can try passwords as fast as they can be checked.
 * The same ones again, as a browser sends them with every picture of a page, count once. Life: that of the
 * configuration. Invariant: the tables have a greatest size; the address that came first is forgotten first.
 */
export class FailedAttempts {
  readonly #byAddress = new Map<string, Attempts>()

  /** `known-wrong`: these credentials have been wrong a moment ago, and need not be checked again. */
  verdict(address: string, fingerprint: string, nowMs: number): 'check' | 'known-wrong' | 'too-many' {
    const attempts = this.#of(address, nowMs)
    if (attempts === undefined) return 'check'
    if (attempts.wrong.has(fingerprint)) return 'known-wrong'
    return attempts.wrong.size >= maxWrong ? 'too-many' : 'check'
  }

  add(address: string, fingerprint: string, nowMs: number): void {
    const attempts = this.#of(address, nowMs)
    if (attempts !== undefined) {
      attempts.wrong.add(fingerprint)
      return
    }
    const key = keyOf(address)
    this.#byAddress.delete(key)
    const [oldest] = this.#byAddress.keys()
    if (oldest !== undefined && this.#byAddress.size >= maxAddresses) this.#byAddress.delete(oldest)
    this.#byAddress.set(key, { since: nowMs, wrong: new Set([fingerprint]) })
  }

  /** Other passwords are in force, so nothing is known to be wrong any more; the counts stay. */
  forgetFingerprints(): void {
    for (const { wrong } of this.#byAddress.values()) {
      const marks = [...wrong].map((_, i) => `forgotten ${String(i)}`)
      wrong.clear()
      for (const mark of marks) wrong.add(mark)
    }
  }

  #of(address: string, nowMs: number): Attempts | undefined {
    const attempts = this.#byAddress.get(keyOf(address))
    return attempts === undefined || nowMs - attempts.since >= intervalMs ? undefined : attempts
  }
}

/** One client of IPv6 has all addresses of a network of 64 bits. */
function keyOf(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('::')
  const before = left.split(':')
  const missing = right === undefined ? 0 : 8 - before.length - (right === '' ? 0 : right.split(':').length)
  const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(right ?? '').split(':')]
  return groups.slice(0, 4).join(':')
}
