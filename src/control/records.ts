import type { OutputEntry } from '../stdout/live/output-record.ts'
import type { RecordHead, RecordsBegin } from './logs.ts'

/** What comes in an answer of `GET logs?format=records`. */
export type ReceivedRecord = RecordsBegin | OutputEntry

const lineFeed = 10
/** A head is far smaller; more would not be an answer of a daemon. */
const maxHeadBytes = 64 * 1024

/** Reads such an answer, in batches as they come. Throws when it is cut off, or is no such answer. */
export async function* readRecords(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<readonly ReceivedRecord[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? Buffer.from(chunk as Uint8Array) : Buffer.concat([rest, chunk as Uint8Array])
    const batch: ReceivedRecord[] = []
    let at = 0
    for (;;) {
      const end = bytes.indexOf(lineFeed, at)
      if (end < 0) break
      const head = JSON.parse(bytes.toString('utf8', at, end)) as RecordHead | Exclude<ReceivedRecord, { at: number }>
      if ('daemon' in head || 'lost' in head) {
        batch.push(head)
        at = end + 1
        continue
      }
      const next = end + 1 + head.bytes
      if (next > bytes.length) break
      batch.push({ ...head, bytes: bytes.subarray(end + 1, next) })
      at = next
    }
    rest = bytes.subarray(at)
    if (rest.length > maxHeadBytes && !rest.includes(lineFeed)) throw new Error('this is no output of a daemon')
    if (batch.length > 0) yield batch
  }
  if (rest.length > 0) throw new Error('the output has been cut off')
}
