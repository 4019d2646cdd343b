import { type ClientHttp2Stream, constants } from 'node:http2'
import type { ByteSink, Exchange, Tunnel, Upgrade } from '../../http/exchange.ts'
import { fieldsBehind } from '../../http/response-fields.ts'
import { type BrokenTunnel, joinTunnels } from '../tunnels.ts'
import { switchFields } from './response-head.ts'

const { NGHTTP2_CANCEL, NGHTTP2_CONNECT_ERROR } = constants

/**
 * Accepts an upgrade that the application has accepted with a 200, and joins the client with the application's stream.
 * `onOver`: as in joinTunnels(). Returns both ends.
 */
export function openTunnel(
  exchange: Exchange,
  upgrade: Upgrade,
  fields: readonly string[],
  stream: ClientHttp2Stream,
  onOver: (broken?: BrokenTunnel) => void,
): { readonly client: Tunnel; readonly application: ApplicationTunnel } {
  const own = switchFields(exchange, fields)
  const headers = [...own, ...fieldsBehind(own, exchange.reply.responseFields)]
  const application = new ApplicationTunnel(stream)
  const client = upgrade.accept({ status: 101, reason: 'Switching Protocols', headers })
  joinTunnels(exchange, client, application, onOver)
  return { client, application }
}

/**
 * A stream that has become a tunnel (RFC 8441). Its incoming bytes are given to it by the delivery, which listens to
 * the stream. Life: from the 200 to the close of the stream; owned by its delivery. An end in one direction leaves the
 * other open.
 */
export class ApplicationTunnel implements Tunnel {
  readonly source: Tunnel['source']
  readonly sink: ByteSink
  readonly #stream: ClientHttp2Stream
  #to: ByteSink | undefined
  #isOver = false

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream
    this.source = {
      into: (sink) => {
        this.#to = sink
        sink.onDrain(() => {
          stream.resume()
        })
        stream.resume()
      },
      pause: () => stream.pause(),
      resume: () => stream.resume(),
      destroy: () => {
        this.#isOver = true
        stream.close(NGHTTP2_CANCEL)
      },
    }
    this.sink = {
      // Writes to a stream that has ended are dropped: its source reports the end.
      write: (chunk) => stream.destroyed || stream.closed || stream.writableEnded || stream.write(chunk),
      end: () => {
        if (!stream.destroyed) stream.end()
      },
      fail: () => {
        stream.close(NGHTTP2_CONNECT_ERROR)
      },
      onDrain: (listener) => {
        stream.on('drain', listener)
      },
    }
    stream.pause()
  }

  destroy(): void {
    this.#isOver = true
    this.#stream.close(NGHTTP2_CANCEL)
  }

  gave(chunk: Uint8Array): void {
    if (!this.#isOver && this.#to?.write(chunk) === false) this.#stream.pause()
  }

  ended(): void {
    this.#report((to) => {
      to.end()
    })
  }

  broke(cause: Error): void {
    this.#report((to) => {
      to.fail(cause)
    })
  }

  #report(report: (to: ByteSink) => void): void {
    if (this.#isOver || this.#to === undefined) return
    this.#isOver = true
    report(this.#to)
  }
}
