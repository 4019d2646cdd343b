import type { ListenRow } from '../system/listen-table.ts'
import { addressesOf } from '../system/listener.ts'
import type { ProcessTree } from '../system/process-tree.ts'

/** Milliseconds that a socket must have listened before it is looked at: many apps open several, one after the other. */
const thought = 300
/** Milliseconds after which nobody is made to wait for an app that listens, but not where it was told to. */
export const elsewherePatience = 5000

/**
 * Finds the sockets on which a tree listens besides its port. Each socket of the machine is looked at once, as it costs a
 * walk through /proc. Owner and life: one wait for readiness. Times are monotonic milliseconds.
 */
export class Elsewhere {
  readonly #tree: ProcessTree
  #rows: readonly ListenRow[] = []
  /** Sockets that were not looked at yet → since when they are known. */
  readonly #since = new Map<number, number>()
  readonly #looked = new Set<number>()
  #foundAt: number | undefined
  #isTold = false

  constructor(tree: ProcessTree) {
    this.#tree = tree
  }

  /** Whether there is something to look at or to tell, among these listeners; cheap, as it is asked all the time. */
  isDue(rows: readonly ListenRow[], now: number): boolean {
    if (rows !== this.#rows) this.#note(rows, now)
    if (this.#isHopeless(now)) return true
    for (const since of this.#since.values()) if (now - since >= thought) return true
    return false
  }

  /** What there is to say now: the tree has just been found elsewhere, or has been there for too long. Each comes once. */
  async look(
    now: number,
  ): Promise<{ readonly say: 'found' | 'hopeless'; readonly addresses: readonly string[] } | undefined> {
    if (this.#isHopeless(now)) {
      const addresses = await addressesOf(this.#tree, this.#rows)
      this.#isTold = addresses.length > 0
      if (!this.#isTold) this.#foundAt = undefined
      return this.#isTold ? { say: 'hopeless', addresses } : undefined
    }
    const due = this.#rows.filter(({ inode }) => now - (this.#since.get(inode) ?? now) >= thought)
    for (const { inode } of due) {
      this.#since.delete(inode)
      this.#looked.add(inode)
    }
    const addresses = due.length === 0 ? [] : await addressesOf(this.#tree, due)
    if (addresses.length === 0 || this.#foundAt !== undefined) return undefined
    this.#foundAt = now
    return { say: 'found', addresses }
  }

  #isHopeless(now: number): boolean {
    return this.#foundAt !== undefined && !this.#isTold && now - this.#foundAt >= elsewherePatience
  }

  #note(rows: readonly ListenRow[], now: number): void {
    this.#rows = rows
    const present = new Set(rows.map(({ inode }) => inode))
    for (const inode of this.#since.keys()) if (!present.has(inode)) this.#since.delete(inode)
    for (const inode of present) if (!this.#looked.has(inode) && !this.#since.has(inode)) this.#since.set(inode, now)
  }
}
