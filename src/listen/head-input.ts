import { INCOMPLETE } from '../wire/refusal.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { SharedHead } from './shared-head.ts'

/** Finds one request head after the other at the start of a connection's held bytes. */
export class HeadInput {
  readonly #shared: SharedHead
  /** A head that comes in pieces has a reader of its own. */
  #partial: RequestHead | undefined

  constructor(shared: SharedHead) {
    this.#shared = shared
  }

  /** Some of a head has come, and not all of it. */
  get isPartial(): boolean {
    return this.#partial !== undefined
  }

  /** The next head, read to its end or refused (see its `refusal`); undefined while more bytes are needed. */
  read(held: HeldBytes): RequestHead | undefined {
    let head = this.#partial
    if (head === undefined) {
      head = this.#shared.borrow()
      head.begin(held.start)
    }
    const after = head.read(held.bytes, held.end)
    if (after === INCOMPLETE) {
      this.#partial ??= this.#shared.giveAway()
      return undefined
    }
    if (this.#partial !== undefined) {
      this.#shared.takeBack(this.#partial)
      this.#partial = undefined
    }
    if (head.refusal === undefined) held.use(after)
    return head
  }

  /** The held bytes have another offset now: what there is of a head is read again. */
  moved(held: HeldBytes): void {
    this.#partial?.begin(held.start)
  }

  /** No further head is read. */
  stop(): void {
    this.#partial = undefined
  }
}
