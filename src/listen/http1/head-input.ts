import { CR } from '../../http1/bytes.ts'
import { INCOMPLETE } from '../../http1/refusal.ts'
import type { RawRequestHead } from '../../http1/request-head.ts'
import type { PendingInput } from './pending-input.ts'
import type { SharedHead } from './shared-head.ts'

/** The length of CR LF in bytes. */
const EMPTY_LINE = 2

/** Reads one request head after another from the pending input of a connection. */
export class HeadInput {
  readonly #shared: SharedHead
  /** The reader of a head that comes in pieces, used by this connection alone until the head is complete. */
  #partial: RawRequestHead | undefined

  constructor(shared: SharedHead) {
    this.#shared = shared
  }

  /** Whether a part of a head has come: more than the empty line that some clients send after a body (RFC 9112 2.2). */
  hasBegun(input: PendingInput): boolean {
    return input.length > EMPTY_LINE || (input.length > 0 && input.bytes[input.start] !== CR)
  }

  /** The next head, complete or refused (see its `refusal`); undefined while more bytes are needed. */
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

  /** Called when the pending input has moved to another offset: a partial head is read again from there. */
  moved(input: PendingInput): void {
    this.#partial?.begin(input.start)
  }

  /** Drops a partial head, because no further head is read. */
  stop(): void {
    this.#partial = undefined
  }
}
