import { STATUS_CODES } from 'node:http'
import type { Answer } from '../../../http/answer.ts'

/** A redirect to an address, which is in the form of a URL. */
export function movedAnswer(status: number, location: string): Answer {
  const reason = STATUS_CODES[status] ?? 'Redirect'
  const address = escapeHtml(location)
  const body = `<!doctype html>\n<html lang="en">\n<title>${reason}</title>\n<p>This address has moved to <a href="${address}">${address}</a>.</p>\n</html>\n`
  return {
    status,
    substatus: 0,
    reason,
    headers: ['Location', location, 'Content-Type', 'text/html; charset=utf-8'],
    body,
    close: false,
  }
}

/** An answer whose body is a text. */
export function textAnswer(status: number, reason: string, text: string): Answer {
  return {
    status,
    substatus: 0,
    reason: reason === '' ? (STATUS_CODES[status] ?? '') : reason,
    headers: text === '' ? [] : ['Content-Type', 'text/plain; charset=utf-8'],
    body: text,
    close: false,
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
