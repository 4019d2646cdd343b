import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ByteSink, ByteSource, ResponseHead, Tunnel, Upgrade } from '../../http/exchange.ts'
import type { BodyAccount } from './request-body.ts'
import { OutgoingFields } from './response-head.ts'

const { NGHTTP2_CANCEL, NGHTTP2_CONNECT_ERROR, NGHTTP2_NO_ERROR } = constants

/** Makes the Upgrade of a WebSocket handshake (RFC 8441). When it is accepted, `leaveHttp` is called. */
export function offerTunnel(stream: ServerHttp2Stream, account: BodyAccount, leaveHttp: () => void): Upgrade {
  const accept = (head: ResponseHead): Tunnel => {
    leaveHttp()
    if (!stream.destroyed && !stream.closed) {
      const outgoing = new OutgoingFields()
      outgoing.fields[':status'] = 200
      outgoing.add(head.headers)
      stream.respond(outgoing.fields)
    }
    return new StreamTunnel(stream, account)
  }
  return { protocol: 'websocket', accept }
}

/**
 * A stream as the two directions of a Tunnel. Life: from the 200 to the close of the stream; owned by the code that
 * joins it to the other side. An end in one direction leaves the other open.
 */
class StreamTunnel implements Tunnel, ByteSource, ByteSink {
  readonly source: ByteSource = this
  readonly sink: ByteSink = this
  readonly #stream: ServerHttp2Stream
  readonly #account: BodyAccount
  #to: ByteSink | undefined
  #isOver = false

  constructor(stream: ServerHttp2Stream, account: BodyAccount) {
    this.#stream = stream
    this.#account = account
  }

  into(to: ByteSink): void {
    if (this.#to !== undefined) throw new Error('a source flows once')
    this.#to = to
    const stream = this.#stream
    if (stream.destroyed) {
      to.fail(new Error('the stream had ended before it was joined'))
      return
    }
    to.onDrain(() => {
      stream.resume()
    })
    stream.on('data', (chunk: Uint8Array) => {
      this.#account.bodyBytes += chunk.length
      if (!this.#isOver && !to.write(chunk)) stream.pause()
    })
    stream.once('end', () => {
      // The library ends the stream also when the client resets it.
      if (stream.rstCode === NGHTTP2_NO_ERROR) this.#finish(undefined)
      else this.#finish(new Error('the client reset the stream'))
    })
    stream.once('close', () => {
      this.#finish(new Error('the stream ended without an orderly end'))
    })
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  destroy(): void {
    this.#isOver = true
    this.#stream.close(NGHTTP2_CANCEL)
  }

  write(chunk: Uint8Array): boolean {
    const stream = this.#stream
    // Writes to a stream that has ended are dropped: the source reports the end.
    return stream.destroyed || stream.writableEnded ? true : stream.write(chunk)
  }

  end(): void {
    this.#stream.end()
  }

  /** Resets the stream, so that what was sent cannot be taken for complete. */
  fail(): void {
    this.#stream.close(NGHTTP2_CONNECT_ERROR)
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener)
  }

  #finish(broken: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    if (broken === undefined) this.#to?.end()
    else this.#to?.fail(broken)
  }
}
