import { SecretFilter } from '../log/secret.ts'
import type { Clock } from '../platform/clock.ts'
import { BoundedWriter } from './bounded-writer.ts'
import { createLogFile } from './log-file.ts'
import { TailBuffer } from './tail-buffer.ts'

/** How many bytes may wait for the disk: about what a fast one writes in a second. */
const maxWaitingBytes = 4 * 1024 * 1024
/** How much of the end is kept in memory for reports and `logs`, with or without a file. */
const tail = { lines: 1000, bytes: 128 * 1024 }
/** The least time between two warnings about one file. */
const warningIntervalMs = 60_000
/** How long close() waits for the disk. */
const closeLimitMs = 2000
/** How long output is held back if its last bytes could be the beginning of the pairing token. */
const tokenHoldBackMs = 20

type Stream = 'stdout' | 'stderr'

export interface StdoutLogOptions {
  /** stdoutLogFile: an absolute path, the beginning of the file's name; undefined when stdoutLogEnabled is off. */
  readonly file: string | undefined
  /** The daemon's pid, for the file's name. */
  readonly pid: number
  readonly clock: Clock
  /** Streams that get every chunk as it comes, without the pairing token, and must not block; undefined: none. */
  readonly passThrough: Readonly<Record<Stream, { write(chunk: Uint8Array): void }>> | undefined
  /** ANCM's event 1004: the file could not be made, and the app runs on. `code`: an errno name. Called once at most. */
  readonly onFailure: (path: string, code: string) => void
  /** The bytes that were lost since the last call; `code`: an errno name, or `behind`. Called once a minute at most. */
  readonly onLoss: (path: string, code: string, bytes: number) => void
}

export function openStdoutLog(options: StdoutLogOptions): StdoutLog {
  return new StdoutLog(options)
}

/**
 * Takes the output of one process: writes it to a file and to the daemon's streams if wanted, and keeps its end in
 * memory. Owner: a ServerProcess. Life: from before the first start attempt until both streams have ended; close() ends
 * it.
 * Invariants: write() neither throws nor waits; a file is never shared, truncated or followed through a link; the
 * concealed secret gets into none of them.
 */
export class StdoutLog {
  readonly #options: StdoutLogOptions
  readonly #tail = new TailBuffer(tail.lines, tail.bytes)
  readonly #writer: BoundedWriter | undefined
  readonly #opened: Promise<void>
  #path: string | undefined
  #filters: Readonly<Record<Stream, SecretFilter>> | undefined
  #cancelRelease: (() => void) | undefined
  #loss = { bytes: 0, code: '', warnedAt: -Infinity }

  constructor(options: StdoutLogOptions) {
    this.#options = options
    const { file } = options
    if (file === undefined) {
      this.#opened = Promise.resolve()
      return
    }
    this.#writer = new BoundedWriter(maxWaitingBytes, {
      onFailed: (code, bytes) => {
        this.#loses(code, bytes)
      },
      onBehind: (bytes) => {
        this.#loses('behind', bytes)
      },
    })
    this.#opened = this.#open(file, this.#writer)
  }

  /** The path of the file; undefined until it is made, and when there is none. */
  get path(): string | undefined {
    return this.#path
  }

  /** Removes this secret, the pairing token, from all output. Called before the first write(). */
  conceal(secret: string): void {
    const filterOf = (stream: Stream): SecretFilter =>
      new SecretFilter(secret, (chunk) => {
        this.#take(stream, chunk)
      })
    this.#filters = { stdout: filterOf('stdout'), stderr: filterOf('stderr') }
  }

  write(stream: Stream, chunk: Uint8Array): void {
    if (this.#filters === undefined) return this.#take(stream, chunk)
    const filter = this.#filters[stream]
    filter.write(chunk)
    if (!filter.isWaiting || this.#cancelRelease !== undefined) return
    this.#cancelRelease = this.#options.clock.after(tokenHoldBackMs, () => {
      this.#release()
    })
  }

  lastLines(): readonly string[] {
    this.#release()
    return this.#tail.lines()
  }

  /** Resolves when the written bytes are on disk, after 2 s at most. Calling it again does nothing more. */
  async close(): Promise<void> {
    const { clock } = this.#options
    this.#release()
    for (const filter of Object.values(this.#filters ?? {})) filter.end()
    let cancel: (() => void) | undefined
    const limit = new Promise<void>((resolve) => {
      cancel = clock.after(closeLimitMs, resolve)
    })
    await Promise.race([this.#opened.then(() => this.#writer?.close()), limit])
    cancel?.()
    if (this.#loss.bytes > 0) this.#warn()
  }

  async #open(prefix: string, writer: BoundedWriter): Promise<void> {
    const outcome = await createLogFile(prefix, this.#options.clock.wallTime(), this.#options.pid)
    if ('made' in outcome) {
      this.#path = outcome.made.path
      writer.open(outcome.made.file)
    } else {
      writer.abandon()
      this.#options.onFailure(outcome.failed.path, outcome.failed.code)
    }
  }

  #take(stream: Stream, chunk: Uint8Array): void {
    this.#tail.write(stream, chunk)
    this.#writer?.write(chunk)
    this.#options.passThrough?.[stream].write(chunk)
  }

  #release(): void {
    this.#cancelRelease?.()
    this.#cancelRelease = undefined
    for (const filter of Object.values(this.#filters ?? {})) if (filter.isWaiting) filter.release()
  }

  #loses(code: string, bytes: number): void {
    this.#loss.bytes += bytes
    this.#loss.code = code
    if (this.#options.clock.now() - this.#loss.warnedAt >= warningIntervalMs) this.#warn()
  }

  #warn(): void {
    const { bytes, code } = this.#loss
    this.#loss = { bytes: 0, code: '', warnedAt: this.#options.clock.now() }
    this.#options.onLoss(this.#path ?? '', code, bytes)
  }
}
