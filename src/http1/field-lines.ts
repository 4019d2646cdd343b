import { COLON, CR, HTAB, isBlank, LF, SP, tokenEnd, valueEnd } from './bytes.ts'
import { Field, fieldCode } from './field-names.ts'
import { INCOMPLETE, REFUSED, type Refusal, refusals } from './refusal.ts'

/** How many numbers are kept for each line: field, name start, name end, value start, value end, end of line. */
const STRIDE = 6

/**
 * The field lines of one head or trailer section (RFC 9112 5), as offsets into the bytes that they were read from. One
 * object reads many sections, one after another. Reading may stop anywhere and continue when more bytes have come;
 * complete lines are not read again.
 */
export class FieldLines {
  count = 0
  /** How many of the lines have a field other than Field.other; see known(). */
  knownCount = 0
  /** Offset of the empty line that ends the section. */
  end = 0
  refusal: Refusal | undefined
  readonly #maxCount: number
  #next = 0
  #table = new Int32Array(24 * STRIDE)
  #known = new Int32Array(24)

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  /** Begins a section at this offset. */
  start(at: number): void {
    this.count = 0
    this.knownCount = 0
    this.refusal = undefined
    this.#next = at
  }

  /** Reads up to the empty line; returns the offset after it, INCOMPLETE or REFUSED. */
  read(bytes: Uint8Array, end: number): number {
    let at = this.#next
    for (;;) {
      const line = at
      if (at >= end) return this.#wait(line)
      if (bytes[at] === CR) {
        if (at + 1 >= end) return this.#wait(line)
        if (bytes[at + 1] !== LF) return this.#refuse(refusals.lineEnd)
        this.end = at
        return at + 2
      }
      // 5.1: a name is a token, directly followed by the colon.
      at = tokenEnd(bytes, at, end)
      if (at >= end) return this.#wait(line)
      if (at === line || bytes[at] !== COLON) return this.#refuse(this.#badName(bytes, line, at))
      const nameEnd = at++
      // 5.5: whitespace around a value is not part of it.
      while (at < end && isBlank(bytes[at])) at++
      const valueStart = at
      at = valueEnd(bytes, at, end)
      if (at + 1 >= end) return at < end && bytes[at] !== CR ? this.#refuse(refusals.fieldValue) : this.#wait(line)
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.#refuse(refusals.fieldValue)
      let valueStop = at
      while (valueStop > valueStart && isBlank(bytes[valueStop - 1])) valueStop--
      at += 2
      if (this.count === this.#maxCount) return this.#refuse(refusals.tooManyFields)
      this.#add(fieldCode(bytes, line, nameEnd), line, nameEnd, valueStart, valueStop, at)
    }
  }

  /** The index of the n-th line with a field other than Field.other: only these decide what a message means. */
  known(n: number): number {
    return this.#known[n] as number
  }

  /** The field of line `i`, as a number of `Field`. */
  field(i: number): number {
    return this.#table[i * STRIDE] as number
  }
  nameStart(i: number): number {
    return this.#table[i * STRIDE + 1] as number
  }
  nameEnd(i: number): number {
    return this.#table[i * STRIDE + 2] as number
  }
  valueStart(i: number): number {
    return this.#table[i * STRIDE + 3] as number
  }
  valueEnd(i: number): number {
    return this.#table[i * STRIDE + 4] as number
  }
  /** Offset after the CRLF of line `i`. */
  lineEnd(i: number): number {
    return this.#table[i * STRIDE + 5] as number
  }

  #add(field: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number): void {
    const at = this.count * STRIDE
    if (at === this.#table.length) {
      this.#table = doubled(this.#table)
      this.#known = doubled(this.#known)
    }
    if (field !== Field.other) this.#known[this.knownCount++] = this.count
    const table = this.#table
    table[at] = field
    table[at + 1] = nameStart
    table[at + 2] = nameEnd
    table[at + 3] = valueStart
    table[at + 4] = valueEnd
    table[at + 5] = lineEnd
    this.count++
  }

  #wait(line: number): number {
    this.#next = line
    return INCOMPLETE
  }

  #refuse(refusal: Refusal): number {
    this.refusal = refusal
    return REFUSED
  }

  // 5.2: a line that begins with whitespace would continue the one before, which is obsolete and must not be sent.
  #badName(bytes: Uint8Array, line: number, at: number): Refusal {
    const first = bytes[line]
    return at === line && (first === SP || first === HTAB) ? refusals.foldedLine : refusals.fieldName
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}
