import { DynamicTable } from './dynamic-table.ts'
import { HpackField } from './hpack-field.ts'
import { decodeHuffman } from './huffman.ts'
import { STATIC_COUNT, staticTable } from './static-table.ts'

/** Takes the fields of a block in their order. */
export interface FieldTaker {
  take(field: HpackField): void
}

const MALFORMED = -1

/** Larger integers are refused: no index, length or table size can be as large. */
const MAX_INTEGER = 2 ** 28

/** The decoded text of one string literal; used within one call only, by all decoders. */
let scratch = Buffer.allocUnsafeSlow(1024)

/**
 * Decodes the header blocks of one connection (RFC 7541). Owned by its session, and lives as long. A block that is
 * malformed leaves it unusable: the connection must end then (COMPRESSION_ERROR). Its work is proportional to the bytes
 * of the block.
 */
export class HpackDecoder {
  readonly #table: DynamicTable
  readonly #maxTableSize: number
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0

  /** `maxTableSize`: the SETTINGS_HEADER_TABLE_SIZE that the other side was told. */
  constructor(maxTableSize: number) {
    this.#maxTableSize = maxTableSize
    this.#table = new DynamicTable(maxTableSize)
  }

  /** Decodes one whole block; false if it is malformed. */
  decode(bytes: Buffer, from: number, to: number, taker: FieldTaker): boolean {
    this.#bytes = bytes
    this.#at = from
    this.#end = to
    let mayResize = true
    while (this.#at < to) {
      const first = bytes[this.#at] as number
      if ((first & 0xe0) === 0x20) {
        // 4.2: only at the beginning of a block.
        if (!mayResize || !this.#resize()) return false
        continue
      }
      mayResize = false
      const field = (first & 0x80) !== 0 ? this.#indexed() : this.#literal(first)
      if (field === undefined) return false
      taker.take(field)
    }
    return true
  }

  #resize(): boolean {
    const size = this.#integer(0x1f)
    if (size < 0 || size > this.#maxTableSize) return false
    this.#table.resize(size)
    return true
  }

  #indexed(): HpackField | undefined {
    return this.#entry(this.#integer(0x7f))
  }

  #literal(first: number): HpackField | undefined {
    const isAdded = (first & 0x40) !== 0
    const index = this.#integer(isAdded ? 0x3f : 0x0f)
    if (index < 0) return undefined
    const name = index === 0 ? this.#text() : this.#entry(index)?.name
    if (name === undefined) return undefined
    const value = this.#text()
    if (value === undefined) return undefined
    const field = new HpackField(name, value)
    if (isAdded) this.#table.add(field)
    return field
  }

  #entry(index: number): HpackField | undefined {
    if (index <= 0) return undefined
    return index <= STATIC_COUNT ? staticTable[index] : this.#table.at(index - STATIC_COUNT - 1)
  }

  /** 5.1: the integer whose prefix has the bits of `mask`; MALFORMED if it does not end or is too large. */
  #integer(mask: number): number {
    let value = (this.#bytes[this.#at++] as number) & mask
    if (value < mask) return value
    for (let factor = 1; this.#at < this.#end && factor <= MAX_INTEGER; factor *= 128) {
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value < MAX_INTEGER ? value : MALFORMED
    }
    return MALFORMED
  }

  /** 5.2: a string literal as Latin-1; undefined if it is malformed. */
  #text(): string | undefined {
    if (this.#at >= this.#end) return undefined
    const isHuffman = (this.#bytes[this.#at] as number) >= 0x80
    const length = this.#integer(0x7f)
    const from = this.#at
    if (length < 0 || length > this.#end - from) return undefined
    this.#at = from + length
    if (!isHuffman) return this.#bytes.toString('latin1', from, this.#at)
    if (length * 2 > scratch.length) scratch = Buffer.allocUnsafeSlow(length * 2)
    const decoded = decodeHuffman(this.#bytes, from, this.#at, scratch)
    return decoded < 0 ? undefined : scratch.toString('latin1', 0, decoded)
  }
}
