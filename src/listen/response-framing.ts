import type { ResponseHead } from '../http/exchange.ts'
import { UPGRADE_REQUIRED } from '../http/headers.ts'

/** The fields of a response as they go on the wire, but for Date and Transfer-Encoding, which node adds. */
export interface ResponseFraming {
  readonly fields: string[]
  readonly hasBody: boolean
  /** The connection ends after this response, and the client is told. */
  readonly closes: boolean
}

/** What decides the framing besides the head: the request, and the state of the connection. */
interface Asked {
  readonly method: string
  readonly httpVersion: string
  /** The connection ends for another reason. */
  readonly close: boolean
}

/**
 * Decides how the body's end is marked (RFC 9112 6.3): by the head's Content-Length, else chunked, else (HTTP/1.0) by the end
 * of the connection.
 */
export function frameResponse(head: ResponseHead, asked: Asked): ResponseFraming {
  const hasBody = asked.method !== 'HEAD' && head.status !== 204 && head.status !== 304
  const old = asked.httpVersion === '1.0'
  const fields: string[] = []
  let closes = asked.close
  let hasLength = false
  let upgrades = false
  const trailers: string[] = []
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i] as string
    const value = head.headers[i + 1] as string
    const field = framingField(name)
    if (field === 'connection') {
      // Only forwardResponseConnectionHeader lets one through to here; what it can say of our connection is `close`.
      closes ||= value.split(',').some((option) => option.trim().toLowerCase() === 'close')
      continue
    }
    if (field === 'trailer') {
      trailers.push(name, value)
      continue
    }
    if (field === 'content-length') {
      // RFC 9110 8.6: none in a 204.
      if (head.status === 204) continue
      hasLength = true
    }
    if (field === 'upgrade') upgrades = head.status === UPGRADE_REQUIRED
    fields.push(name, value)
  }
  if (hasBody && !hasLength) {
    if (old) closes = true
    else fields.push(...trailers)
  }
  const connection = connectionOf(closes, old, upgrades)
  if (connection !== '') fields.push('Connection', connection)
  return { fields, hasBody, closes }
}

/** The value of Connection in a response; '' where HTTP/1.1 needs none. Whoever sends Upgrade names it there (RFC 9110 7.8). */
export function connectionOf(closes: boolean, old: boolean, upgrades: boolean): string {
  const stay = closes ? 'close' : old ? 'keep-alive' : ''
  if (!upgrades) return stay
  return stay === '' ? 'Upgrade' : `Upgrade, ${stay}`
}

function framingField(name: string): 'connection' | 'content-length' | 'trailer' | 'upgrade' | undefined {
  const { length } = name
  if (length !== 10 && length !== 14 && length !== 7) return undefined
  const lower = name.toLowerCase()
  switch (lower) {
    case 'connection':
    case 'content-length':
    case 'trailer':
    case 'upgrade':
      return lower
  }
  return undefined
}
