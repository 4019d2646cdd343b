import { type ClientHttp2Stream, constants } from 'node:http2'
import { http1Limits } from '../../http1/limits.ts'

/** What a stream of the application brings. */
export interface ResponseEvents {
  /** A 1xx head, but not 100; `fields` is a flat list name, value, … */
  informed(status: number, fields: readonly string[]): void
  /** The final head. */
  began(status: number, fields: readonly string[]): void
  /** A part of the body, which may be kept. */
  gave(chunk: Uint8Array): void
  /** The response is complete. */
  completed(trailers: readonly string[] | undefined): void
  /** The response will never be complete. `code`: the error code of HTTP/2; `cause`: what Node says about it. */
  broke(code: number, cause: Error | undefined): void
  /** The stream is closed; the last call. */
  closed(): void
}

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = constants

/**
 * Listens to one stream, and calls exactly one of completed() and broke() before closed().
 *
 * Node emits `end` for a stream that was reset with NO_ERROR or CANCEL, and for one whose connection was lost, as if its
 * response were complete. The difference is that an END_STREAM ends the readable side before the stream is closed, and
 * everything else after.
 */
export function listenTo(stream: ClientHttp2Stream, events: ResponseEvents): void {
  let isWhole = false
  let isOver = false
  let cause: Error | undefined
  let trailers: readonly string[] | undefined
  let informational = 0
  const push = stream.push.bind(stream)
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !stream.closed) isWhole = true
    return push(chunk, encoding)
  }
  const over = (report: () => void): void => {
    if (isOver) return
    isOver = true
    report()
  }

  // Node passes the fields as they came as a third argument, which its types lack.
  stream.on('headers', (...[head, , raw]: unknown[]) => {
    const status = (head as { ':status': number })[':status']
    if (isOver || status === 100) return
    informational += 1
    if (informational > http1Limits.informationalHeads) stream.close(NGHTTP2_ENHANCE_YOUR_CALM)
    else events.informed(status, withoutPseudoFields(raw))
  })
  stream.on('response', (...[head, flags, raw]: unknown[]) => {
    if (((flags as number) & NGHTTP2_FLAG_END_STREAM) !== 0) isWhole = true
    if (!isOver) events.began((head as { ':status': number })[':status'], withoutPseudoFields(raw))
  })
  stream.on('trailers', (...[, , raw]: unknown[]) => {
    trailers = raw as string[]
  })
  stream.on('data', (chunk: Uint8Array) => {
    if (!isOver) events.gave(chunk)
  })
  stream.on('end', () => {
    if (!isWhole) return
    over(() => {
      events.completed(trailers)
    })
  })
  stream.on('error', (error) => {
    cause = error
  })
  stream.on('close', () => {
    over(() => {
      events.broke(stream.rstCode, cause)
    })
    events.closed()
  })
}

function withoutPseudoFields(raw: unknown): string[] {
  const flat = raw as string[]
  let from = 0
  while (from < flat.length && (flat[from] as string).startsWith(':')) from += 2
  return flat.slice(from)
}
