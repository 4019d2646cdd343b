/** The fields that are added to the final responses of an application, prepared once for all responses. */
export interface ResponseFields {
  /** Added to every response. A flat list name, value, … */
  readonly flat: readonly string[]
  /** The same as lines of a head in Latin-1, each with its CRLF. */
  readonly lines: string
  /** Added only where the response has no field of this name yet. Undefined: there are none. */
  readonly whereAbsent?: readonly FieldWhereAbsent[] | undefined
}

interface FieldWhereAbsent {
  /** Name and value. */
  readonly flat: readonly [string, string]
  readonly lowerName: string
  /** With its CRLF. */
  readonly line: string
  /** Finds a line of this name in the text of a head. */
  readonly pattern: RegExp
}

/**
 * Prepares flat lists of valid field names and values (see field-syntax.ts): `flat` for every response, `whereAbsent`
 * for those that have no field of the same name. Undefined when both are empty.
 */
export function prepareFields(
  flat: readonly string[],
  whereAbsent: readonly string[] = [],
): ResponseFields | undefined {
  if (flat.length === 0 && whereAbsent.length === 0) return undefined
  const always = { flat: Object.freeze([...flat]), lines: linesOf(flat) }
  const conditional: FieldWhereAbsent[] = []
  for (let i = 0; i < whereAbsent.length; i += 2) {
    const name = whereAbsent[i] as string
    const field = Object.freeze([name, whereAbsent[i + 1] as string] as const)
    const lowerName = name.toLowerCase()
    if (hasField(flat, lowerName)) continue
    const pattern = new RegExp(`^${name.replaceAll(/[^\w-]/g, '\\$&')}:`, 'im')
    conditional.push(Object.freeze({ flat: field, lowerName, line: linesOf(field), pattern }))
  }
  return Object.freeze(conditional.length === 0 ? always : { ...always, whereAbsent: Object.freeze(conditional) })
}

/** The same fields and one more, for one response. */
export function withField(fields: ResponseFields | undefined, name: string, value: string): ResponseFields {
  const field = [name, value]
  if (fields === undefined) return { flat: field, lines: linesOf(field) }
  return { ...fields, flat: [...fields.flat, ...field], lines: fields.lines + linesOf(field) }
}

/** What is added to a response with these fields of its own. Both are flat lists. */
export function fieldsBehind(own: readonly string[], added: ResponseFields | undefined): readonly string[] {
  if (added?.whereAbsent === undefined) return added?.flat ?? []
  return [...added.flat, ...added.whereAbsent.flatMap((field) => (hasField(own, field.lowerName) ? [] : field.flat))]
}

/** The same as lines; `head` is the text of the response's head, with the start line. */
export function linesBehind(head: string, { lines, whereAbsent }: ResponseFields): string {
  if (whereAbsent === undefined) return lines
  let text = lines
  for (const { pattern, line } of whereAbsent) if (!pattern.test(head)) text += line
  return text
}

function hasField(flat: readonly string[], lowerName: string): boolean {
  for (let i = 0; i < flat.length; i += 2) if ((flat[i] as string).toLowerCase() === lowerName) return true
  return false
}

function linesOf(flat: readonly string[]): string {
  let lines = ''
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i] as string}: ${flat[i + 1] as string}\r\n`
  return lines
}
