import { countLines, type OutputEntry, type OutputRecord } from './output-record.ts'

/** How much may wait for a follower that does not read; each record counts somewhat more than its bytes. */
const maxWaitingBytes = 16 * 1024 * 1024
/** So much may always wait, whatever waits for others. */
const ownWaitingBytes = 1024 * 1024
const recordBytes = 256
/** How much is given at once. */
const batchBytes = 64 * 1024

/**
 * Somebody who reads output as it comes. What he does not take waits, up to 16 MiB; further output is left out until half
 * of it has been taken, and a gap tells how much that was. Life: from LiveOutputs.follow() to close(), or to end() and
 * the last batch. Owner: the LiveOutputs. Invariant: each record is given once, in order, or counted in a gap.
 */
export class OutputFollower {
  readonly #wants: (app: string) => boolean
  readonly #hasRoom: (bytes: number) => boolean
  readonly #onClosed: (follower: OutputFollower) => void
  #waiting: OutputEntry[]
  #waitingBytes = 0
  #lost = { lines: 0, bytes: 0 }
  #isFull = false
  /** How much waited when it became full. */
  #fullBytes = 0
  #isEnded = false
  #isClosed = false
  #wake: () => void = () => undefined

  /**
   * @param first what is given before anything that comes
   * @param hasRoom whether this many bytes more may wait for all followers together
   */
  constructor(
    wants: (app: string) => boolean,
    first: readonly OutputRecord[],
    hasRoom: (bytes: number) => boolean,
    onClosed: (follower: OutputFollower) => void,
  ) {
    this.#wants = wants
    this.#waiting = [...first]
    this.#waitingBytes = first.reduce((sum, { bytes }) => sum + recordBytes + bytes.length, 0)
    this.#hasRoom = hasRoom
    this.#onClosed = onClosed
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Takes what has just been written, if it is wanted. Never waits. */
  offer(record: OutputRecord): void {
    if (this.#isEnded || !this.#wants(record.app)) return
    const size = recordBytes + record.bytes.length
    if (this.#isFull || !this.#hasRoomFor(size)) {
      if (!this.#isFull) this.#fullBytes = this.#waitingBytes
      this.#isFull = true
      this.#lost.lines += countLines(record.bytes)
      this.#lost.bytes += record.bytes.length
      return
    }
    this.#waiting.push(record)
    this.#waitingBytes += size
    this.#wake()
  }

  /** Nothing comes any more; what waits is still given. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** The reader has gone. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#waiting = []
    this.#waitingBytes = 0
    this.#onClosed(this)
    this.end()
  }

  /** Everything, in batches as they are asked for; ends after end() or close(). To be read once. */
  async *batches(): AsyncGenerator<readonly OutputEntry[], void, undefined> {
    try {
      for (;;) {
        const batch = this.#take()
        if (batch.length > 0) yield batch
        else if (this.#isEnded) return
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      this.close()
    }
  }

  #take(): readonly OutputEntry[] {
    let count = 0
    let bytes = 0
    for (const entry of this.#waiting) {
      const size = 'lost' in entry ? 0 : entry.bytes.length
      if (count > 0 && bytes + size > batchBytes) break
      count += 1
      bytes += size
      this.#waitingBytes -= 'lost' in entry ? 0 : recordBytes + size
    }
    const batch = this.#waiting.splice(0, count)
    if (this.#isFull && (this.#waitingBytes <= this.#fullBytes / 2 || this.#isEnded)) this.#tellGap()
    return batch
  }

  #hasRoomFor(size: number): boolean {
    const bytes = this.#waitingBytes + size
    return bytes <= ownWaitingBytes || (bytes <= maxWaitingBytes && this.#hasRoom(size))
  }

  #tellGap(): void {
    this.#waiting.push({ lost: this.#lost })
    this.#lost = { lines: 0, bytes: 0 }
    this.#isFull = false
  }
}
