import type { ListenRow } from '../system/listen-table.ts'
import { addressesOf } from '../system/listener.ts'
import type { ProcessTree } from '../system/process-tree.ts'

/**
 * How long a socket must have listened before its owner is looked up: many apps open several sockets, one after the
 * other.
 */
const minListeningAgeMs = 300
/** How long requests wait for an app that listens, but not on the port that it was given. */
export const listensElsewhereLimitMs = 5000

/**
 * Finds the sockets on which a process tree listens instead of on the port that it was given. The owner of each socket
 * of the machine is looked up only once, because looking it up takes a walk through /proc. Owner and life: one wait for
 * readiness. Times are monotonic milliseconds.
 */
export class OtherListeners {
  readonly #tree: ProcessTree
  #rows: readonly ListenRow[] = []
  /** Maps the inode of each socket whose owner was not looked up yet to the time when the socket was first seen. */
  readonly #knownSince = new Map<number, number>()
  /** Inodes of the sockets whose owner was looked up. */
  readonly #checked = new Set<number>()
  #foundAt: number | undefined
  #isReported = false

  constructor(tree: ProcessTree) {
    this.#tree = tree
  }

  /**
   * Whether look() would have something to do for these listeners. This check is cheap, because every poll makes it.
   */
  isDue(rows: readonly ListenRow[], now: number): boolean {
    if (rows !== this.#rows) this.#note(rows, now)
    if (this.#isLimitReached(now)) return true
    for (const since of this.#knownSince.values()) if (now - since >= minListeningAgeMs) return true
    return false
  }

  /**
   * 'found': the tree listens on these addresses; 'limit-reached': the tree has listened on them for
   * listensElsewhereLimitMs. Each is returned once; undefined when there is nothing new.
   */
  async look(
    now: number,
  ): Promise<{ readonly event: 'found' | 'limit-reached'; readonly addresses: readonly string[] } | undefined> {
    if (this.#isLimitReached(now)) {
      const addresses = await addressesOf(this.#tree, this.#rows)
      this.#isReported = addresses.length > 0
      if (!this.#isReported) this.#foundAt = undefined
      return this.#isReported ? { event: 'limit-reached', addresses } : undefined
    }
    const due = this.#rows.filter(({ inode }) => now - (this.#knownSince.get(inode) ?? now) >= minListeningAgeMs)
    for (const { inode } of due) {
      this.#knownSince.delete(inode)
      this.#checked.add(inode)
    }
    const addresses = due.length === 0 ? [] : await addressesOf(this.#tree, due)
    if (addresses.length === 0 || this.#foundAt !== undefined) return undefined
    this.#foundAt = now
    return { event: 'found', addresses }
  }

  #isLimitReached(now: number): boolean {
    return this.#foundAt !== undefined && !this.#isReported && now - this.#foundAt >= listensElsewhereLimitMs
  }

  #note(rows: readonly ListenRow[], now: number): void {
    this.#rows = rows
    const present = new Set(rows.map(({ inode }) => inode))
    for (const inode of this.#knownSince.keys()) if (!present.has(inode)) this.#knownSince.delete(inode)
    for (const inode of present)
      if (!this.#checked.has(inode) && !this.#knownSince.has(inode)) this.#knownSince.set(inode, now)
  }
}
