/** The text that replaces a secret. */
export const secretMark = '[pairing token]'

const mark = Buffer.from(secretMark)

/** The lines with secretMark in place of the secret. */
export function withoutSecret(lines: readonly string[], secret: string): readonly string[] {
  return lines.map((line) => line.replaceAll(secret, secretMark))
}

/**
 * If a stream so far ends with at least this many bytes of the secret's beginning, they are taken for the secret and
 * held back until the rest comes.
 */
const certainPrefixBytes = 8

/**
 * Replaces a secret in the bytes of one stream by secretMark, also where the secret is split between chunks. If a chunk
 * ends with the beginning of the secret, only those last bytes are held back; everything else is passed on at once, and
 * a chunk without the secret is not copied. Life: that of the stream; end() ends it.
 */
export class SecretFilter {
  readonly #secret: Buffer
  readonly #next: (chunk: Uint8Array) => void
  /** How many bytes of the secret's beginning the stream ends with so far. */
  #matched = 0
  /** How many of the matched bytes have been passed on already. */
  #passed = 0

  constructor(secret: string, next: (chunk: Uint8Array) => void) {
    this.#secret = Buffer.from(secret)
    this.#next = next
  }

  /**
   * Whether the bytes that are held back are so few that they may be other text: call release() if nothing follows
   * soon.
   */
  get isWaiting(): boolean {
    return this.#matched > this.#passed && this.#matched < Math.min(certainPrefixBytes, this.#secret.length)
  }

  write(chunk: Uint8Array): void {
    const bytes =
      this.#matched === 0 ? asBuffer(chunk) : Buffer.concat([this.#secret.subarray(0, this.#matched), chunk])
    let written = this.#passed
    let from = 0
    for (let at = bytes.indexOf(this.#secret); at >= 0; at = bytes.indexOf(this.#secret, from)) {
      if (at > written) this.#next(bytes.subarray(written, at))
      this.#next(mark)
      from = at + this.#secret.length
      written = from
    }
    const begun = this.#begunAtEnd(bytes, from)
    const end = bytes.length - begun
    if (end > written) this.#next(bytes.subarray(written, end))
    this.#matched = begun
    this.#passed = Math.max(0, written - end)
  }

  /**
   * Passes on the bytes that are held back. If they were the secret's beginning after all, the rest of the secret is
   * still replaced.
   */
  release(): void {
    if (this.#matched > this.#passed) this.#next(this.#secret.subarray(this.#passed, this.#matched))
    this.#passed = this.#matched
  }

  /** The stream has ended. Calling it again does nothing. */
  end(): void {
    if (this.isWaiting) this.release()
    else if (this.#matched > this.#passed) this.#next(mark)
    this.#matched = 0
    this.#passed = 0
  }

  /**
   * How many bytes at the end of `bytes`, none of them before `from`, are the beginning of the secret; never the whole
   * secret.
   */
  #begunAtEnd(bytes: Buffer, from: number): number {
    const earliest = Math.max(from, bytes.length - this.#secret.length + 1)
    const first = this.#secret[0] as number
    for (let at = bytes.indexOf(first, earliest); at >= 0; at = bytes.indexOf(first, at + 1)) {
      if (this.#secret.compare(bytes, at, bytes.length, 0, bytes.length - at) === 0) return bytes.length - at
    }
    return 0
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
