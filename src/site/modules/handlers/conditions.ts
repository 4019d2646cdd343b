import type { Headers } from '../../../http/headers.ts'

/** What is known of a file. */
export interface FileFacts {
  /** Its strong entity tag; undefined: it has none. */
  readonly tag: string | undefined
  /** When it was changed last, in milliseconds since 1970, whole seconds. */
  readonly modifiedMs: number
  readonly size: number
}

/** What a request gets: all of the file, bytes `from` to `to` (excluded), or a status without content. */
export type FileVerdict =
  | { readonly status: 200 }
  | { readonly status: 206; readonly from: number; readonly to: number }
  | { readonly status: 304 | 412 | 416 }

/** Judges the conditions of a GET or a HEAD in the order of RFC 9110 13.2.2, then its range. */
export function judgeConditions(method: string, headers: Headers, facts: FileFacts): FileVerdict {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  if (ifMatch !== undefined) {
    if (!names(ifMatch, facts.tag, false)) return { status: 412 }
  } else if (isBefore(headers.get('if-unmodified-since'), facts.modifiedMs)) return { status: 412 }
  if (ifNoneMatch !== undefined) {
    if (names(ifNoneMatch, facts.tag, true)) return { status: 304 }
  } else {
    const since = dateOf(headers.get('if-modified-since'))
    if (since !== undefined && facts.modifiedMs <= since) return { status: 304 }
  }
  const range = headers.get('range')
  if (range === undefined || method !== 'GET' || !isCurrent(headers.get('if-range'), facts)) return { status: 200 }
  return rangeOf(range, facts.size)
}

/** A list of ranges, and one in another unit, gets the whole file, as RFC 9110 14.2 allows. */
function rangeOf(range: string, size: number): FileVerdict {
  const found = /^\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*$/i.exec(range)
  const [, first = '', last = ''] = found ?? []
  if (found === null || (first === '' && last === '')) return { status: 200 }
  if (first === '') {
    const count = Math.min(Number(last), size)
    return count === 0 ? { status: 416 } : { status: 206, from: size - count, to: size }
  }
  const [from, end] = [Number(first), last === '' ? size - 1 : Number(last)]
  if (end < from && last !== '') return { status: 200 }
  return from >= size ? { status: 416 } : { status: 206, from, to: Math.min(end + 1, size) }
}

/** Whether what the client has a part of is still what the file is. */
function isCurrent(ifRange: string | undefined, { tag, modifiedMs }: FileFacts): boolean {
  if (ifRange === undefined) return true
  const written = ifRange.trim()
  if (written.startsWith('"') || written.startsWith('W/')) return tag !== undefined && written === tag
  return dateOf(written) === modifiedMs
}

function names(list: string, tag: string | undefined, weakly: boolean): boolean {
  if (list.trim() === '*') return true
  if (tag === undefined) return false
  for (const [found] of list.matchAll(/(?:W\/)?"[^"]*"/g)) {
    if (found === tag || (weakly && found === `W/${tag}`)) return true
  }
  return false
}

function isBefore(date: string | undefined, modifiedMs: number): boolean {
  const time = dateOf(date)
  return time !== undefined && modifiedMs > time
}

/** Undefined: no date is written, or one that cannot be read, which counts for nothing. */
function dateOf(written: string | undefined): number | undefined {
  if (written === undefined || !/^\s*[A-Za-z]{3,9},? /.test(written)) return undefined
  const time = Date.parse(written)
  return Number.isNaN(time) ? undefined : time
}
