import type { Clock } from '../platform/clock.ts'
import { DATE_LENGTH } from '../http1/response-head.ts'

/** The Date field of all responses, rendered at most once a second instead of once per response. */
export class DateField {
  /** The value as bytes, to overwrite the Date of a response that is forwarded as bytes. */
  readonly bytes = Buffer.alloc(DATE_LENGTH)
  /** The value as text. */
  text = ''
  /** The whole field line, with its CR LF. */
  line = ''
  readonly #clock: Clock
  #second = -1

  constructor(clock: Clock) {
    this.#clock = clock
    this.refresh()
  }

  /** Renders the current time. Called at every sweep, so the Date is at most about half a second late. */
  refresh(): void {
    const date = this.#clock.wallTime()
    const second = Math.floor(date.getTime() / 1000)
    if (second === this.#second) return
    this.#second = second
    this.text = date.toUTCString()
    this.bytes.write(this.text, 'latin1')
    this.line = `Date: ${this.text}\r\n`
  }
}
