import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../../platform/clock.ts'
import { delay } from '../../../platform/pause.ts'
import { makeFolder } from '../../../platform/files/make-folder.ts'
import { logObstacle } from './log-obstacle.ts'
import type { LogPlace } from './log-place.ts'

/** Lines wait this long, so that one write takes many of them. */
const batchMs = 10
/** The most characters that may wait; further lines are dropped. */
const maxWaiting = 4 * 1024 * 1024
/** When to write again after a failure: to a pipe whose reader is slow, and to anything else. */
const retryMs = { full: 50, failed: 1000 }
/** The least time between two reports of dropped lines. */
const reportMs = 60_000
/** How long close() waits for a disk or a reader. */
const closeLimitMs = 2000

export interface LogWriterOptions {
  readonly place: LogPlace
  /** The lines at the beginning of a file that is opened. */
  readonly head: (time: number) => string
  readonly clock: Clock
  /** The file cannot be opened or written. `code`: an errno name. Called once until a write succeeds again. */
  readonly onFailed: (file: string, code: string) => void
  /** So many lines are missing, because nothing took them. */
  readonly onDropped: (file: string, lines: number) => void
}

/** Lines that wait for one file. */
interface Batch {
  readonly file: string
  text: string
  /** The bytes of a text that was written in part. */
  rest: Buffer | undefined
}

/**
 * Appends lines to a file, many with one write. The caller never waits: what cannot be written now waits, up to a limit,
 * and further lines are dropped as a whole and counted. Life: from the first line until close(); owned by AccessLogs.
 * Invariants: one write is under way at a time; every line is written as a whole, once, in its order, or not at all.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  #batches: Batch[] = []
  #waiting = 0
  #opened: { readonly path: string; readonly file: FileHandle; size: number } | undefined
  #writing: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined
  #reopens = false
  #hasFailed = false
  #dropped = 0
  #reportedAt = -Infinity
  #closing = false

  constructor(options: LogWriterOptions) {
    this.#options = options
  }

  /** Looks whether the file of now can be written, so that it is told before the first line comes. Makes nothing. */
  async examine(): Promise<void> {
    const { place, clock, onFailed } = this.#options
    const file = place.fileAt(clock.wallTime().getTime())
    const code = await logObstacle(file)
    if (code === undefined || this.#opened !== undefined || this.#hasFailed || this.#closing) return
    this.#hasFailed = true
    onFailed(file, code)
  }

  /** Takes one line with its line end. `time`: milliseconds since 1970. */
  write(line: string, time: number): void {
    const file = this.#options.place.fileAt(time)
    if (this.#waiting + line.length > maxWaiting) {
      this.#dropped += 1
      if (this.#options.clock.now() - this.#reportedAt >= reportMs) this.#report(file)
      return
    }
    this.#waiting += line.length
    const last = this.#batches.at(-1)
    if (last?.file === file && last.rest === undefined) last.text += line
    else this.#batches.push({ file, text: line, rest: undefined })
    if (this.#writing === undefined && this.#cancelTimer === undefined) this.#writeIn(batchMs)
  }

  /** Opens the file anew for the next line, because it was renamed. */
  reopen(): void {
    this.#reopens = true
    if (this.#writing === undefined) this.#writing = this.#run(() => this.#closeFile())
  }

  /** Resolves when every line is written, at the latest after two seconds. */
  async close(): Promise<void> {
    this.#closing = true
    let isOver = false
    let cancel = (): void => undefined
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(closeLimitMs, () => {
        isOver = true
        resolve()
      })
    })
    const written = async (): Promise<void> => {
      for (let isRetry = false; ; ) {
        await this.#writing
        if (this.#batches.length === 0 || isOver) break
        this.#stopTimer()
        if (isRetry) await delay(this.#options.clock, retryMs.full)
        isRetry = true
        this.#writing ??= this.#run(() => this.#drain())
      }
    }
    await Promise.race([written(), limit])
    cancel()
    this.#stopTimer()
    const { file = '' } = this.#batches[0] ?? {}
    for (const { text, rest } of this.#batches) this.#dropped += linesOf(rest?.toString() ?? text)
    this.#batches = []
    if (this.#dropped > 0) this.#report(file === '' ? (this.#opened?.path ?? '') : file)
    // A write that never ends would keep its file open; the process that is about to end closes it.
    if (this.#writing === undefined) await this.#closeFile()
  }

  #writeIn(ms: number): void {
    this.#stopTimer()
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = undefined
      this.#writing ??= this.#run(() => this.#drain())
    })
  }

  #stopTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Does something with the file that nothing else may disturb, then writes what has come meanwhile. */
  async #run(act: () => Promise<void>): Promise<void> {
    let waitMs = batchMs
    try {
      await act()
      this.#succeeded()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
      waitMs = code === 'EAGAIN' ? retryMs.full : retryMs.failed
      const file = this.#batches[0]?.file ?? ''
      // A slow reader is no failure; the lines that it misses are counted.
      if (!this.#hasFailed && code !== 'EAGAIN') this.#options.onFailed(file, code)
      this.#hasFailed ||= code !== 'EAGAIN'
      if (code !== 'EAGAIN') await this.#closeFile()
    }
    this.#writing = undefined
    if (this.#batches.length > 0 && !this.#closing) this.#writeIn(waitMs)
  }

  #succeeded(): void {
    this.#hasFailed = false
    if (this.#dropped > 0 && this.#batches.length === 0) this.#report(this.#opened?.path ?? '')
  }

  async #drain(): Promise<void> {
    // What comes meanwhile waits for the next time, so that one write takes many lines.
    for (let count = this.#batches.length; count > 0; count--) {
      const batch = this.#batches[0] as Batch
      const opened = await this.#open(batch)
      // From here on lines that come are a batch of their own.
      batch.rest ??= Buffer.from(batch.text)
      this.#waiting -= batch.text.length - batch.rest.length
      batch.text = ''
      while (batch.rest.length > 0) {
        const { bytesWritten } = await opened.file.write(batch.rest)
        batch.rest = batch.rest.subarray(bytesWritten)
        this.#waiting -= bytesWritten
        opened.size += bytesWritten
      }
      this.#batches.shift()
      this.#options.place.grew?.(opened.size)
    }
  }

  async #open({ file, rest }: Batch): Promise<{ readonly file: FileHandle; size: number }> {
    // The end of a line that was written in part belongs to the same file.
    if (this.#opened !== undefined && this.#opened.path === file && (!this.#reopens || rest !== undefined))
      return this.#opened
    await this.#closeFile()
    await makeFolder(dirname(file))
    const { O_CREAT, O_APPEND, O_WRONLY, O_NONBLOCK } = constants
    // Without O_NONBLOCK, a pipe that nobody reads would hold up a thread that the whole daemon needs.
    const handle = await open(file, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o640)
    const { size } = await handle.stat()
    this.#opened = { path: file, file: handle, size }
    this.#reopens = false
    if (rest === undefined) this.#begin(file)
    return this.#opened
  }

  /** Puts the head in front of everything. */
  #begin(file: string): void {
    const head = this.#options.head(this.#options.clock.wallTime().getTime())
    const first = this.#batches[0]
    if (head === '' || first?.file !== file) return
    first.text = head + first.text
    this.#waiting += head.length
  }

  async #closeFile(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    this.#reopens = false
    await opened?.file.close().catch(() => undefined)
  }

  #report(file: string): void {
    const lines = this.#dropped
    this.#dropped = 0
    this.#reportedAt = this.#options.clock.now()
    this.#options.onDropped(file, lines)
  }
}

function linesOf(text: string): number {
  return text.split('\n').length - 1
}
