import type { ByteSink, ByteSource, ResponseHead, Tunnel, Upgrade } from '../../http/exchange.ts'
import { Http2Code } from './frames/frame-codes.ts'
import type { BodyAccount } from './request-body.ts'
import { addOutgoing } from './response-head.ts'
import type { Http2Stream, StreamListener } from './stream.ts'
import { type InputTaker, StreamInput } from './stream-input.ts'

/** Makes the Upgrade of a WebSocket handshake (RFC 8441). When it is accepted, `leaveHttp` is called with the tunnel. */
export function offerTunnel(
  stream: Http2Stream,
  account: BodyAccount,
  leaveHttp: (tunnel: StreamListener) => void,
): Upgrade {
  const tunnel = new StreamTunnel(stream, account)
  const accept = (head: ResponseHead): Tunnel => {
    leaveHttp(tunnel)
    const fields: string[] = []
    addOutgoing(head.headers, fields)
    stream.endsWithResponse = false
    stream.respond(200, fields)
    return tunnel
  }
  return { protocol: 'websocket', accept }
}

/**
 * A stream as the two directions of a Tunnel. Life: from the 200 to the close of the stream; owned by the code that
 * joins it to the other side. An end in one direction leaves the other open.
 */
class StreamTunnel implements Tunnel, ByteSource, ByteSink, InputTaker, StreamListener {
  readonly source: ByteSource = this
  readonly sink: ByteSink = this
  readonly #stream: Http2Stream
  readonly #input: StreamInput
  readonly #account: BodyAccount
  #to: ByteSink | undefined
  #isOver = false
  #onDrain: (() => void) | undefined

  constructor(stream: Http2Stream, account: BodyAccount) {
    this.#stream = stream
    this.#account = account
    this.#input = new StreamInput(stream, this)
    stream.input = this.#input
  }

  into(to: ByteSink): void {
    if (this.#to !== undefined) throw new Error('a source flows once')
    this.#to = to
    if (this.#stream.isClosed) {
      to.fail(new Error('the stream had ended before it was joined'))
      return
    }
    to.onDrain(() => {
      this.#input.flow(true)
    })
    this.#input.flow(true)
  }

  pause(): void {
    this.#input.flow(false)
  }

  resume(): void {
    this.#input.flow(true)
  }

  destroy(): void {
    this.#isOver = true
    this.#stream.reset(Http2Code.cancel)
  }

  /** Writes to a stream that has ended are dropped: the source reports the end. */
  write(chunk: Uint8Array): boolean {
    return this.#stream.write(chunk)
  }

  end(): void {
    this.#stream.end()
  }

  /** Resets the stream, so that what was sent cannot be taken for complete. */
  fail(): void {
    this.#stream.reset(Http2Code.connectError)
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  took(chunk: Buffer): boolean {
    this.#account.bodyBytes += chunk.length
    if (!this.#isOver && this.#to?.write(chunk) === false) this.#input.flow(false)
    return true
  }

  inputEnded(): void {
    this.#finish(undefined)
  }

  streamDrained(): void {
    this.#onDrain?.()
  }

  streamClosed(): void {
    this.#finish(new Error('the stream ended without an orderly end'))
  }

  #finish(broken: Error | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    if (broken === undefined) this.#to?.end()
    else this.#to?.fail(broken)
  }
}
