import type { HandlerSettings } from '../../config/model.ts'
import type { Level, Log, LogEntry } from '../../log/entry.ts'
import { entryText } from '../../log/pretty.ts'
import type { Clock } from '../../platform/clock.ts'
import { atMost } from '../../platform/pause.ts'
import { DebugFile } from '../../stdout/debug-file.ts'

/** How long the daemon, when it ends, waits for a disk that does not respond. */
const flushLimitMs = 2000

/** The levels, from the least to the most severe. */
const order: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/**
 * The log of one application: every entry goes to the daemon's log, and also to debugFile while web.config names one.
 * Life: as long as the application; the file changes with the configuration.
 */
export class ApplicationLog implements Log {
  readonly #log: Log
  readonly #pid: number
  readonly #clock: Clock
  readonly #onFailure: (path: string, code: string) => void
  #file: DebugFile | undefined
  #firstLevel = order.length
  /** Settles when the files of earlier configurations are written. */
  #earlierFiles: Promise<unknown> = Promise.resolve()

  /**
   * @param pid the daemon's process id; every line of the file holds it
   * @param onFailure called when a file cannot be written, with its path and the system's error code
   */
  constructor(log: Log, pid: number, clock: Clock, onFailure: (path: string, code: string) => void) {
    this.#log = log
    this.#pid = pid
    this.#clock = clock
    this.#onFailure = onFailure
  }

  /** Puts the settings of a newly loaded configuration into force. */
  configure({ debugFile, debugLevel }: HandlerSettings): void {
    const before = this.#file
    this.#firstLevel = debugFile === undefined ? order.length : threshold(debugLevel)
    if (debugFile === undefined || this.#firstLevel === order.length) this.#file = undefined
    else if (this.#file?.path !== debugFile) {
      this.#file = new DebugFile(debugFile, (code) => {
        this.#onFailure(debugFile, code)
      })
    }
    if (before !== undefined && before !== this.#file)
      this.#earlierFiles = Promise.all([this.#earlierFiles, before.flush()])
  }

  write(level: Level, entry: LogEntry): void {
    if (this.#log.isEnabled(level)) this.#log.write(level, entry)
    if (this.#file === undefined || order.indexOf(level) < this.#firstLevel) return
    // ANCM's lines begin with the time and the worker's process id.
    const head = `[${this.#clock.wallTime().toISOString()}, PID: ${String(this.#pid)}] [ancmd] ${level} ${entry.event}`
    this.#file.write(`${head}: ${entryText(entry)}`)
  }

  isEnabled(level: Level): boolean {
    return this.#log.isEnabled(level) || order.indexOf(level) >= this.#firstLevel
  }

  /** Resolves when every entry is in its file, at the latest after two seconds. */
  async flush(): Promise<void> {
    await atMost(this.#clock, flushLimitMs, Promise.all([this.#earlierFiles, this.#file?.flush()]))
  }
}

/**
 * The least severe level that debugLevel asks for, as its index in `order`. Words that name only a place (`file`,
 * `console`) mean `info`, as in ANCM; without any word nothing is written.
 */
function threshold(words: readonly string[]): number {
  if (words.length === 0) return order.length
  if (words.includes('trace')) return order.indexOf('trace')
  if (words.includes('info')) return order.indexOf('info')
  if (words.includes('warning')) return order.indexOf('warn')
  if (words.includes('error')) return order.indexOf('error')
  return order.indexOf('info')
}
