/** The methods of a FileHandle that BoundedWriter uses. */
export interface LogDestination {
  writev(chunks: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>
  close(): Promise<void>
}

export interface WriterListener {
  /** A write failed, and these bytes are lost. */
  onFailed(code: string, lostBytes: number): void
  /** The destination is too slow, and these bytes were not taken. */
  onBehind(lostBytes: number): void
}

/** How many chunks go into one system call; the kernel takes no more than 1024. */
const maxChunks = 1000

/**
 * Writes bytes in order, one write at a time, while at most `limitBytes` wait. The caller never waits: when the disk is
 * full or slow, bytes are lost, but memory does not grow. Owner: the log it belongs to. Life: from the start of the
 * log; the destination may come later (`open`) or never (`abandon`). Ends by close(), which may be called again.
 */
export class BoundedWriter {
  readonly #limitBytes: number
  readonly #listener: WriterListener
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #destination: LogDestination | undefined
  #writing: Promise<void> | undefined
  #ended = false

  constructor(limitBytes: number, listener: WriterListener) {
    this.#limitBytes = limitBytes
    this.#listener = listener
  }

  write(chunk: Uint8Array): void {
    if (this.#ended) return
    if (this.#waitingBytes + chunk.length > this.#limitBytes) {
      this.#listener.onBehind(chunk.length)
      return
    }
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.#proceed()
  }

  open(destination: LogDestination): void {
    this.#destination = destination
    this.#proceed()
  }

  /** To be called when there will be no destination; the waiting bytes are dropped. */
  abandon(): void {
    this.#ended = true
    this.#waiting = []
    this.#waitingBytes = 0
  }

  /** Resolves when the taken bytes are written and the destination is closed. */
  async close(): Promise<void> {
    this.#ended = true
    while (this.#writing !== undefined) await this.#writing
    const destination = this.#destination
    this.#destination = undefined
    await destination?.close()
  }

  #proceed(): void {
    if (this.#destination === undefined || this.#writing !== undefined || this.#waiting.length === 0) return
    this.#writing = this.#writeAll(this.#destination).finally(() => {
      this.#writing = undefined
      this.#proceed()
    })
  }

  async #writeAll(destination: LogDestination): Promise<void> {
    while (this.#waiting.length > 0) {
      const chunks = this.#waiting.splice(0, maxChunks)
      const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      let written = 0
      try {
        written = (await destination.writev(chunks)).bytesWritten
        // A disk that fills up writes a part, and reports the error at the next write.
        if (written < length) written += (await destination.writev(after(chunks, written))).bytesWritten
        if (written < length) this.#listener.onFailed('ENOSPC', length - written)
      } catch (error) {
        this.#listener.onFailed((error as NodeJS.ErrnoException).code ?? 'UNKNOWN', length - written)
      }
      this.#waitingBytes -= length
    }
  }
}

/** The chunks without their first `bytes`. */
function after(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(skip, chunk.length)
    skip -= skipped
    return skipped === chunk.length ? [] : [chunk.subarray(skipped)]
  })
}
