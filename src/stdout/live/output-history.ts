import { lastLinesOf, type OutputRecord } from './output-record.ts'

/** How much of the latest output of an application is kept, whatever its processes. */
const kept = { bytes: 256 * 1024, records: 1000 }
/** Small writes of one stream are joined up to this size, if they come within this time. */
const joined = { bytes: 4096, ms: 100 }

/** The end of an application's output: of all its processes, in the order in which it came. Owner: the LiveOutputs. */
export class OutputHistory {
  #records: OutputRecord[] = []
  #bytes = 0
  #end: number

  /** @param begin how many bytes there have been that are forgotten */
  constructor(begin = 0) {
    this.#end = begin
  }

  /** How many bytes there have been so far, the forgotten ones included. */
  get end(): number {
    return this.#end
  }

  add(record: OutputRecord): void {
    const last = this.#records.at(-1)
    const canJoin =
      last?.source === record.source &&
      record.time - last.time < joined.ms &&
      last.bytes.length + record.bytes.length <= joined.bytes
    if (canJoin) {
      this.#records[this.#records.length - 1] = { ...last, bytes: Buffer.concat([last.bytes, record.bytes]) }
    } else this.#records.push(record)
    this.#end += record.bytes.length
    this.#bytes += record.bytes.length
    this.#trim()
  }

  /** The last lines, but none that is older than `since` (milliseconds since 1970). */
  last(lines: number, since: number): readonly OutputRecord[] {
    const from = this.#records.findIndex(({ time }) => time >= since)
    return from < 0 ? [] : lastLinesOf(this.#records.slice(from), lines)
  }

  #trim(): void {
    let drop = 0
    while (
      this.#records.length - drop > 1 &&
      (this.#bytes > kept.bytes || this.#records.length - drop > kept.records)
    ) {
      this.#bytes -= (this.#records[drop] as OutputRecord).bytes.length
      drop++
    }
    if (drop > 0) this.#records.splice(0, drop)
  }
}
