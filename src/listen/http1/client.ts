import type { Connection } from '../../http/exchange.ts'
import type { RawClient } from '../../http1/passthrough.ts'

/** The last valid Host on any connection of a front: a new client most often sends the same one. */
export interface HostMemory {
  last: string
}

/**
 * One client, with the values that are computed only once for it. Life: that of its connection, and beyond it while an
 * exchange of the connection is still referenced.
 */
export class Http1Client implements RawClient {
  readonly facts: Connection
  headerCacheOwner: object | undefined
  headerCache = ''
  readonly #hosts: HostMemory
  #host: string
  #requests = 0

  constructor(facts: Connection, hosts: HostMemory) {
    this.facts = facts
    this.#hosts = hosts
    this.#host = hosts.last
  }

  /** Counts one more request; returns how many have come on this connection. */
  countRequest(): number {
    return ++this.#requests
  }

  /** Remembers a valid Host field, because most clients send the same one again. */
  learnHost(host: string): void {
    this.#host = host
    this.#hosts.last = host
  }

  /** Whether these bytes equal the remembered Host. */
  knowsHost(bytes: Buffer, from: number, to: number): boolean {
    const host = this.#host
    if (host.length !== to - from || host === '') return false
    for (let i = 0; i < host.length; i++) if (bytes[from + i] !== host.charCodeAt(i)) return false
    return true
  }
}
