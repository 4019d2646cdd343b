/** One header field as HPACK carries it. Entries of the tables are shared by all blocks that refer to them. */
export class HpackField {
  readonly name: string
  readonly value: string
  /** What a reader has found out about this field, as a number of its own; 0: nothing yet. */
  meaning = 0

  /** Both in Latin-1. */
  constructor(name: string, value: string) {
    this.name = name
    this.value = value
  }

  /** Its size in a dynamic table (RFC 7541 4.1). */
  get size(): number {
    return this.name.length + this.value.length + 32
  }
}
