import { SecretFilter } from '../log/secret.ts'
import type { Clock } from '../platform/clock.ts'
import { BoundedWriter } from './bounded-writer.ts'
import { createLogFile } from './log-file.ts'
import type { LiveSource } from './live/live-outputs.ts'
import type { LogFiles } from './log-files.ts'
import { RotatingFile } from './rotating-file.ts'
import { TailBuffer } from './tail-buffer.ts'

/** The most bytes of output that may wait to be written to disk; what comes beyond is missing in the file. */
const maxWaitingBytes = 4 * 1024 * 1024
/** How much of the latest output is kept in memory for error reports, whether or not a file is written. */
const tailLimits = { lines: 1000, bytes: 128 * 1024 }
/** The least time between two warnings about one file. */
const warningIntervalMs = 60_000
/** How long close() waits for the disk. */
const closeLimitMs = 2000
/** How long the last bytes of a chunk are held back when they could be the beginning of the pairing token. */
const tokenHoldBackMs = 20

type Stream = 'stdout' | 'stderr'

export interface StdoutLogOptions {
  /** stdoutLogFile: an absolute path that the file's path begins with; undefined when stdoutLogEnabled is off. */
  readonly filePrefix: string | undefined
  /** The daemon's pid, for the file's name. */
  readonly pid: number
  readonly clock: Clock
  /** The logs of all applications and their limits; undefined: no limits, and nothing opens the file anew. */
  readonly files?: LogFiles | undefined
  /** Streams to copy the output to at once, without the pairing token; they must not block. Undefined: none. */
  readonly passThrough: Readonly<Record<Stream, { write(chunk: Uint8Array): void }>> | undefined
  /** For those who follow the application's output; undefined: nobody can. */
  readonly live?: LiveSource | undefined
  /**
   * ANCM's event 1004: the file could not be made; the app runs without. `code`: an errno name. Called once at most.
   */
  readonly onFailure: (path: string, code: string) => void
  /**
   * `bytes` of output since the last call are missing in the file. `code`: an errno name, or `behind` when the disk was
   * too slow. Called once a minute at most, and by close().
   */
  readonly onLoss: (path: string, code: string, bytes: number) => void
}

export function openStdoutLog(options: StdoutLogOptions): StdoutLog {
  return new StdoutLog(options)
}

/**
 * Takes the output of one process: writes it to a file and to the daemon's streams if wanted, and keeps the latest
 * lines in memory. Owner: a ServerProcess, which opens it before the first start attempt and calls close() when stdout
 * and stderr have ended.
 * Invariants: write() neither throws nor waits; the file is new, and not reached through a symbolic link; the concealed
 * secret reaches neither the file nor the streams nor the memory.
 */
export class StdoutLog {
  readonly #options: StdoutLogOptions
  readonly #tail = new TailBuffer(tailLimits.lines, tailLimits.bytes)
  readonly #writer: BoundedWriter | undefined
  readonly #opened: Promise<void>
  #rotating: RotatingFile | undefined
  #filters: Readonly<Record<Stream, SecretFilter>> | undefined
  #cancelRelease: (() => void) | undefined
  #loss = { bytes: 0, code: '', warnedAt: -Infinity }

  constructor(options: StdoutLogOptions) {
    this.#options = options
    const { filePrefix } = options
    if (filePrefix === undefined) {
      this.#opened = Promise.resolve()
      return
    }
    this.#writer = new BoundedWriter(maxWaitingBytes, {
      onFailed: (code, bytes) => {
        this.#countLoss(code, bytes)
      },
      onBehind: (bytes) => {
        this.#countLoss('behind', bytes)
      },
    })
    this.#opened = this.#open(filePrefix, this.#writer)
  }

  /** The path of the present file; undefined until the file has been made, and for ever if none is. */
  get path(): string | undefined {
    return this.#rotating?.path
  }

  /** From now on removes this secret (the pairing token) from all output. Called before the first write(). */
  conceal(secret: string): void {
    const filterOf = (stream: Stream): SecretFilter =>
      new SecretFilter(secret, (chunk) => {
        this.#distribute(stream, chunk)
      })
    this.#filters = { stdout: filterOf('stdout'), stderr: filterOf('stderr') }
  }

  write(stream: Stream, chunk: Uint8Array): void {
    if (this.#filters === undefined) return this.#distribute(stream, chunk)
    const filter = this.#filters[stream]
    filter.write(chunk)
    if (!filter.isWaiting || this.#cancelRelease !== undefined) return
    this.#cancelRelease = this.#options.clock.after(tokenHoldBackMs, () => {
      this.#releaseHeldBytes()
    })
  }

  /** The latest lines of both streams, the oldest first. */
  lastLines(): readonly string[] {
    this.#releaseHeldBytes()
    return this.#tail.lines()
  }

  /** Resolves when the written bytes are on disk, after 2 s at most. Calling it again does nothing more. */
  async close(): Promise<void> {
    const { clock } = this.#options
    this.#releaseHeldBytes()
    for (const filter of Object.values(this.#filters ?? {})) filter.end()
    this.#options.live?.end()
    let cancel: (() => void) | undefined
    const limit = new Promise<void>((resolve) => {
      cancel = clock.after(closeLimitMs, resolve)
    })
    await Promise.race([this.#opened.then(() => this.#writer?.close()), limit])
    cancel?.()
    if (this.#rotating !== undefined) this.#options.files?.remove(this.#rotating)
    if (this.#loss.bytes > 0) this.#warn()
  }

  async #open(prefix: string, writer: BoundedWriter): Promise<void> {
    const { clock, pid, files } = this.#options
    const outcome = await createLogFile(prefix, clock.wallTime(), pid)
    if ('made' in outcome) {
      const rotating = new RotatingFile(outcome.made, {
        maxBytes: files?.limits.maxBytes ?? Infinity,
        next: async () => {
          const next = await createLogFile(prefix, clock.wallTime(), pid)
          return 'made' in next ? next.made : undefined
        },
        onChanged: () => void files?.clean(prefix, clock.wallTime(), pid),
      })
      this.#rotating = rotating
      files?.add(rotating)
      writer.open(rotating)
      await files?.clean(prefix, clock.wallTime(), pid)
    } else {
      writer.abandon()
      this.#options.onFailure(outcome.failed.path, outcome.failed.code)
    }
  }

  #distribute(stream: Stream, chunk: Uint8Array): void {
    this.#tail.write(stream, chunk)
    this.#writer?.write(chunk)
    this.#options.passThrough?.[stream].write(chunk)
    this.#options.live?.write(stream, chunk)
  }

  #releaseHeldBytes(): void {
    this.#cancelRelease?.()
    this.#cancelRelease = undefined
    for (const filter of Object.values(this.#filters ?? {})) if (filter.isWaiting) filter.release()
  }

  #countLoss(code: string, bytes: number): void {
    this.#loss.bytes += bytes
    this.#loss.code = code
    if (this.#options.clock.now() - this.#loss.warnedAt >= warningIntervalMs) this.#warn()
  }

  #warn(): void {
    const { bytes, code } = this.#loss
    this.#loss = { bytes: 0, code: '', warnedAt: this.#options.clock.now() }
    this.#options.onLoss(this.path ?? '', code, bytes)
  }
}
