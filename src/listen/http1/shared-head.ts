import { REFUSED } from '../../http1/refusal.ts'
import { RawRequestHead } from '../../http1/request-head.ts'
import type { FrontLimits } from '../limits.ts'

/**
 * The one RawRequestHead that all connections of a front share, because nearly every head is parsed and used within one
 * read event. `owner` is the exchange whose head it holds now; an exchange that no longer owns it parses its own bytes
 * again when it needs its head.
 */
export class SharedHead {
  head: RawRequestHead
  owner: object | undefined
  readonly #limits: FrontLimits

  constructor(limits: FrontLimits) {
    this.#limits = limits
    this.head = new RawRequestHead(limits)
  }

  /** Returns the head, so that another request can be parsed into it. */
  borrow(): RawRequestHead {
    this.owner = undefined
    return this.head
  }

  /** Gives the head to a connection whose request head comes in pieces, and makes a new one for the others. */
  giveAway(): RawRequestHead {
    const given = this.head
    this.head = new RawRequestHead(this.#limits)
    this.owner = undefined
    return given
  }

  /** Takes back a head from giveAway() when it is complete. */
  takeBack(head: RawRequestHead): void {
    this.head = head
    this.owner = undefined
  }

  /** Called when the bytes from which the head was parsed are about to be overwritten. */
  forget(): void {
    this.owner = undefined
  }

  readAgain(owner: object, bytes: Buffer, from: number, to: number): void {
    this.head.begin(from)
    if (this.head.read(bytes, to) === REFUSED) throw new Error('a request head was read once and is refused now')
    this.owner = owner
  }
}
