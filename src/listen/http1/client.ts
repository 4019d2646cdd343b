import type { Connection } from '../../http/exchange.ts'
import type { RawClient } from '../../http1/passthrough.ts'

/** The last Host that was found valid on any connection of a front: a new client's first is most often the same. */
export interface HostMemory {
  last: string
}

/** One client, and what need be worked out only once for it. Life: as long as its connection, or an exchange of it, is used. */
export class Http1Client implements RawClient {
  readonly facts: Connection
  headerCacheOwner: object | undefined
  headerCache = ''
  readonly #hosts: HostMemory
  #host: string

  constructor(facts: Connection, hosts: HostMemory) {
    this.facts = facts
    this.#hosts = hosts
    this.#host = hosts.last
  }

  /** A Host field that was found valid: most clients send the same one again. */
  learnHost(host: string): void {
    this.#host = host
    this.#hosts.last = host
  }

  /** Do these bytes spell the Host that was learnt? */
  knowsHost(bytes: Buffer, from: number, to: number): boolean {
    const host = this.#host
    if (host.length !== to - from || host === '') return false
    for (let i = 0; i < host.length; i++) if (bytes[from + i] !== host.charCodeAt(i)) return false
    return true
  }
}
