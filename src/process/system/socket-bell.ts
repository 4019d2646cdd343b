import { closeSync, openSync, readSync } from 'node:fs'
import type { Family } from './listen-table.ts'

/** Rings when the number of TCP sockets of a family has changed: a read of 4 µs instead of one of up to 2 ms. */
export class SocketBell {
  readonly #file: number | undefined
  readonly #buffer = Buffer.allocUnsafe(512)
  readonly #line: RegExp
  #last = ''

  constructor(family: Family) {
    this.#line = family === 'tcp' ? /^TCP: inuse (\d+)/m : /^TCP6: inuse (\d+)/m
    try {
      this.#file = openSync(family === 'tcp' ? '/proc/net/sockstat' : '/proc/net/sockstat6', 'r')
    } catch {
      this.#file = undefined
    }
  }

  /** True as well when there is nothing to go by. */
  rang(): boolean {
    if (this.#file === undefined) return true
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0)
    const count = this.#line.exec(this.#buffer.toString('latin1', 0, length))?.[1]
    if (count === undefined) return true
    const changed = count !== this.#last
    this.#last = count
    return changed
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}
