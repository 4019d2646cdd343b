/** A piece of an application's output, as a rule whole lines. The pairing token is not in it. */
export interface OutputRecord {
  /** The application's id. */
  readonly app: string
  readonly stream: 'stdout' | 'stderr'
  /** Tells the streams of processes apart that write at the same time. */
  readonly source: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** How many bytes of this application came before, since the daemon hosts it. */
  readonly at: number
  /** Must not be changed. */
  readonly bytes: Uint8Array
}

/** Stands in the place of output that a follower has not got, because it read too slowly. */
export interface OutputGap {
  readonly lost: { readonly lines: number; readonly bytes: number }
}

export type OutputEntry = OutputRecord | OutputGap

const lineFeed = 10

export function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines += 1
  return lines
}

/** The end of these records with this many lines; a last line without an end counts. */
export function lastLinesOf(records: readonly OutputRecord[], lines: number): readonly OutputRecord[] {
  if (lines <= 0) return []
  let missing = lines
  let isLast = true
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index] as OutputRecord
    const { bytes } = record
    // The line end at the very end belongs to the last line.
    let end = bytes.length - 1
    if (isLast && bytes[end] === lineFeed) end -= 1
    isLast = false
    for (; end >= 0; end--) {
      end = bytes.lastIndexOf(lineFeed, end)
      if (end < 0) break
      missing -= 1
      if (missing === 0) return [withoutStart(record, end + 1), ...records.slice(index + 1)]
    }
  }
  return records
}

/** The record without its first bytes. */
export function withoutStart(record: OutputRecord, bytes: number): OutputRecord {
  return { ...record, at: record.at + bytes, bytes: record.bytes.subarray(bytes) }
}
