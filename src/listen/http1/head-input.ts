import { CR } from '../../http1/bytes.ts'
import { INCOMPLETE } from '../../http1/refusal.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import type { PendingInput } from './pending-input.ts'
import type { SharedHead } from './shared-head.ts'

/** Bytes of CR LF. */
const EMPTY_LINE = 2

/** Reads one request head after the other from the start of what has come on a connection. */
export class HeadInput {
  readonly #shared: SharedHead
  /** A head that comes in pieces has a reader of its own. */
  #partial: RawRequestHead | undefined

  constructor(shared: SharedHead) {
    this.#shared = shared
  }

  /** Some of a head has come: more than the empty line that some clients send behind a body (RFC 9112 2.2). */
  hasBegun(input: PendingInput): boolean {
    return input.length > EMPTY_LINE || (input.length > 0 && input.bytes[input.start] !== CR)
  }

  /** The next head, read to its end or refused (see its `refusal`); undefined while more bytes are needed. */
  read(input: PendingInput): RawRequestHead | undefined {
    let head = this.#partial
    if (head === undefined) {
      head = this.#shared.borrow()
      head.begin(input.start)
    }
    const after = head.read(input.bytes, input.end)
    if (after === INCOMPLETE) {
      this.#partial ??= this.#shared.giveAway()
      return undefined
    }
    if (this.#partial !== undefined) {
      this.#shared.takeBack(this.#partial)
      this.#partial = undefined
    }
    if (head.refusal === undefined) input.use(after)
    return head
  }

  /** The pending input lies at another offset now: what there is of a head is read again. */
  moved(input: PendingInput): void {
    this.#partial?.begin(input.start)
  }

  /** No further head is read. */
  stop(): void {
    this.#partial = undefined
  }
}
