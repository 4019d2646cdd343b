import type { ByteSink, ResponseHead } from '../../http/exchange.ts'
import { trailerText } from '../../http1/body-reader.ts'
import type { ClientSocket } from './client-socket.ts'

/** What a body needs of its reply. */
export interface OutgoingReply {
  readonly gone: boolean
  bytes: number
  /** The last byte has been given. */
  finish(): void
  abort(): void
}

const NONE = 0
const LENGTH = 1
const CHUNKED = 2
const UNTIL_CLOSE = 3

/** Up to this size a chunk goes out with its framing as one string. */
const SMALL = 4_096

/**
 * The body of a response that is given as chunks of data, framed here. Life: from the head to end() or fail(); owned by its
 * reply. The head waits for the first bytes, to leave in one write with them, but no longer than until all input at hand
 * has been read: an event stream must not hang on its first event.
 * Invariant: a body that ends in order has as many bytes as its Content-Length said.
 */
export class OutgoingBody implements ByteSink {
  readonly #reply: OutgoingReply
  readonly #output: ClientSocket
  readonly #framing: number
  #head: string
  #left = 0
  #flush: NodeJS.Immediate | undefined
  #onDrain: (() => void) | undefined

  /** `head` is the final head without the empty line at its end. */
  constructor(
    reply: OutgoingReply,
    output: ClientSocket,
    head: string,
    fields: readonly string[],
    hasBody: boolean,
    chunks: boolean,
  ) {
    this.#reply = reply
    this.#output = output
    this.#head = head
    const length = hasBody ? contentLength(fields) : undefined
    if (!hasBody) this.#framing = NONE
    else if (length !== undefined) this.#framing = LENGTH
    else this.#framing = chunks ? CHUNKED : UNTIL_CLOSE
    this.#left = length ?? 0
    this.#head += this.#framing === CHUNKED ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n'
    this.#flush = setImmediate(() => {
      output.writeText(this.#takeHead())
    })
  }

  write(chunk: Uint8Array): boolean {
    const reply = this.#reply
    if (reply.gone || this.#framing === NONE || chunk.length === 0) return true
    if (this.#framing === LENGTH) {
      if (chunk.length > this.#left) {
        reply.abort()
        return true
      }
      this.#left -= chunk.length
    }
    reply.bytes += chunk.length
    const head = this.#takeHead()
    return this.#framing === CHUNKED ? this.#writeChunk(head, chunk) : this.#output.writeAll(head, chunk, '')
  }

  end(trailers?: readonly string[]): void {
    const reply = this.#reply
    if (reply.gone) return
    if (this.#left > 0) {
      reply.abort()
      return
    }
    const last = this.#framing === CHUNKED ? `0\r\n${trailerText(trailers ?? [])}` : ''
    const rest = this.#takeHead() + last
    if (rest !== '') this.#output.writeText(rest)
    reply.finish()
  }

  fail(): void {
    this.#takeHead()
    this.#reply.abort()
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  drained(): void {
    this.#onDrain?.()
  }

  #writeChunk(head: string, chunk: Uint8Array): boolean {
    const before = `${head}${chunk.length.toString(16)}\r\n`
    if (chunk.length > SMALL) return this.#output.writeAll(before, chunk, '\r\n')
    return this.#output.writeText(
      `${before}${Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')}\r\n`,
    )
  }

  /** The head if it has not left yet. */
  #takeHead(): string {
    const head = this.#head
    if (head === '') return ''
    this.#head = ''
    if (this.#flush !== undefined) clearImmediate(this.#flush)
    this.#flush = undefined
    return head
  }
}

/** The number of bytes that the fields give; undefined: they give none. */
function contentLength(fields: ResponseHead['headers']): number | undefined {
  for (let i = 0; i < fields.length; i += 2) {
    if ((fields[i] as string).length !== 14 || (fields[i] as string).toLowerCase() !== 'content-length') continue
    const length = Number(fields[i + 1])
    if (!Number.isSafeInteger(length) || length < 0)
      throw new TypeError('a response has a Content-Length that is no number')
    return length
  }
  return undefined
}
