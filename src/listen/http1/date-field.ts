import type { Clock } from '../../platform/clock.ts'
import { DATE_LENGTH } from '../../http1/response-head.ts'

/** The Date of every response, made once a tick and not once a response. */
export class DateField {
  readonly bytes = Buffer.alloc(DATE_LENGTH)
  /** The whole field line. */
  line = ''
  readonly #clock: Clock
  #second = -1

  constructor(clock: Clock) {
    this.#clock = clock
    this.refresh()
  }

  refresh(): void {
    const date = this.#clock.wallTime()
    const second = Math.floor(date.getTime() / 1000)
    if (second === this.#second) return
    this.#second = second
    const text = date.toUTCString()
    this.bytes.write(text, 'latin1')
    this.line = `Date: ${text}\r\n`
  }
}
