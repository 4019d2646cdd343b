import type { Socket } from 'node:net'
import type { Connection } from '../../http/exchange.ts'
import { ApplicationAgent } from './application-agent.ts'
import { freeConnections } from '../free-connections.ts'

/**
 * The kept-alive connections to one child for node's HTTP client: a shared agent, and an agent for each client whose
 * requests may authenticate their connection (NTLM, Negotiate). Owner and life: those of its Upstream.
 * Invariant: the connections of a client's own agent end with that client, and never carry another client's request.
 */
export class ClientAgents {
  readonly #shared = new ApplicationAgent(freeConnections)
  #retired = false
  readonly #own = new Map<Connection, ApplicationAgent>()

  /** The agent for a client's next request. False: no agent but a new connection, which ends after the response. */
  choose(client: Connection, fresh: boolean): ApplicationAgent | false {
    return this.#own.get(client) ?? (fresh ? false : this.#shared)
  }

  /**
   * From now on this client has an agent of its own. `socket`: the shared connection that it used, which is not kept.
   */
  bind(client: Connection, socket?: Socket): void {
    if (this.#own.has(client)) return
    if (socket !== undefined) this.#shared.useNoMore(socket)
    // A bound connection has no time limit of its own, because the client would have to authenticate again.
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
