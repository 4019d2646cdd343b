import { authenticatesConnection } from './connection-authentication.ts'
import { Field } from './field-names.ts'
import { valueOf } from './head-fields.ts'
import { HeadReader } from './head-reader.ts'
import { REFUSED, type Refusal, refusals } from './refusal.ts'
import { StatusLine } from './status-line.ts'

/** The length of an IMF-fixdate, the only form of a date that may be sent (RFC 9110 5.6.7). */
export const DATE_LENGTH = 29

/** Reads one response head of an app after another, final or informational. Owner: a connection to the app. */
export class RawResponseHead extends HeadReader {
  readonly line = new StatusLine()
  /** Index of the Date line, if there is exactly one and its value can be overwritten by another date; else -1. */
  dateLine = -1
  /** Whether the app asks for credentials that would authenticate the whole connection. */
  authenticatesConnection = false
  start = 0

  get status(): number {
    return this.line.status
  }

  /** Offset of the first field line. */
  get fieldsStart(): number {
    return this.line.reasonEnd + 2
  }

  /** RFC 9112 9.3: whether the app will take another request on this connection. */
  get keepsAlive(): boolean {
    return !this.options.close && this.line.minor === 1
  }

  /** Whether there is an Upgrade line. */
  get namesUpgrade(): boolean {
    const { fields } = this
    for (let n = 0; n < fields.knownCount; n++) if (fields.field(fields.known(n)) === Field.upgrade) return true
    return false
  }

  override begin(from: number): void {
    this.start = from
    super.begin(from)
  }

  protected override readStartLine(from: number, end: number): number {
    const at = this.line.read(this.bytes, from, end)
    return at === REFUSED ? this.refuse(refusals.statusLine) : at
  }

  protected override interpret(): Refusal | undefined {
    // Some apps write a second Content-Length after their framework's; equal values are allowed (RFC 9112 6.3 rule 5).
    const broken = this.framing.read(this.bytes, this.fields, this.line.minor, true)
    if (broken !== undefined) return broken
    this.options.read(this.bytes, this.fields)
    let dates = 0
    this.dateLine = -1
    this.authenticatesConnection = false
    const { bytes, fields } = this
    for (let n = 0; n < fields.knownCount; n++) {
      const i = fields.known(n)
      const field = fields.field(i)
      if (field === Field.wwwAuthenticate || field === Field.proxyAuthenticate) {
        this.authenticatesConnection ||= authenticatesConnection(valueOf(bytes, fields, i))
      }
      if (field !== Field.date) continue
      const length = fields.valueEnd(i) - fields.valueStart(i)
      this.dateLine = ++dates === 1 && length === DATE_LENGTH ? i : -1
    }
    return undefined
  }
}

/** Whether a response has no body whatever its fields say (RFC 9112 6.3 rule 1). */
export function hasNoBody(status: number, toHead: boolean): boolean {
  return toHead || status < 200 || status === 204 || status === 304
}
