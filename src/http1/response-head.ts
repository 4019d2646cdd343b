import { authenticatesConnection } from './connection-authentication.ts'
import { Field } from './field-names.ts'
import { valueOf } from './head-fields.ts'
import { HeadReader } from './head-reader.ts'
import { REFUSED, type Refusal, refusals } from './refusal.ts'
import { StatusLine } from './status-line.ts'

/** IMF-fixdate, the only form of a date that may be sent, is always this long (RFC 9110 5.6.7). */
export const DATE_LENGTH = 29

/** One response head, final or informational, from an app. */
export class RawResponseHead extends HeadReader {
  readonly line = new StatusLine()
  /** Index of the Date line if there is exactly one and another date can be written over it, else -1. */
  dateLine = -1
  /** The app asks for credentials that are to hold for the connection, or says that they do. */
  authenticatesConnection = false
  start = 0

  get status(): number {
    return this.line.status
  }

  /** Offset of the first field line. */
  get fieldsStart(): number {
    return this.line.reasonEnd + 2
  }

  /** RFC 9112 9.3: will the app take another request on this connection? */
  get keepsAlive(): boolean {
    return !this.options.close && this.line.minor === 1
  }

  /** There is an Upgrade line. */
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
    // Some apps and their frameworks both write the length; where they agree there is one reading (RFC 9112 6.3 rule 5).
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

/** RFC 9112 6.3 rule 1: these have no body, whatever their fields say. */
export function hasNoBody(status: number, toHead: boolean): boolean {
  return toHead || status < 200 || status === 204 || status === 304
}
