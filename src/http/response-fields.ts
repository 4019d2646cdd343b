/** The fields that are added to every final response of an application, prepared once for all responses. */
export interface ResponseFields {
  /** A flat list name, value, … */
  readonly flat: readonly string[]
  /** The same as lines of a head in Latin-1, each with its CRLF. */
  readonly lines: string
}

/** Prepares a flat list of valid field names and values (see field-syntax.ts); undefined for an empty one. */
export function prepareFields(flat: readonly string[]): ResponseFields | undefined {
  if (flat.length === 0) return undefined
  let lines = ''
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i] as string}: ${flat[i + 1] as string}\r\n`
  return Object.freeze({ flat: Object.freeze([...flat]), lines })
}
