import type { Socket } from 'node:net'

/** The length of CR LF in bytes. */
const EMPTY_LINE = 2

/**
 * Tells whether a part of the next request head has come on a socket. It counts the socket's bytes, because node's
 * parser reports complete heads only.
 */
export class HeadArrival {
  readonly #socket: Socket
  #bytesBefore = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Called when an exchange is over: the bytes that come from now on belong to the next head. */
  awaitHead(): void {
    this.#bytesBefore = this.#socket.bytesRead
  }

  /** Whether more has come than the empty line that some clients send after a body (RFC 9112 2.2). */
  get hasBegun(): boolean {
    return this.#socket.bytesRead - this.#bytesBefore > EMPTY_LINE
  }
}
