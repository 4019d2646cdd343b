import { SecretFilter } from '../log/secret.ts'
import type { Clock } from '../platform/clock.ts'
import { BoundedWriter } from './bounded-writer.ts'
import { createLogFile } from './log-file.ts'
import { TailBuffer } from './tail-buffer.ts'

/** Bytes that may wait for the disk: about a second of a fast one. */
const mostWaiting = 4 * 1024 * 1024
/** Kept in memory for reports and `logs`, with or without a file. */
const tail = { lines: 1000, bytes: 128 * 1024 }
/** Milliseconds between two warnings about one file. */
const warningInterval = 60_000
/** Milliseconds that close() gives to a disk that does not answer. */
const closeLimit = 2000
/** Milliseconds for which an end of output is kept back that could be the beginning of the pairing token. */
const mostKeptBack = 20

type Stream = 'stdout' | 'stderr'

export interface StdoutLogOptions {
  /** stdoutLogFile, an absolute prefix; undefined when stdoutLogEnabled is off. */
  readonly file: string | undefined
  /** The daemon's, for the name. */
  readonly pid: number
  readonly clock: Clock
  /** Who is given every chunk as it comes, untouched but for the pairing token; must not block. Undefined: nobody. */
  readonly passThrough: Readonly<Record<Stream, { write(chunk: Uint8Array): void }>> | undefined
  /** ANCM's event 1004: no file could be made; the app runs on. `code` is an errno name. Once at most. */
  readonly onFailure: (path: string, code: string) => void
  /** Bytes that the file lacks since the last call, and why: an errno name, or `behind`. Once a minute at most. */
  readonly onLoss: (path: string, code: string, bytes: number) => void
}

export function openStdoutLog(options: StdoutLogOptions): StdoutLog {
  return new StdoutLog(options)
}

/**
 * Where the output of one process life goes: to a file of its own if asked, to the daemon's streams if asked, and its end
 * to memory always. Owner: that life. Life: from before the first attempt until both streams have ended; close() ends it.
 * Invariants: write() neither throws nor waits; a file is never shared, truncated or followed through a link; what was
 * concealed is in none of them.
 */
export class StdoutLog {
  readonly #options: StdoutLogOptions
  readonly #tail = new TailBuffer(tail.lines, tail.bytes)
  readonly #writer: BoundedWriter | undefined
  readonly #opened: Promise<void>
  #path: string | undefined
  #filters: Readonly<Record<Stream, SecretFilter>> | undefined
  #cancelRelease: (() => void) | undefined
  #lost = { bytes: 0, code: '', toldAt: -Infinity }

  constructor(options: StdoutLogOptions) {
    this.#options = options
    const { file } = options
    if (file === undefined) {
      this.#opened = Promise.resolve()
      return
    }
    this.#writer = new BoundedWriter(mostWaiting, {
      onFailed: (code, bytes) => {
        this.#loses(code, bytes)
      },
      onBehind: (bytes) => {
        this.#loses('behind', bytes)
      },
    })
    this.#opened = this.#open(file, this.#writer)
  }

  /** The file; undefined until it is made, or when there is none. */
  get path(): string | undefined {
    return this.#path
  }

  /** What is never to be seen: the pairing token of this life. Before the first write(). */
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
    this.#cancelRelease = this.#options.clock.after(mostKeptBack, () => {
      this.#release()
    })
  }

  lastLines(): readonly string[] {
    this.#release()
    return this.#tail.lines()
  }

  /** Resolves when what was taken is on disk, or the disk has had its time. Idempotent. */
  async close(): Promise<void> {
    const { clock } = this.#options
    this.#release()
    for (const filter of Object.values(this.#filters ?? {})) filter.end()
    let cancel: (() => void) | undefined
    const limit = new Promise<void>((resolve) => {
      cancel = clock.after(closeLimit, resolve)
    })
    await Promise.race([this.#opened.then(() => this.#writer?.close()), limit])
    cancel?.()
    if (this.#lost.bytes > 0) this.#warn()
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
    this.#lost.bytes += bytes
    this.#lost.code = code
    if (this.#options.clock.now() - this.#lost.toldAt >= warningInterval) this.#warn()
  }

  #warn(): void {
    const { bytes, code } = this.#lost
    this.#lost = { bytes: 0, code: '', toldAt: this.#options.clock.now() }
    this.#options.onLoss(this.#path ?? '', code, bytes)
  }
}
