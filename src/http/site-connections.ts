import type { Connection } from './exchange.ts'

/**
 * The open connections of one site. A connection belongs to every site that one of its requests was for, until it ends;
 * before its first request it belongs to none. Life: that of the site's applications.
 */
export class SiteConnections {
  readonly #open = new Set<Connection>()

  get size(): number {
    return this.#open.size
  }

  /** Adds the connection of a request; false if it is not one of the site's and the site has `most` already. */
  admit(connection: Connection, most: number): boolean {
    if (this.#open.has(connection)) return true
    if (this.#open.size >= most) return false
    this.#open.add(connection)
    connection.onEnd(() => {
      this.#open.delete(connection)
    })
    return true
  }
}
