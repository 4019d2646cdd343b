import type { HpackField } from './hpack/hpack-field.ts'
import type { FieldTaker } from './hpack/hpack-decoder.ts'
import { http2Limits } from './limits.ts'

/** The fields of one header block, as many as may be kept. */
export class HeadList implements FieldTaker {
  readonly fields: HpackField[] = []
  /** Whether there are more than may be kept: the rest is not in `fields`. */
  isTooLarge = false
  #size = 0

  take(field: HpackField): void {
    this.#size += field.size
    if (this.#size > http2Limits.headBytes || this.fields.length === http2Limits.headLines) this.isTooLarge = true
    if (!this.isTooLarge) this.fields.push(field)
  }
}
