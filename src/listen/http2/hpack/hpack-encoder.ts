import { DynamicTable } from './dynamic-table.ts'
import { HpackField } from './hpack-field.ts'
import { STATIC_COUNT, staticNames } from './static-table.ts'

/** The largest dynamic table that is used, whatever the other side would allow. */
const MAX_TABLE_SIZE = 4_096

/** Larger fields are never put into the table, which they would empty. */
const MAX_INDEXED_SIZE = 1_024

/** How many fields that were seen once are remembered. */
const MAX_SEEN = 128

/** Fields whose values seldom repeat, or that are secret: they are written as literals, each time. */
const NOT_INDEXED: ReadonlySet<string> = new Set([
  'content-length', 'set-cookie', 'etag', 'last-modified', 'content-range', 'location', 'age', 'expires',
  'content-disposition', 'authorization', 'proxy-authorization', 'www-authenticate', 'proxy-authenticate',
]) // biome-ignore format: a table

/** Fields that most responses of a site share: they are put into the table when they come first. */
const INDEXED_AT_ONCE: ReadonlySet<string> = new Set([
  'content-type', 'server', 'date', 'cache-control', 'vary', 'content-encoding', 'strict-transport-security',
  'x-powered-by', 'accept-ranges', 'pragma', 'alt-svc',
]) // biome-ignore format: a table

/** How a field is written. */
const LITERAL = 1
const AT_ONCE = 2
const WHEN_REPEATED = 3

/** Index of the first `:status` in the static table, and of those for one status. */
const STATUS = 8
const STATUSES = new Map([[200, 8], [204, 9], [206, 10], [304, 11], [400, 12], [404, 13], [500, 14]]) // biome-ignore format: a table

/** The block that is being written; used within one turn only, by all encoders. */
let block = Buffer.allocUnsafeSlow(4_096)

/**
 * Encodes the header blocks of one connection (RFC 7541), without Huffman code: the dynamic table saves more, for less
 * work. Owned by its session, and lives as long. A block is begun, gets its fields, and is copied out of `bytes` before
 * the next one begins; blocks must be sent in the order in which they were begun.
 */
export class HpackEncoder {
  /** The bytes of the block so far. */
  length = 0
  readonly #table = new DynamicTable(MAX_TABLE_SIZE)
  /** The number of each entry of the table. */
  readonly #numbers = new Map<string, number>()
  #seen = new Set<string>()
  /** The smallest size that the table had to have since the last block; undefined if it has not changed. */
  #smallest: number | undefined

  /** The block, from 0 to `length`. */
  get bytes(): Buffer {
    return block
  }

  /** Called when the other side has set its SETTINGS_HEADER_TABLE_SIZE. */
  resize(allowed: number): void {
    const size = Math.min(allowed, MAX_TABLE_SIZE)
    if (size === this.#table.maxSize) return
    this.#smallest = Math.min(size, this.#smallest ?? size)
    this.#table.resize(size)
    if (this.#numbers.size > this.#table.count) this.#forgetEvicted()
  }

  begin(): void {
    this.length = 0
    if (this.#smallest === undefined) return
    // 4.2: the smallest size in between is told too, because it has evicted entries.
    const { maxSize } = this.#table
    if (this.#smallest < maxSize) this.#integer(0x20, 0x1f, this.#smallest)
    this.#integer(0x20, 0x1f, maxSize)
    this.#smallest = undefined
  }

  status(status: number): void {
    const index = STATUSES.get(status)
    this.#reserve(8)
    if (index !== undefined) {
      block[this.length++] = 0x80 | index
      return
    }
    block[this.length++] = STATUS
    this.#text(String(status))
  }

  /** `name` in lower case; both in Latin-1. */
  field(name: string, value: string): void {
    const size = name.length + value.length
    const how = size > MAX_INDEXED_SIZE || this.#table.maxSize === 0 ? LITERAL : policyOf(name)
    if (how === LITERAL) {
      this.#literal(0x00, 0x0f, name, value)
      return
    }
    const key = `${name}:${value}`
    const number = this.#numbers.get(key)
    if (number !== undefined && number > this.#table.added - this.#table.count) {
      this.#integer(0x80, 0x7f, STATIC_COUNT + 1 + this.#table.added - number)
    } else if (how === AT_ONCE || this.#wasSeen(key)) {
      this.#literal(0x40, 0x3f, name, value)
      if (!this.#table.add(new HpackField(name, value))) return
      this.#numbers.set(key, this.#table.added)
      if (this.#numbers.size > this.#table.count * 2 + 16) this.#forgetEvicted()
    } else this.#literal(0x00, 0x0f, name, value)
  }

  #wasSeen(key: string): boolean {
    if (this.#seen.delete(key)) return true
    if (this.#seen.size === MAX_SEEN) this.#seen = new Set()
    this.#seen.add(key)
    return false
  }

  #literal(kind: number, mask: number, name: string, value: string): void {
    const index = staticNames.get(name)
    if (index === undefined) {
      this.#integer(kind, mask, 0)
      this.#text(name)
    } else this.#integer(kind, mask, index)
    this.#text(value)
  }

  #text(text: string): void {
    const { length } = text
    this.#integer(0x00, 0x7f, length)
    this.#reserve(length)
    if (length > 24) block.write(text, this.length, 'latin1')
    else for (let i = 0; i < length; i++) block[this.length + i] = text.charCodeAt(i)
    this.length += length
  }

  #integer(kind: number, mask: number, value: number): void {
    this.#reserve(8)
    if (value < mask) {
      block[this.length++] = kind | value
      return
    }
    block[this.length++] = kind | mask
    let rest = value - mask
    for (; rest >= 128; rest = Math.floor(rest / 128)) block[this.length++] = (rest % 128) | 128
    block[this.length++] = rest
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= block.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(block.length * 2, this.length + bytes))
    block.copy(larger, 0, 0, this.length)
    block = larger
  }

  #forgetEvicted(): void {
    const oldest = this.#table.added - this.#table.count
    for (const [key, number] of this.#numbers) if (number <= oldest) this.#numbers.delete(key)
  }
}

const policies = new Map<string, number>()

/** How a field of this name is written. */
function policyOf(name: string): number {
  return policies.get(name) ?? WHEN_REPEATED
}

for (const name of NOT_INDEXED) policies.set(name, LITERAL)
for (const name of INDEXED_AT_ONCE) policies.set(name, AT_ONCE)
