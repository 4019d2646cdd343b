import type { Clock } from '../../platform/clock.ts'
import { DATE_LENGTH } from '../../http1/response-head.ts'

/** The Date of every response, made at most once a second and not for each response. */
export class DateField {
  /** The value, for where it is written into a response that comes as bytes. */
  readonly bytes = Buffer.alloc(DATE_LENGTH)
  /** The value. */
  text = ''
  /** The whole field line. */
  line = ''
  readonly #clock: Clock
  #second = -1

  constructor(clock: Clock) {
    this.#clock = clock
    this.refresh()
  }

  /** Asked often enough that it is never much more than half a second late. */
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
