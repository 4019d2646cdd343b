import { allRead } from './all-read.ts'

/** What a front's connections have in common, whichever engine reads them. */
export interface OpenConnection {
  /** Nothing is under way on it. */
  readonly idle: boolean
  /** It ends after the exchange that is or comes under way. */
  drain(): void
  destroy(): void
  /** Looks at every time limit. */
  sweep(now: number): void
}

/**
 * Who is connected. Life: that of its front, which owns it.
 * Invariant: a connection is in here from accept until its socket has closed.
 */
export class Connections {
  readonly #open = new Set<OpenConnection>()
  #draining = false
  #whenEmpty: (() => void)[] = []

  get size(): number {
    return this.#open.size
  }

  add(connection: OpenConnection): void {
    this.#open.add(connection)
    if (this.#draining) connection.drain()
  }

  remove(connection: OpenConnection): void {
    this.#open.delete(connection)
    if (this.#open.size > 0) return
    const waiting = this.#whenEmpty
    this.#whenEmpty = []
    for (const resolve of waiting) resolve()
  }

  /** Every connection ends after the exchange that is or comes under way. */
  drain(): void {
    this.#draining = true
    for (const connection of this.#open) connection.drain()
  }

  /** Ends those on which nothing is under way, once all that had come until now has been read. */
  async closeIdle(): Promise<void> {
    await allRead()
    for (const connection of this.#open) if (connection.idle) connection.destroy()
  }

  destroy(): void {
    for (const connection of this.#open) connection.destroy()
  }

  sweep(now: number): void {
    for (const connection of this.#open) connection.sweep(now)
  }

  /** Resolves when nobody is connected. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }
}
