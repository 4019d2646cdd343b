import type { FieldLines } from './field-lines.ts'

/** The field lines of a head, and the bytes that they were read from. */
export interface ReadFields {
  readonly bytes: Buffer
  readonly fields: FieldLines
}

/** The field lines of a head as `Headers`; text is made only of the fields that are asked for. */
export class HeadFields {
  readonly #head: () => ReadFields

  /** `head` is called at each use, because the object that it returns is reused. */
  constructor(head: () => ReadFields) {
    this.#head = head
  }

  get count(): number {
    return this.#head().fields.count
  }

  get(lowerCaseName: string): string | undefined {
    const { bytes, fields } = this.#head()
    let found: string | undefined
    for (let i = 0; i < fields.count; i++) {
      if (fields.nameEnd(i) - fields.nameStart(i) !== lowerCaseName.length) continue
      if (nameOf(bytes, fields, i).toLowerCase() !== lowerCaseName) continue
      const value = valueOf(bytes, fields, i)
      found = found === undefined ? value : `${found}, ${value}`
    }
    return found
  }

  each(visit: (name: string, value: string) => void): void {
    const flat = flatFields(this.#head())
    for (let i = 0; i < flat.length; i += 2) visit(flat[i] as string, flat[i + 1] as string)
  }
}

export function nameOf(bytes: Buffer, fields: FieldLines, i: number): string {
  return bytes.toString('latin1', fields.nameStart(i), fields.nameEnd(i))
}

export function valueOf(bytes: Buffer, fields: FieldLines, i: number): string {
  return bytes.toString('latin1', fields.valueStart(i), fields.valueEnd(i))
}

/** All lines in order as a flat list: name, value, name, value, … */
export function flatFields({ bytes, fields }: ReadFields): string[] {
  const flat: string[] = []
  for (let i = 0; i < fields.count; i++) flat.push(nameOf(bytes, fields, i), valueOf(bytes, fields, i))
  return flat
}
