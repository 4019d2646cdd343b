import type { Socket } from 'node:net'
import { resetSocket } from '../platform/reset-socket.ts'
import type { ByteSink, ByteSource, Tunnel } from './exchange.ts'

/**
 * A socket that has left HTTP, as the two directions of a Tunnel. Life: from the 101 to the end of the socket; owned by
 * the code that joins it to the other side. The socket allows half-close: an end in one direction leaves the other
 * open.
 */
export class SocketTunnel implements Tunnel {
  readonly source: ByteSource
  readonly sink: ByteSink
  readonly #socket: Socket

  /** `early`: bytes that were already read after the head; they come first in the source. */
  constructor(socket: Socket, early: Uint8Array) {
    this.#socket = socket
    // Every error is followed by `close`, to which the source listens.
    socket.on('error', () => undefined)
    this.source = new SocketSource(socket, early)
    this.sink = new SocketSink(socket)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

class SocketSource implements ByteSource {
  readonly #socket: Socket
  readonly #early: Uint8Array
  #sink: ByteSink | undefined
  #over = false

  constructor(socket: Socket, early: Uint8Array) {
    this.#socket = socket
    this.#early = early
  }

  into(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new Error('a source flows once')
    this.#sink = sink
    const socket = this.#socket
    if (socket.closed) {
      sink.fail(new Error('the connection had ended before it was joined'))
      return
    }
    sink.onDrain(() => {
      socket.resume()
    })
    socket.on('data', this.#onData)
    // The socket may have been paused before, so that no bytes were lost.
    socket.resume()
    socket.once('end', () => {
      this.#finish((to) => {
        to.end()
      })
    })
    // `close` without `end`: the other side reset the connection, or the socket was destroyed here.
    socket.once('close', () => {
      this.#finish((to) => {
        to.fail(new Error('the connection ended without an orderly end'))
      })
    })
    if (this.#early.length > 0) this.#onData(this.#early)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#over = true
    this.#socket.off('data', this.#onData)
    this.#socket.resume()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.#over || this.#sink === undefined) return
    if (!this.#sink.write(chunk)) this.#socket.pause()
  }

  #finish(report: (sink: ByteSink) => void): void {
    if (this.#over || this.#sink === undefined) return
    this.#over = true
    report(this.#sink)
  }
}

class SocketSink implements ByteSink {
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  write(chunk: Uint8Array): boolean {
    // Writes to a socket that has ended are dropped: its source reports the end.
    return this.#socket.writable ? this.#socket.write(chunk) : true
  }

  end(): void {
    this.#socket.end()
  }

  /** Resets the connection, so that what was sent cannot be taken for complete. */
  fail(): void {
    resetSocket(this.#socket)
  }

  onDrain(listener: () => void): void {
    this.#socket.on('drain', listener)
  }
}
