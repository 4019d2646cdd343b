import type { Answer } from '../http/answer.ts'

/**
 * Renders a whole response, as bytes, to input that could not be read as a request. It always says `Connection: close`.
 * `date`: the value of its Date field.
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

/** Renders a complete response head, to be sent as Latin-1. `fields`: a flat list name, value, … */
export function renderHead(status: number, reason: string, fields: readonly string[]): string {
  return `${renderStart(status, reason, fields)}\r\n`
}

/** Renders a response head without its final empty line, so that the caller can add fields. */
export function renderStart(status: number, reason: string, fields: readonly string[]): string {
  let head = `HTTP/1.1 ${String(status)} ${reason}\r\n`
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i] as string}: ${fields[i + 1] as string}\r\n`
  return head
}
