import type { ResponseHead } from '../http/exchange.ts'
import { UPGRADE_REQUIRED } from '../http/headers.ts'

/** How a response is framed: its header fields, except Date and Transfer-Encoding, which are added when it is sent. */
export interface ResponseFraming {
  readonly fields: string[]
  readonly hasBody: boolean
  /** Whether the connection ends after this response; its Connection field then says so. */
  readonly closes: boolean
}

/** The request to which the response belongs, and the state of its connection. */
interface Asked {
  readonly method: string
  readonly httpVersion: string
  /** Whether the connection ends after this response, whatever the head says. */
  readonly close: boolean
}

/**
 * Decides how the client finds the end of the body (RFC 9112 6.3): by Content-Length if the head has one, otherwise by
 * chunks, or for an HTTP/1.0 client by the end of the connection.
 */
export function frameResponse(head: ResponseHead, asked: Asked): ResponseFraming {
  const hasBody = asked.method !== 'HEAD' && head.status !== 204 && head.status !== 304
  const isHttp10 = asked.httpVersion === '1.0'
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
      // The head has this field only with forwardResponseConnectionHeader; only its `close` applies to this connection.
      closes ||= value.split(',').some((option) => option.trim().toLowerCase() === 'close')
      continue
    }
    if (field === 'trailer') {
      trailers.push(name, value)
      continue
    }
    if (field === 'content-length') {
      // A 204 must not have a Content-Length (RFC 9110 8.6).
      if (head.status === 204) continue
      hasLength = true
    }
    if (field === 'upgrade') upgrades = head.status === UPGRADE_REQUIRED
    fields.push(name, value)
  }
  if (hasBody && !hasLength) {
    if (isHttp10) closes = true
    else fields.push(...trailers)
  }
  const connection = connectionOf(closes, isHttp10, upgrades)
  if (connection !== '') fields.push('Connection', connection)
  return { fields, hasBody, closes }
}

/**
 * The value of the Connection field of a response; '' if it needs none. `isHttp10`: the client speaks HTTP/1.0.
 * `upgrades`: the response has an Upgrade field, which Connection must then name (RFC 9110 7.8).
 */
export function connectionOf(closes: boolean, isHttp10: boolean, upgrades: boolean): string {
  const stay = closes ? 'close' : isHttp10 ? 'keep-alive' : ''
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
