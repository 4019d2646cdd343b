import type { HpackField } from './hpack-field.ts'
import type { FieldTaker } from './hpack-decoder.ts'

/** The fields of one header block, as many as may be kept. */
export class HeadList implements FieldTaker {
  readonly fields: HpackField[] = []
  /** Whether there are more than may be kept: the rest is not in `fields`. */
  isTooLarge = false
  readonly #maxFields: number
  #room: number

  /** `maxSize`: in bytes, of which each field counts 32 more than its name and value. */
  constructor(maxSize: number, maxFields: number) {
    this.#room = maxSize
    this.#maxFields = maxFields
  }

  take(field: HpackField): void {
    this.#room -= field.size
    if (this.#room < 0 || this.fields.length === this.#maxFields) this.isTooLarge = true
    if (!this.isTooLarge) this.fields.push(field)
  }
}
