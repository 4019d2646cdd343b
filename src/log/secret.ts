/** What stands in a secret's place. */
export const secretMark = '[pairing token]'

const mark = Buffer.from(secretMark)

/** The lines with secretMark wherever the secret stands. */
export function withoutSecret(lines: readonly string[], secret: string): readonly string[] {
  return lines.map((line) => line.replaceAll(secret, secretMark))
}

/** As many bytes of a secret's beginning are no accident: they wait for their end, however long it takes. */
const noAccident = 8

/**
 * Bytes of one stream with a secret blotted out, also where chunks cut it in two. Only a chunk that ends as the secret begins
 * keeps back those last bytes; everything else goes on at once, and what holds nothing of it goes on as it came.
 * Life: that of the stream; ends by end().
 */
export class SecretFilter {
  readonly #secret: Buffer
  readonly #next: (chunk: Uint8Array) => void
  /** The bytes so far end with as many bytes of the secret's beginning, … */
  #matched = 0
  /** … of which as many have been passed on. */
  #passed = 0

  constructor(secret: string, next: (chunk: Uint8Array) => void) {
    this.#secret = Buffer.from(secret)
    this.#next = next
  }

  /** Something is kept back that is more likely text than the secret: release() it if nothing follows soon. */
  get isWaiting(): boolean {
    return this.#matched > this.#passed && this.#matched < Math.min(noAccident, this.#secret.length)
  }

  write(chunk: Uint8Array): void {
    const bytes =
      this.#matched === 0 ? asBuffer(chunk) : Buffer.concat([this.#secret.subarray(0, this.#matched), chunk])
    let told = this.#passed
    let from = 0
    for (let at = bytes.indexOf(this.#secret); at >= 0; at = bytes.indexOf(this.#secret, from)) {
      if (at > told) this.#next(bytes.subarray(told, at))
      this.#next(mark)
      from = at + this.#secret.length
      told = from
    }
    const begun = this.#begunAtEnd(bytes, from)
    const end = bytes.length - begun
    if (end > told) this.#next(bytes.subarray(told, end))
    this.#matched = begun
    this.#passed = Math.max(0, told - end)
  }

  /** What is kept back goes on; should it have been the secret's beginning after all, the rest of it will not. */
  release(): void {
    if (this.#matched > this.#passed) this.#next(this.#secret.subarray(this.#passed, this.#matched))
    this.#passed = this.#matched
  }

  /** Nothing follows. Idempotent. */
  end(): void {
    if (this.isWaiting) this.release()
    else if (this.#matched > this.#passed) this.#next(mark)
    this.#matched = 0
    this.#passed = 0
  }

  /** How many bytes at the end, none of them before `from`, are the secret's beginning, and not all of it. */
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
