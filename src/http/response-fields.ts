/** Fields that every final response of an application gets behind its own, prepared once for all of them. */
export interface ResponseFields {
  /** Flat: name, value, … */
  readonly flat: readonly string[]
  /** The same as lines of a head, each with its CRLF; one Latin-1 character is one byte on the wire. */
  readonly lines: string
}

/** `flat` holds nothing but field names and field values (field-syntax.ts). undefined where it holds nothing. */
export function prepareFields(flat: readonly string[]): ResponseFields | undefined {
  if (flat.length === 0) return undefined
  let lines = ''
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i] as string}: ${flat[i + 1] as string}\r\n`
  return Object.freeze({ flat: Object.freeze([...flat]), lines })
}
