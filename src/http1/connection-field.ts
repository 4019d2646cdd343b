import { ascii, COMMA, isBlank, isWord } from './bytes.ts'
import type { FieldLines } from './field-lines.ts'
import { Field } from './field-names.ts'

const close = ascii('close')
const keepAlive = ascii('keep-alive')
const upgrade = ascii('upgrade')

/** The options in the Connection lines of one head (RFC 9110 7.6.1); each may be the name of a field. */
export class ConnectionOptions {
  close = false
  keepAlive = false
  upgrade = false
  /** Whether there are other options than these three: fields of those names are hop-by-hop. */
  namesFields = false

  read(bytes: Uint8Array, lines: FieldLines): void {
    this.close = false
    this.keepAlive = false
    this.upgrade = false
    this.namesFields = false
    for (let n = 0; n < lines.knownCount; n++) {
      const i = lines.known(n)
      if (lines.field(i) === Field.connection) this.#line(bytes, lines.valueStart(i), lines.valueEnd(i))
    }
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    let at = from
    while (at < to) {
      const end = optionEnd(bytes, at, to)
      let last = end
      while (at < last && isBlank(bytes[at])) at++
      while (last > at && isBlank(bytes[last - 1])) last--
      if (isWord(bytes, at, last, close)) this.close = true
      else if (isWord(bytes, at, last, keepAlive)) this.keepAlive = true
      else if (isWord(bytes, at, last, upgrade)) this.upgrade = true
      // RFC 9110 5.6.1: empty elements of a list mean nothing.
      else if (last > at) this.namesFields = true
      at = end + 1
    }
  }
}

/** The options in the Connection lines in lower case, among them the names of hop-by-hop fields. */
export function namedFields(bytes: Buffer, lines: FieldLines): Set<string> {
  const names = new Set<string>()
  for (let i = 0; i < lines.count; i++) {
    if (lines.field(i) !== Field.connection) continue
    const value = bytes.toString('latin1', lines.valueStart(i), lines.valueEnd(i))
    for (const option of value.split(',')) names.add(option.trim().toLowerCase())
  }
  names.delete('')
  return names
}

function optionEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = from
  while (end < to && bytes[end] !== COMMA) end++
  return end
}
