import { CR, LF } from './bytes.ts'
import { ConnectionOptions } from './connection-field.ts'
import { FieldLines } from './field-lines.ts'
import { Framing } from './framing.ts'
import { INCOMPLETE, REFUSED, type Refusal, refusals } from './refusal.ts'

export interface HeadLimits {
  /** The most bytes of start line, field lines and the empty line together. */
  readonly headBytes: number
  /** The most field lines. */
  readonly headLines: number
}

/**
 * Reads what request and response heads have in common (RFC 9112 2.1): a start line, field lines, an empty line. One
 * object reads one head after another, and holds offsets into `bytes`. Bytes may come in any pieces: `read` goes on
 * where it stopped, and reads an incomplete line again only when its end has come. Owner: a connection.
 */
export abstract class HeadReader {
  bytes: Buffer = Buffer.alloc(0)
  readonly fields: FieldLines
  readonly framing = new Framing()
  readonly options = new ConnectionOptions()
  refusal: Refusal | undefined
  readonly #limits: HeadLimits
  #from = 0
  #searched = 0
  #inFields = false

  constructor(limits: HeadLimits) {
    this.#limits = limits
    this.fields = new FieldLines(limits.headLines)
  }

  /** The next head begins at this offset of the bytes that `read` will be given. */
  begin(from: number): void {
    this.refusal = undefined
    this.#from = from
    this.#searched = from
    this.#inFields = false
  }

  /**
   * Reads up to `end`. Returns the offset after the head, INCOMPLETE or REFUSED. After INCOMPLETE it is called again
   * with the same bytes and more after them.
   */
  read(bytes: Buffer, end: number): number {
    this.bytes = bytes
    if (this.#searched > this.#from && !this.#endsLine(end)) return this.#incomplete(end)
    if (!this.#inFields) {
      const at = this.readStartLine(this.#from, end)
      if (at === INCOMPLETE) return this.#incomplete(end)
      if (at === REFUSED) return REFUSED
      this.#inFields = true
      this.fields.start(at)
    }
    const after = this.fields.read(bytes, end)
    if (after === INCOMPLETE) return this.#incomplete(end)
    if (after === REFUSED) return this.refuse(this.fields.refusal)
    if (after - this.#from > this.#limits.headBytes) return this.refuse(refusals.headTooLarge)
    const broken = this.interpret()
    return broken === undefined ? after : this.refuse(broken)
  }

  /** Returns the offset of the first field line, INCOMPLETE or REFUSED. */
  protected abstract readStartLine(from: number, end: number): number

  /** Interprets the lines together; returns the rule that they break, if any. */
  protected abstract interpret(): Refusal | undefined

  protected refuse(refusal: Refusal | undefined): number {
    this.refusal = refusal
    return REFUSED
  }

  /** Whether a line has ended since the last read; if not, the incomplete line is not read again. */
  #endsLine(end: number): boolean {
    const { bytes } = this
    const cr = bytes.indexOf(CR, this.#searched - 1)
    if (cr >= 0 && cr < end) return true
    const lf = bytes.indexOf(LF, this.#searched)
    return lf >= 0 && lf < end
  }

  #incomplete(end: number): number {
    this.#searched = end
    if (end - this.#from < this.#limits.headBytes) return INCOMPLETE
    return this.refuse(refusals.headTooLarge)
  }
}
