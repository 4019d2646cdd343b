import type { Socket } from 'node:net'
import { plainAddress } from './connection-facts.ts'
import type { FrontLimits } from './limits.ts'

/**
 * Counts the open connections of each client address, for a front that limits them. Life: that of its front. Invariant:
 * an address is in #open only while a connection of it is open, so the table is never larger than the connections.
 */
export class AddressCounts {
  readonly #open = new Map<string, number>()
  readonly #limits: FrontLimits

  constructor(limits: FrontLimits) {
    this.#limits = limits
  }

  /** Counts the connection until it closes; false if its address has as many as it may have. */
  admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '')
    const count = this.#open.get(address) ?? 0
    const { connectionsPerAddress, exemptAddresses } = this.#limits
    if (count >= connectionsPerAddress && !exemptAddresses.has(address)) return false
    this.#open.set(address, count + 1)
    socket.once('close', () => {
      this.#leave(address)
    })
    return true
  }

  #leave(address: string): void {
    const count = this.#open.get(address) ?? 0
    if (count > 1) this.#open.set(address, count - 1)
    else this.#open.delete(address)
  }
}
