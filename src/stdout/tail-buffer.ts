type Stream = 'stdout' | 'stderr'

interface Piece {
  readonly stream: Stream
  readonly bytes: Buffer
}

/** Small writes are joined to pieces of up to this size, so that not every write takes an object of its own. */
const maxJoinedBytes = 4096
const maxPieces = 1000

/**
 * Keeps the end of both streams, up to a number of bytes. write() only stores bytes, since it runs for every chunk;
 * lines() splits them. A line without an end yet counts as a line. Owner and life: those of a StdoutLog.
 */
export class TailBuffer {
  readonly #maxBytes: number
  readonly #maxLines: number
  #pieces: Piece[] = []
  #bytes = 0

  constructor(maxLines: number, maxBytes: number) {
    this.#maxLines = maxLines
    this.#maxBytes = maxBytes
  }

  write(stream: Stream, chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const last = this.#pieces.at(-1)
    if (last?.stream === stream && last.bytes.length + bytes.length <= maxJoinedBytes) {
      this.#pieces[this.#pieces.length - 1] = { stream, bytes: Buffer.concat([last.bytes, bytes]) }
    } else {
      // The end is copied, because a view would keep all of a large chunk in memory.
      const excess = bytes.length - this.#maxBytes
      this.#pieces.push({ stream, bytes: excess > 0 ? Buffer.from(bytes.subarray(excess)) : bytes })
    }
    this.#bytes += Math.min(bytes.length, this.#maxBytes)
    this.#trim()
  }

  /** The last lines, oldest first, without line ends; in the order in which they ended. */
  lines(): readonly string[] {
    const begun: Record<Stream, Buffer[]> = { stdout: [], stderr: [] }
    const whole: string[] = []
    for (const { stream, bytes } of this.#pieces) {
      let from = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        whole.push(lineOf([...begun[stream], bytes.subarray(from, end)]))
        begun[stream] = []
        from = end + 1
      }
      if (from < bytes.length) begun[stream].push(bytes.subarray(from))
    }
    for (const parts of [begun.stdout, begun.stderr]) if (parts.length > 0) whole.push(lineOf(parts))
    return whole.slice(-this.#maxLines)
  }

  #trim(): void {
    let drop = 0
    while (this.#bytes > this.#maxBytes || this.#pieces.length - drop > maxPieces) {
      const first = this.#pieces[drop] as Piece
      const excess = this.#bytes - this.#maxBytes
      if (excess > 0 && excess < first.bytes.length) {
        this.#pieces[drop] = { stream: first.stream, bytes: Buffer.from(first.bytes.subarray(excess)) }
        this.#bytes -= excess
      } else {
        this.#bytes -= first.bytes.length
        drop++
      }
    }
    if (drop > 0) this.#pieces.splice(0, drop)
  }
}

/** Decodes one line. If its first character was cut in two, the rest of that character is left out. */
function lineOf(parts: readonly Buffer[]): string {
  const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  let from = 0
  while (from < 3 && ((bytes[from] ?? 0) & 0b1100_0000) === 0b1000_0000) from++
  const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length
  return bytes.toString('utf8', from, Math.max(from, end))
}
