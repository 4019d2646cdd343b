import { STATUS_CODES } from 'node:http'
import { constants } from 'node:http2'
import type { Exchange, ResponseHead } from '../../http/exchange.ts'
import { interimHeaders, responseHeaders } from '../response-headers.ts'
import { acceptOf } from '../websocket-key.ts'

const { NGHTTP2_INTERNAL_ERROR } = constants

/** The final head for the client. HTTP/2 has no reason phrase, so a client of HTTP/1.1 gets the usual one. */
export function finalHead(
  status: number,
  fields: readonly string[],
  addedFields: readonly string[] = [],
): ResponseHead {
  const headers = responseHeaders(fields, false, { status })
  headers.push(...addedFields)
  return { status, reason: STATUS_CODES[status] ?? '', headers }
}

/**
 * The fields of the 101 for the client of a WebSocket: those of the application's 200, and over HTTP/1.1 the answer to
 * the client's key.
 */
export function switchFields({ httpVersion, headers }: Exchange, fields: readonly string[]): string[] {
  const kept = interimHeaders(fields, 'sec-websocket-accept')
  if (httpVersion === '2') return kept
  return ['Sec-WebSocket-Accept', acceptOf(headers.get('sec-websocket-key') ?? ''), ...kept]
}

export function interimReason(status: number): string {
  return STATUS_CODES[status] ?? ''
}

/** Codes that mean the same for the client of a proxy as for the proxy. */
const forwardedCodes: ReadonlySet<number> = new Set([
  constants.NGHTTP2_REFUSED_STREAM,
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
  constants.NGHTTP2_INADEQUATE_SECURITY,
])

/** The code with which the client's stream is reset, when the application has reset its own with `code`. */
export function resetCode(code: number): number {
  return forwardedCodes.has(code) ? code : NGHTTP2_INTERNAL_ERROR
}
