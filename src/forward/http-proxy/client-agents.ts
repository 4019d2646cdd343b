import type { Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import { ApplicationAgent } from './application-agent.ts'
import { freeConnections } from '../free-connections.ts'

/**
 * The kept-alive connections to one child for node's client: those for everybody, and those of the clients whose requests the
 * application may answer as somebody's because of the connection they came over (NTLM, Negotiate). Life: that of its Upstream.
 * Invariant: what a client's own agent holds ends with that client, and never carries another's request.
 */
export class ClientAgents {
  readonly #shared = new ApplicationAgent(freeConnections)
  #retired = false
  readonly #own = new Map<Connection, ApplicationAgent>()

  /** For a client's next request. False: a connection of its own, which ends after the response. */
  choose(client: Connection, fresh: boolean): ApplicationAgent | false {
    return this.#own.get(client) ?? (fresh ? false : this.#shared)
  }

  /** From now on this client has an agent of its own; the connection it has used until now, if any, is nobody's. */
  bind(client: Connection, socket?: Socket): void {
    if (this.#own.has(client)) return
    if (socket !== undefined) this.#shared.useNoMore(socket)
    // Only its client's silence ends a connection that is somebody's: the handshake would have to begin again.
    const own = new ApplicationAgent({ max: 1, idle: undefined })
    if (this.#retired) own.retire()
    this.#own.set(client, own)
    client.onEnd(() => {
      this.#own.delete(client)
      own.destroy()
    })
  }

  retire(): void {
    this.#retired = true
    this.#shared.retire()
    for (const own of this.#own.values()) own.retire()
  }

  destroy(): void {
    this.#shared.destroy()
    for (const own of this.#own.values()) own.destroy()
  }
}
