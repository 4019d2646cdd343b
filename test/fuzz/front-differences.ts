import { METHODS } from 'node:http'
import type { Outcome, SeenRequest } from './both-fronts.ts'
import type { OurReading } from './our-reading.ts'
import { hasSizeLineBlanks } from './size-line-blanks.ts'

/** Where the two fronts part company over the same bytes. */
export interface Parting {
  /** Latin-1: the last request that both have read alike, '' when there is none. */
  readonly last: string
  /** What stands behind it. */
  readonly rest: string
  readonly wire: Side
  readonly node: Side
}

/** What one front makes of the rest. */
export interface Side {
  /** The first request that the app sees of it. */
  readonly next: SeenRequest | undefined
  /** Of the answers to that and to what is behind it. */
  readonly statuses: readonly number[]
  readonly continues: number
  readonly ends: boolean
}

/** What parts the fronts; undefined when they agree. */
export function partingOf(bytes: string, ours: OurReading, wire: Outcome, node: Outcome): Parting | undefined {
  let agreed = 0
  while (agreed < wire.seen.length && isAlike(wire.seen[agreed], node.seen[agreed])) agreed++
  const isSame =
    agreed === wire.seen.length &&
    agreed === node.seen.length &&
    wire.statuses.join() === node.statuses.join() &&
    wire.continues === node.continues &&
    wire.ends === node.ends
  if (isSame) return undefined
  const start = (index: number): number => (index < 0 ? 0 : (ours.ends[index] ?? ours.used))
  const side = ({ seen, statuses, continues, ends }: Outcome): Side => {
    return { next: seen[agreed], statuses: statuses.slice(agreed), continues, ends }
  }
  return {
    last: bytes.slice(start(agreed - 2), start(agreed - 1)),
    rest: bytes.slice(start(agreed - 1)),
    wire: side(wire),
    node: side(node),
  }
}

/** Of a body that breaks, how much the app got before is not said: neither reader promises it. */
function isAlike(a: SeenRequest | undefined, b: SeenRequest | undefined): boolean {
  if (a === undefined || b === undefined || a.ended !== b.ended) return false
  if (a.ended === 'whole') return JSON.stringify(a) === JSON.stringify(b)
  const withoutBody = (each: SeenRequest): string => JSON.stringify({ ...each, body: '', trailers: [] })
  return withoutBody(a) === withoutBody(b) && (a.body.startsWith(b.body) || b.body.startsWith(a.body))
}

const known: ReadonlySet<string> = new Set(METHODS)
const OLD_PROXY = / HTTP\/1\.0\r\n(?:[^\r\n]+\r\n)*proxy-connection:[^\r\n]*keep-alive/i
const TOKEN = /^(?:\r\n)?([!#$%&'*+\-.^_`|~0-9A-Za-z]*)/

const refuses = ({ next, statuses }: Side): boolean => next === undefined && statuses[0] === 400
const breaks = ({ next }: Side): boolean => next?.ended === 'broken'
const isRefusal = ({ next, statuses }: Side): boolean => next === undefined && (statuses[0] ?? 0) >= 400
/** Waits for more. */
const isSilent = ({ next, statuses, ends }: Side): boolean =>
  next?.ended === undefined && statuses.length === 0 && !ends
/** The size lines of the chunked request that the rest begins with, as far as they can be found. */
function sizeLines(rest: string): string[] {
  const lines: string[] = []
  let at = rest.indexOf('\r\n\r\n') + 4
  for (let end = rest.indexOf('\r\n', at); at >= 4 && end >= 0; end = rest.indexOf('\r\n', at)) {
    const line = rest.slice(at, end)
    lines.push(line)
    const size = parseInt(line, 16)
    if (!(size > 0)) break
    at = end + 2 + size + 2
  }
  return lines
}

/** What about node's parser cannot be changed from outside, by the words of the table in src/listen/README.md. */
export const rows: Readonly<Record<string, (parting: Parting) => boolean>> = {
  'a method that llhttp does not know': ({ rest, node }) => !known.has(TOKEN.exec(rest)?.[1] ?? '') && refuses(node),
  'blanks behind a chunk size or in a chunk extension': ({ rest, wire, node }) =>
    hasSizeLineBlanks(rest, 0) && !breaks(wire) && breaks(node),
  'a chunk extension without a name or a value, or with more behind its value': ({ rest, wire, node }) =>
    breaks(wire) && !breaks(node) && sizeLines(rest).some((line) => /;(?:;|=|$)|=(?:;|$|=)|"/.test(line)),
  'chunk extensions of more than 256 bytes in a line or 16 KiB in a message': ({ rest, wire, node }) =>
    breaks(wire) &&
    !breaks(node) &&
    (sizeLines(rest).some((line) => line.length > 256) || sizeLines(rest).join('').length > 16_384),
  'a chunk size of more than 8 digits': ({ rest, wire, node }) =>
    breaks(wire) && !breaks(node) && sizeLines(rest).some((line) => /^[0-9a-f]{9}/i.test(line)),
  'a second blank in the request line': ({ rest, wire, node }) =>
    refuses(wire) && !refuses(node) && /^(?:\r\n)?[A-Z-]+ (?: +[^ \r\n]+ +|[^ \r\n]+  +)HTTP/.test(rest),
  'more than one empty line before a request, or a bare CR or LF': ({ rest, wire, node }) =>
    refuses(wire) && !refuses(node) && /^(?:\r\n)?(?:\r|\n)/.test(rest),
  'RTSP/1.0 or ICE/1.0 in place of HTTP/1.0': ({ rest, wire, node }) =>
    refuses(wire) && !refuses(node) && /^(?:\r\n)?[A-Z]+ [^ \r\n]+ (?:RTSP|ICE)\//.test(rest),
  'a request line without a version': ({ rest, wire, node }) =>
    refuses(wire) && isSilent(node) && /^(?:\r\n)?[A-Z-]+ [^ \r\n]+\r\n/.test(rest),
  'a fault in a head, a trailer section or a line that has not ended yet': ({ wire, node }) =>
    isSilent(wire) && !isSilent(node),
  'two faults in one head': ({ wire, node }) =>
    isRefusal(wire) && isRefusal(node) && wire.statuses[0] !== node.statuses[0],
  'a tab behind Transfer-Encoding: chunked': ({ rest, wire, node }) =>
    refuses(wire) && breaks(node) && /\r\ntransfer-encoding:[ \t]*chunked[ \t]*\t/i.test(rest),
  'Proxy-Connection: close, or keep-alive in HTTP/1.0': ({ last, node }) =>
    isSilent({ ...node, ends: false }) && (node.ends ? /\r\nproxy-connection:[^\r\n]*close/i : OLD_PROXY).test(last),
  'Expect: 100-continue without a body, or with one that came together with the head': ({ wire, node }) =>
    wire.continues < node.continues,
}
