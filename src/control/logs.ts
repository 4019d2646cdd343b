import type { Host } from '../host/host.ts'
import type { OutputEntry, OutputGap } from '../stdout/live/output-record.ts'
import { type ApiAnswer, type ApiRequest, errorAnswer } from './protocol.ts'

/** The head of a record in the answer of `GET logs?format=records`; the record's bytes follow its line feed. */
export interface RecordHead {
  readonly app: string
  readonly stream: 'stdout' | 'stderr'
  readonly source: number
  readonly time: number
  readonly at: number
  /** How many. */
  readonly bytes: number
}

/** The first line of that answer; `daemon` tells one run of a daemon from another. */
export interface RecordsBegin {
  readonly daemon: string
}

const format = { text: 'text/plain; charset=utf-8', records: 'application/vnd.ancmd.records' }
const defaultLines = 100

/**
 * `GET logs`: the output of one application as it is, or with `format=records` that of one or all with what is known of
 * each piece.
 */
export function readLogs({ query, gone }: ApiRequest, host: Pick<Host, 'status' | 'followOutput'>): ApiAnswer {
  const app = query.get('app') ?? undefined
  const asRecords = query.get('format') === 'records'
  if (query.has('format') && !asRecords) return badRequest('format takes records only.')
  if (app === undefined && !asRecords) return badRequest('app has to name an application, or format has to be records.')
  const { sites, pid } = host.status
  const ids = sites.flatMap(({ applications }) => applications.map(({ id }) => id.toLowerCase()))
  if (app !== undefined && !ids.includes(app.toLowerCase())) {
    return errorAnswer(404, 'unknown-application', `there is no application '${app}'.`)
  }
  const [n, since] = [query.get('n'), query.get('since')]
  for (const [name, text] of Object.entries({ n, since })) {
    if (text !== null && !/^\d{1,15}$/.test(text)) return badRequest(`${name} takes a whole number.`)
  }
  const lines = n !== null ? Number(n) : since === null ? defaultLines : Number.MAX_SAFE_INTEGER
  const wanted = { app, lines, since: Number(since ?? 0), follows: query.has('follow') }
  const batches = host.followOutput(wanted, gone)
  if (batches === undefined) return errorAnswer(503, 'too-many-followers', 'too many follow the output already.')
  if (!asRecords) return { status: 200, contentType: format.text, chunks: textOf(batches) }
  const daemon = `${String(pid)}-${String(Math.round(performance.timeOrigin))}`
  return { status: 200, contentType: format.records, chunks: recordsOf(batches, { daemon }) }
}

function badRequest(text: string): ApiAnswer {
  return errorAnswer(400, 'bad-request', text)
}

/** The line that tells of a gap in the output itself. */
export function gapText({ lost: { lines, bytes } }: OutputGap): string {
  return `ancmd: ${String(lines)} lines (${String(bytes)} bytes) are missing here, because they were not read fast enough\n`
}

async function* textOf(batches: AsyncIterable<readonly OutputEntry[]>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const batch of batches) {
    yield Buffer.concat(batch.map((entry) => ('lost' in entry ? Buffer.from(gapText(entry)) : entry.bytes)))
  }
}

async function* recordsOf(
  batches: AsyncIterable<readonly OutputEntry[]>,
  begin: RecordsBegin,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield lineOf(begin)
  for await (const batch of batches) {
    yield Buffer.concat(
      joined(batch).flatMap((entry) => {
        if ('lost' in entry) return [lineOf(entry)]
        const { bytes, ...head } = entry
        return [lineOf({ ...head, bytes: bytes.length } satisfies RecordHead), bytes]
      }),
    )
  }
}

/** How long after the first piece of a record another one may have come. */
const joinedMs = 100

/** With one record for pieces of one stream that follow each other, as a head is longer than many a line. */
function joined(batch: readonly OutputEntry[]): readonly OutputEntry[] {
  const entries: OutputEntry[] = []
  let parts: Uint8Array[] = []
  const end = (): void => {
    const last = entries.at(-1)
    if (parts.length > 1 && last !== undefined && 'bytes' in last) {
      entries[entries.length - 1] = { ...last, bytes: Buffer.concat(parts) }
    }
    parts = []
  }
  for (const entry of batch) {
    const last = entries.at(-1)
    const isNext =
      'bytes' in entry &&
      last !== undefined &&
      'bytes' in last &&
      last.source === entry.source &&
      entry.time - last.time < joinedMs
    if (!isNext) {
      end()
      entries.push(entry)
    }
    if ('bytes' in entry) parts.push(entry.bytes)
  }
  end()
  return entries
}

function lineOf(head: RecordHead | RecordsBegin | OutputGap): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n`)
}
