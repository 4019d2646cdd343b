import { REFUSED } from '../wire/refusal.ts'
import { RequestHead } from '../wire/request-head.ts'
import type { FrontLimits } from './front.ts'

/**
 * The one RequestHead that all connections of a front read into, since nearly every head is read and used within one
 * event. Whoever wants its head later finds out by `owner` that it holds another, and has its bytes read again.
 */
export class SharedHead {
  head: RequestHead
  owner: object | undefined
  readonly #limits: FrontLimits

  constructor(limits: FrontLimits) {
    this.#limits = limits
    this.head = new RequestHead(limits)
  }

  /** To read another request into. */
  borrow(): RequestHead {
    this.owner = undefined
    return this.head
  }

  /** Gives the head away to a connection whose request comes in pieces. */
  giveAway(): RequestHead {
    const given = this.head
    this.head = new RequestHead(this.#limits)
    this.owner = undefined
    return given
  }

  /** Takes a head that has been read to its end. */
  takeBack(head: RequestHead): void {
    this.head = head
    this.owner = undefined
  }

  readAgain(owner: object, bytes: Buffer, from: number, to: number): void {
    this.head.begin(from)
    if (this.head.read(bytes, to) === REFUSED) throw new Error('a request head was read once and is refused now')
    this.owner = owner
  }
}
