import type { ClientHttp2Stream } from 'node:http2'
import type { ByteSink, Reply, ResponseHead } from '../../http/exchange.ts'
import { passingTrailers } from '../trailer-fields.ts'

/** Copies one response to the reply. Life: from its head to its end; owned by its delivery. */
export class ReplyRelay {
  /** Whether the client is slower than the application, so that the stream is paused. */
  full = false
  readonly #stream: ClientHttp2Stream
  readonly #sink: ByteSink

  constructor(reply: Reply, head: ResponseHead, stream: ClientHttp2Stream) {
    this.#stream = stream
    this.#sink = reply.begin(head)
    this.#sink.onDrain(() => {
      this.full = false
      stream.resume()
    })
  }

  gave(chunk: Uint8Array): void {
    if (this.#sink.write(chunk)) return
    this.full = true
    this.#stream.pause()
  }

  completed(trailers: readonly string[] | undefined): void {
    this.#sink.end(passingTrailers(trailers))
  }
}
