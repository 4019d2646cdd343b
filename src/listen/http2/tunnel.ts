import { createHash, randomBytes } from 'node:crypto'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ByteSink, ByteSource, ResponseHead, Tunnel, Upgrade } from '../../http/exchange.ts'
import type { BodyAccount } from './request-body.ts'
import { OutgoingFields } from './response-head.ts'

const { NGHTTP2_CANCEL, NGHTTP2_CONNECT_ERROR } = constants

/** RFC 6455 1.3: what a server appends to the key. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Makes the Upgrade of a WebSocket handshake over HTTP/2 (RFC 8441). It has no key; the application speaks HTTP/1.1 and
 * wants one, so `fields` has a new one, and its answer is checked. When it is accepted, `leaveHttp` is called.
 */
export function offerTunnel(
  stream: ServerHttp2Stream,
  account: BodyAccount,
  clientFields: readonly string[],
  leaveHttp: () => void,
): { readonly upgrade: Upgrade; readonly fields: readonly string[] } {
  const key = randomBytes(16).toString('base64')
  const fields: string[] = []
  for (let i = 0; i < clientFields.length; i += 2) {
    if (clientFields[i] !== 'sec-websocket-key') fields.push(clientFields[i] as string, clientFields[i + 1] as string)
  }
  fields.push('sec-websocket-key', key)
  const accept = (answer: ResponseHead): Tunnel => {
    leaveHttp()
    const tunnel = new StreamTunnel(stream, account)
    const kept: string[] = []
    let accepted: string | undefined
    for (let i = 0; i < answer.headers.length; i += 2) {
      const name = answer.headers[i] as string
      const value = answer.headers[i + 1] as string
      if (name.toLowerCase() === 'sec-websocket-accept') accepted = value
      else kept.push(name, value)
    }
    if (stream.destroyed || stream.closed) return tunnel
    // An application that speaks HTTP/2 itself sends none.
    if (accepted !== undefined && accepted !== acceptOf(key)) {
      stream.close(NGHTTP2_CONNECT_ERROR)
      return tunnel
    }
    const head = new OutgoingFields()
    head.fields[':status'] = 200
    head.add(kept)
    stream.respond(head.fields)
    return tunnel
  }
  return { upgrade: { protocol: 'websocket', accept }, fields }
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${WEBSOCKET_GUID}`).digest('base64')
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
  #isDestroyed = false

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
      if (this.#isOver) return
      if (!to.write(chunk)) stream.pause()
    })
    stream.once('end', () => {
      if (this.#isOver) return
      this.#isOver = true
      to.end()
    })
    stream.once('close', () => {
      if (this.#isOver) return
      this.#isOver = true
      to.fail(new Error('the client reset the stream'))
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
    if (this.#isDestroyed) return
    this.#isDestroyed = true
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

  fail(): void {
    this.#stream.close(NGHTTP2_CONNECT_ERROR)
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener)
  }
}
