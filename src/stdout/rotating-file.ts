import { lstat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { LogDestination } from './bounded-writer.ts'
import type { LogFile } from './log-file.ts'

export interface RotatingFileOptions {
  /** From this size on, a new file is begun at the next end of a line; infinite: never. */
  readonly maxBytes: number
  /** Makes the next file; undefined: it cannot be made, and the present one goes on. */
  readonly next: () => Promise<LogFile | undefined>
  /** Called after each change of the file, with both paths. */
  readonly onChanged: (before: string, now: string) => void
}

const lineFeed = 10

/**
 * The log of one process as a row of files: each byte is in exactly one of them, and a line is in one file if it is not
 * larger than a whole one. Life: from the first file until close(); owned by a StdoutLog, whose writer writes one batch
 * after the other.
 */
export class RotatingFile implements LogDestination {
  readonly #options: RotatingFileOptions
  #file: FileHandle
  #path: string
  #bytes = 0
  #isInLine = false
  #mayBeRenamed = false

  constructor({ path, file }: LogFile, options: RotatingFileOptions) {
    this.#path = path
    this.#file = file
    this.#options = options
  }

  get path(): string {
    return this.#path
  }

  /** If the file has been renamed or deleted, what comes from now on goes into a new one. */
  reopen(): void {
    this.#mayBeRenamed = true
  }

  async writev(chunks: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }> {
    if (this.#mayBeRenamed) {
      this.#mayBeRenamed = false
      if (!(await this.#isInPlace())) await this.#rotate()
    }
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (this.#bytes + length <= this.#options.maxBytes) return { bytesWritten: await this.#write(chunks) }
    const all = Buffer.concat(chunks)
    let at = 0
    try {
      while (at < all.length) {
        const end = at + this.#fitting(all.subarray(at))
        if (end === at && (await this.#rotate())) continue
        // A file that cannot be followed by another one goes on.
        const part = all.subarray(at, end === at ? all.length : end)
        const written = await this.#write([part])
        at += written
        if (written < part.length) break
      }
    } catch (error) {
      // What was written before the failure must not be written again.
      if (at === 0) throw error
    }
    return { bytesWritten: at }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** How many of these bytes belong into the present file: up to the end of the last line that fits, at least. */
  #fitting(bytes: Uint8Array): number {
    const room = this.#options.maxBytes - this.#bytes
    if (bytes.length <= room) return bytes.length
    const lastLine = room > 0 ? bytes.lastIndexOf(lineFeed, room - 1) + 1 : 0
    if (lastLine > 0 || (!this.#isInLine && this.#bytes > 0)) return lastLine
    // The line has begun in this file, or is larger than a whole one.
    const end = bytes.indexOf(lineFeed)
    return end < 0 ? bytes.length : end + 1
  }

  async #write(chunks: readonly Uint8Array[]): Promise<number> {
    const { bytesWritten } = await this.#file.writev(chunks)
    this.#bytes += bytesWritten
    const last = chunks.at(-1)
    if (last !== undefined && last.length > 0) this.#isInLine = last.at(-1) !== lineFeed
    return bytesWritten
  }

  async #rotate(): Promise<boolean> {
    const next = await this.#options.next()
    if (next === undefined) return false
    const [file, before] = [this.#file, this.#path]
    this.#file = next.file
    this.#path = next.path
    this.#bytes = 0
    this.#isInLine = false
    this.#options.onChanged(before, next.path)
    await file.close().catch(() => undefined)
    return true
  }

  async #isInPlace(): Promise<boolean> {
    try {
      const [there, own] = await Promise.all([lstat(this.#path), this.#file.stat()])
      return there.ino === own.ino && there.dev === own.dev
    } catch {
      return false
    }
  }
}
