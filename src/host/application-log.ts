import type { HandlerSettings } from '../config/model.ts'
import type { Level, Log, LogEntry } from '../log/entry.ts'
import { entryText } from '../log/pretty.ts'
import type { Clock } from '../platform/clock.ts'
import { DebugFile } from '../stdout/debug-file.ts'

/** Milliseconds that the end of the daemon gives to a disk that does not answer. */
const flushLimitMs = 2000

const order: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/**
 * One application's way to the daemon's log: every entry goes there, and to its debugFile while its configuration asks for one.
 * Life: as long as the application; the file changes with the configuration.
 */
export class ApplicationLog implements Log {
  readonly #log: Log
  readonly #pid: number
  readonly #clock: Clock
  readonly #onFailure: (path: string, code: string) => void
  #file: DebugFile | undefined
  #from = order.length
  /** What files of earlier configurations have not written yet. */
  #earlier: Promise<unknown> = Promise.resolve()

  /** `pid`: the daemon's, for the lines, as in ANCM. */
  constructor(log: Log, pid: number, clock: Clock, onFailure: (path: string, code: string) => void) {
    this.#log = log
    this.#pid = pid
    this.#clock = clock
    this.#onFailure = onFailure
  }

  /** A configuration comes into force. */
  configure({ debugFile, debugLevel }: HandlerSettings): void {
    const before = this.#file
    this.#from = debugFile === undefined ? order.length : threshold(debugLevel)
    if (debugFile === undefined || this.#from === order.length) this.#file = undefined
    else if (this.#file?.path !== debugFile) {
      this.#file = new DebugFile(debugFile, (code) => {
        this.#onFailure(debugFile, code)
      })
    }
    if (before !== undefined && before !== this.#file) this.#earlier = Promise.all([this.#earlier, before.flush()])
  }

  write(level: Level, entry: LogEntry): void {
    if (this.#log.isEnabled(level)) this.#log.write(level, entry)
    if (this.#file === undefined || order.indexOf(level) < this.#from) return
    // ANCM's lines begin with the time and the worker's process id.
    const head = `[${this.#clock.wallTime().toISOString()}, PID: ${String(this.#pid)}] [ancmd] ${level} ${entry.event}`
    this.#file.write(`${head}: ${entryText(entry)}`)
  }

  isEnabled(level: Level): boolean {
    return this.#log.isEnabled(level) || order.indexOf(level) >= this.#from
  }

  /** Resolves when what was said is in the files, or the disk has had its time. */
  async flush(): Promise<void> {
    let cancel = (): void => undefined
    const limit = new Promise<void>((resolve) => {
      cancel = this.#clock.after(flushLimitMs, resolve)
    })
    await Promise.race([Promise.all([this.#earlier, this.#file?.flush()]), limit])
    cancel()
  }
}

/** debugLevel's words: a place without a level means up to information, as in ANCM; no word at all means no file. */
function threshold(words: readonly string[]): number {
  if (words.length === 0) return order.length
  if (words.includes('trace')) return order.indexOf('trace')
  if (words.includes('info')) return order.indexOf('info')
  if (words.includes('warning')) return order.indexOf('warn')
  if (words.includes('error')) return order.indexOf('error')
  return order.indexOf('info')
}
