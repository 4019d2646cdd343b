import type { Http2Stream } from './stream.ts'

/** How many closed streams are remembered whose clients may still send frames that they sent before they knew. */
const MAX_REMEMBERED = 1_000

/** The streams of one session, which owns it: those that are open, and what must be known of the others. */
export class StreamTable {
  /** The last stream that is served, which a GOAWAY names. */
  lastServed = 0
  readonly #open = new Map<number, Http2Stream>()
  /** Closed streams whose requests had not ended. */
  readonly #remembered = new Set<number>()
  /** The last stream that the client has begun. */
  #lastSeen = 0

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id)
  }

  values(): Iterable<Http2Stream> {
    return this.#open.values()
  }

  add(stream: Http2Stream): void {
    this.#open.set(stream.id, stream)
  }

  remove(stream: Http2Stream): void {
    this.#open.delete(stream.id)
    if (!stream.hasRequest) this.remember(stream.id)
  }

  /** A client has begun a stream. */
  see(id: number): void {
    this.#lastSeen = id
  }

  /** A stream is closed, or was refused, and its request had not ended. */
  remember(id: number): void {
    this.#remembered.add(id)
    if (this.#remembered.size <= MAX_REMEMBERED) return
    for (const oldest of this.#remembered) {
      this.#remembered.delete(oldest)
      break
    }
  }

  /** Whether the client has begun this stream; it must be one of its own, which have odd numbers. */
  wasSeen(id: number): boolean {
    return id <= this.#lastSeen && id % 2 === 1
  }

  /** Whether a stream that is not open was closed so completely, or so long ago, that no more frames may come on it. */
  isForgotten(id: number): boolean {
    return id <= this.lastServed && !this.#remembered.has(id)
  }
}
