/** 426 (RFC 9110 15.5.22): its Upgrade field names the protocol that the client must use, so it is forwarded. */
export const UPGRADE_REQUIRED = 426

/** The header fields of one message, in the order and casing in which they arrived. */
export interface Headers {
  /** Number of field lines. */
  readonly count: number
  /** The value of a field by its lower-case name; repeated lines are joined with `, ` (RFC 9110 5.3). */
  get(lowerCaseName: string): string | undefined
  /** Visits every field line in order, name in original casing. */
  each(visit: (name: string, value: string) => void): void
}

/** Headers over a flat list like node's `rawHeaders`: name, value, name, value, … */
export class RawHeaders implements Headers {
  readonly raw: readonly string[]

  constructor(raw: readonly string[]) {
    this.raw = raw
  }

  get count(): number {
    return this.raw.length >> 1
  }

  get(lowerCaseName: string): string | undefined {
    const raw = this.raw
    let found: string | undefined
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] as string
      if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) {
        const value = raw[i + 1] as string
        found = found === undefined ? value : `${found}, ${value}`
      }
    }
    return found
  }

  each(visit: (name: string, value: string) => void): void {
    const raw = this.raw
    for (let i = 0; i < raw.length; i += 2) visit(raw[i] as string, raw[i + 1] as string)
  }
}

/** The fields of a flat list (name, value, …) as pairs. */
export function pairsOf(flat: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  return pairs
}
