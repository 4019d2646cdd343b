/** Tells where each answer on a connection ends. It reads what the bench's own app sends: a length, or chunks. */
export class AnswerReader {
  #next = this.#head
  #rest = Buffer.alloc(0)
  #left = 0
  #status = 0
  #onAnswer

  /** `onAnswer(status)` is called once an answer is complete. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer
  }

  /** What the connection brought. */
  read(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#next()) {}
  }

  // Each step takes what it understands from the rest and says whether the next one has something to do.

  #head() {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#rest.latin1Slice(0, end)
    this.#take(end + 4)
    this.#status = Number(head.slice(9, 12))
    if (/^transfer-encoding: *chunked/im.test(head)) this.#next = this.#chunkSize
    else return this.#skip(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0), this.#finish)
    return true
  }

  #chunkSize() {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) return false
    const size = Number.parseInt(this.#rest.latin1Slice(0, end), 16)
    this.#take(end + 2)
    // There are no trailers: the empty line comes at once.
    return this.#skip(size + 2, size === 0 ? this.#finish : this.#chunkSize)
  }

  #after = this.#finish

  #skip(bytes, after) {
    this.#left = bytes
    this.#after = after
    this.#next = this.#body
    return true
  }

  #body() {
    const taken = Math.min(this.#left, this.#rest.length)
    this.#take(taken)
    this.#left -= taken
    if (this.#left > 0) return false
    this.#next = this.#after
    return true
  }

  #finish() {
    this.#next = this.#head
    this.#onAnswer(this.#status)
    return this.#rest.length > 0
  }

  #take(bytes) {
    this.#rest = this.#rest.subarray(bytes)
  }
}
