import type { Answer } from '../http/answer.ts'

/**
 * A whole response as bytes, to what could not be read as a request. It always announces the end of the connection.
 * `date` is the value of its Date field.
 */
export function renderRawAnswer(answer: Answer, date: string): Buffer {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const head = renderHead(answer.status, answer.reason, [
    ...answer.headers,
    'Content-Length',
    String(body.length),
    'Date',
    date,
    'Connection',
    'close',
  ])
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** A response head as it goes on the wire, in Latin-1. */
export function renderHead(status: number, reason: string, fields: readonly string[]): string {
  return `${renderStart(status, reason, fields)}\r\n`
}

/** A response head to which fields may still be added. */
export function renderStart(status: number, reason: string, fields: readonly string[]): string {
  let head = `HTTP/1.1 ${String(status)} ${reason}\r\n`
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i] as string}: ${fields[i + 1] as string}\r\n`
  return head
}
