import { isFieldValue } from '../http/field-syntax.ts'
import { UPGRADE_REQUIRED } from '../http/headers.ts'
import { connectionOptions, isPairingField } from './hop-by-hop.ts'

/** The head of the application's response, as a parser read it. */
export interface ApplicationHead {
  readonly status: number
  readonly reason: string
  /** `major.minor`. */
  readonly version: string
  /** Flat: name, value, … */
  readonly fields: readonly string[]
}

export interface ResponseOptions {
  /** In a 426 Upgrade stays, though Connection names it. */
  readonly status?: number
  /** One more name that is dropped, in lower case. */
  readonly without?: string | undefined
}

/**
 * The fields that go to the client: those of the application in their order and casing, repeated ones included, without Date
 * (the front writes it) and without what concerns only our connection to the application. `keepConnection` is the handler
 * setting forwardResponseConnectionHeader.
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
        // Frames the body: no Connection option takes it away. Of several that say the same one goes on.
        if (hasLength) continue
        hasLength = true
        break
      default:
        // An application that echoes its request's fields would hand the pairing token to the client.
        if (lower === options.without || isPairingField(lower)) continue
        if (named.includes(lower) && !(lower === 'upgrade' && options.status === UPGRADE_REQUIRED)) continue
    }
    kept.push(name, fields[i + 1] as string)
  }
  return kept
}

/**
 * Those of a 1xx head. None has a Content-Length (RFC 9110 8.6); what reads one all the same takes the response for a body.
 * `without` is one more name, in lower case.
 */
export function interimHeaders(fields: readonly string[], without?: string): string[] {
  const kept = responseHeaders(fields, false, { without })
  for (let i = kept.length - 2; i >= 0; i -= 2) {
    if ((kept[i] as string).toLowerCase() === 'content-length') kept.splice(i, 2)
  }
  return kept
}

/**
 * What is wrong with the head of a response, beyond what a parser refuses; undefined when nothing is. A coding that we do not
 * undo would reach the client as if it were the content.
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

/** A reason phrase that may be written again; any other is left out, as a reason phrase may be. */
export function cleanReason(reason: string): string {
  return isFieldValue(reason) ? reason : ''
}

/** The value of a field by its lower-case name, repeated lines joined. */
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
