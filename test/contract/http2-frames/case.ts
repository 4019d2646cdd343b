import { block, END_HEADERS, headers, request } from '../../support/http2/frames.ts'

/** Frames that a client may send behind its preface, and what of them is a request by RFC 9113. */
export interface FrameCase {
  readonly name: string
  readonly frames: readonly Uint8Array[]
  /** The requests that reach the application, each as `METHOD target host body`; none when absent. */
  readonly reads?: readonly string[]
  /** Sent instead of the preface. */
  readonly preface?: Uint8Array
  /** More has to come before this is anything; the client leaves instead. */
  readonly isUnfinished?: true
  /** A recipient may also refuse all of it. */
  readonly mayRefuse?: true
}

export type Field = readonly [name: string, value: string]

/** A GET without a body, on stream 1. */
export function get(path: string, ...fields: readonly Field[]): Buffer {
  return headers(1, request('GET', path, ...fields))
}

/** The head of a POST, on stream 1. */
export function post(...fields: readonly Field[]): Buffer {
  return headers(1, request('POST', '/', ...fields), END_HEADERS)
}

/** A head of exactly these fields, on stream 1. */
export function exactly(...fields: readonly Field[]): Buffer {
  return headers(1, block(...fields))
}

/** Cases that differ in one text only, each named after it. */
export function each(
  what: string,
  texts: readonly string[],
  frames: (text: string) => readonly Uint8Array[],
): FrameCase[] {
  return texts.map((text) => ({ name: `${what}: ${JSON.stringify(text)}`, frames: frames(text) }))
}
