import { isFieldValue } from '../http/field-syntax.ts'
import { UPGRADE_REQUIRED } from '../http/headers.ts'
import { connectionOptions, isPairingField } from './hop-by-hop.ts'

/** The head of the application's response, as a parser read it. */
export interface ApplicationHead {
  readonly status: number
  readonly reason: string
  /** `1.1`, `1.0`. */
  readonly version: string
  /** A flat list name, value, … */
  readonly fields: readonly string[]
}

export interface ResponseOptions {
  /** For 426 the Upgrade field is forwarded, although Connection names it. */
  readonly status?: number
  /** The name of one more field to drop, in lower case. */
  readonly without?: string | undefined
}

/**
 * The header fields for the client: those of the application in their order and casing, repeated ones included, without
 * Date (which the front writes) and without hop-by-hop fields. `keepConnection`: the handler setting
 * forwardResponseConnectionHeader.
 */
export function responseHeaders(
  fields: readonly string[],
  keepConnection: boolean,
  options: ResponseOptions = {},
): string[] {
  const named = keepConnection ? connectionOptions(undefined) : connectionOptions(find(fields, 'connection'))
  const kept: string[] = []
  let hasLength = false
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    const lower = name.toLowerCase()
    switch (lower) {
      case 'date':
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
        continue
      case 'connection':
        if (!keepConnection) continue
        break
      case 'content-length':
        // It frames the body, so no Connection option removes it. Of several equal ones the first is forwarded.
        if (hasLength) continue
        hasLength = true
        break
      default:
        // An application that echoes the fields of its request would send the pairing token to the client.
        if (lower === options.without || isPairingField(lower)) continue
        if (named.includes(lower) && !(lower === 'upgrade' && options.status === UPGRADE_REQUIRED)) continue
    }
    kept.push(name, fields[i + 1] as string)
  }
  return kept
}

/**
 * The header fields of a 1xx head for the client. It has no Content-Length (RFC 9110 8.6): a client that obeyed one
 * would take the final response for a body. `without`: the name of one more field to drop, in lower case.
 */
export function interimHeaders(fields: readonly string[], without?: string): string[] {
  const kept = responseHeaders(fields, false, { without })
  for (let i = kept.length - 2; i >= 0; i -= 2) {
    if ((kept[i] as string).toLowerCase() === 'content-length') kept.splice(i, 2)
  }
  return kept
}

/**
 * Why the head of a response is refused although a parser accepted it; undefined when it is not. A transfer coding
 * other than chunked is not decoded here, so the coded bytes would reach the client as if they were the content.
 */
export function responseFault(head: ApplicationHead): string | undefined {
  if (head.status < 200 || head.status > 999) return `its status is ${String(head.status)}`
  if (head.version !== '1.0' && head.version !== '1.1') return `its version is HTTP/${head.version}`
  const coding = find(head.fields, 'transfer-encoding')
  if (coding === undefined) return undefined
  if (coding.toLowerCase() !== 'chunked') return 'its Transfer-Encoding is not chunked'
  if (head.version === '1.0') return 'HTTP/1.0 has no Transfer-Encoding'
  return find(head.fields, 'content-length') === undefined ? undefined : 'it has two framings'
}

/** The reason phrase, or '' if it has characters that must not be sent. */
export function cleanReason(reason: string): string {
  return isFieldValue(reason) ? reason : ''
}

/** The value of a field by its lower-case name, with repeated lines joined by `, `; undefined without the field. */
function find(fields: readonly string[], lowerCaseName: string): string | undefined {
  let found: string | undefined
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (name.length !== lowerCaseName.length || name.toLowerCase() !== lowerCaseName) continue
    const value = fields[i + 1] as string
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}
