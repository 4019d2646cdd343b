import type { ByteSink, ResponseHead } from '../../http/exchange.ts'
import { trailerText } from '../../http1/body-reader.ts'
import type { ClientSocket } from './client-socket.ts'

/** The part of a Reply that its body uses. */
export interface OutgoingReply {
  readonly gone: boolean
  /** Bytes of the body written so far. */
  bytes: number
  /** Called when the whole response has been written. */
  finish(): void
  /** Ends the client's connection, because the response cannot be completed. */
  abort(): void
}

const NONE = 0
const LENGTH = 1
const CHUNKED = 2
const UNTIL_CLOSE = 3

/** Chunks of at most this many bytes are written together with their framing, as one string. */
const SMALL = 4_096

/**
 * Frames the body of a response and writes it to the client. Owned by its reply; lives from the head to end() or
 * fail(). The head is held back so that it leaves in one write with the first bytes of the body, but only until the
 * current turn of the event loop is over: a client must see the head of an event stream before the first event.
 * Invariant: a body for which finish() is called has exactly as many bytes as its Content-Length says.
 */
export class OutgoingBody implements ByteSink {
  readonly #reply: OutgoingReply
  readonly #output: ClientSocket
  readonly #framing: number
  #head: string
  /** Bytes that Content-Length still promises. */
  #left = 0
  #flush: NodeJS.Immediate | undefined
  #onDrain: (() => void) | undefined

  /**
   * @param head the final head as text, without the empty line at its end
   * @param fields the fields of the head, as a flat list
   * @param canChunk whether the client understands the chunked coding
   */
  constructor(
    reply: OutgoingReply,
    output: ClientSocket,
    head: string,
    fields: readonly string[],
    hasBody: boolean,
    canChunk: boolean,
  ) {
    this.#reply = reply
    this.#output = output
    this.#head = head
    const length = hasBody ? contentLength(fields) : undefined
    if (!hasBody) this.#framing = NONE
    else if (length !== undefined) this.#framing = LENGTH
    else this.#framing = canChunk ? CHUNKED : UNTIL_CLOSE
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

  /** Called when the client's socket has room again. */
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

  /** The head to write now; empty when it has been written already. */
  #takeHead(): string {
    const head = this.#head
    if (head === '') return ''
    this.#head = ''
    if (this.#flush !== undefined) clearImmediate(this.#flush)
    this.#flush = undefined
    return head
  }
}

/** The value of Content-Length; undefined without that field. Throws a TypeError if it is not a number of bytes. */
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
