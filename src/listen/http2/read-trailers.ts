import type { HeadList } from './hpack/head-list.ts'
import { FieldMeaning, meaningOf } from './field-meaning.ts'

/**
 * The fields of a trailer section as a flat list; undefined if it is malformed or too large, and so its request is
 * malformed too (RFC 9113 8.1).
 */
export function readTrailers(list: HeadList): readonly string[] | undefined {
  if (list.isTooLarge) return undefined
  const trailers: string[] = []
  for (const field of list.fields) {
    const meaning = meaningOf(field)
    if (meaning === FieldMeaning.malformed || meaning === FieldMeaning.ofConnection) return undefined
    if (field.name.charCodeAt(0) === 0x3a /* : */) return undefined
    trailers.push(field.name, field.value)
  }
  return trailers
}
