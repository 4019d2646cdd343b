import { REFUSED } from '../../http1/refusal.ts'
import { RawRequestHead } from '../../http1/request-head.ts'
import type { FrontLimits } from '../limits.ts'

/**
 * The one RawRequestHead that all connections of a front read into, because nearly every head is read and used within one
 * event. An exchange that wants its head later sees by `owner` whether it still holds it; if not, its bytes are read again.
 */
export class SharedHead {
  head: RawRequestHead
  owner: object | undefined
  readonly #limits: FrontLimits

  constructor(limits: FrontLimits) {
    this.#limits = limits
    this.head = new RawRequestHead(limits)
  }

  /** The head, to read another request into. */
  borrow(): RawRequestHead {
    this.owner = undefined
    return this.head
  }

  /** Gives the head away to a connection whose request comes in pieces. */
  giveAway(): RawRequestHead {
    const given = this.head
    this.head = new RawRequestHead(this.#limits)
    this.owner = undefined
    return given
  }

  /** Takes a head that has been read to its end. */
  takeBack(head: RawRequestHead): void {
    this.head = head
    this.owner = undefined
  }

  /** The bytes it was read from are no more. */
  forget(): void {
    this.owner = undefined
  }

  readAgain(owner: object, bytes: Buffer, from: number, to: number): void {
    this.head.begin(from)
    if (this.head.read(bytes, to) === REFUSED) throw new Error('a request head was read once and is refused now')
    this.owner = owner
  }
}
