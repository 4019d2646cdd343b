import type { Headers } from '../../../http/headers.ts'
import { RawHeaders } from '../../../http/headers.ts'

/** What a client has sent in its field Authorization. */
export interface Credentials {
  /** In lower case, such as `basic`. */
  readonly scheme: string
  /** What follows the scheme, without blanks at its ends; may be empty. */
  readonly text: string
}

/** Undefined: there is no such field. Several lines count as one, which is well-formed for no scheme. */
export function readCredentials(headers: Headers): Credentials | undefined {
  const field = headers.get('authorization')
  if (field === undefined) return undefined
  const end = field.search(/[ \t]/)
  if (end < 0) return { scheme: field.toLowerCase(), text: '' }
  return { scheme: field.slice(0, end).toLowerCase(), text: field.slice(end).trim() }
}

/** The same fields without Authorization: who has proved who it is, need not prove it to the application. */
export function withoutCredentials(headers: Headers): Headers {
  const flat: string[] = []
  headers.each((name, value) => {
    if (name.toLowerCase() !== 'authorization') flat.push(name, value)
  })
  return new RawHeaders(flat)
}
