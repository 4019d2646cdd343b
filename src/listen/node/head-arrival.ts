import type { Socket } from 'node:net'

/** Bytes of CR LF. */
const EMPTY_LINE = 2

/** Whether some of the next head has come on a socket: node's parser tells of whole heads only, so its bytes are counted. */
export class HeadArrival {
  readonly #socket: Socket
  #bytesBefore = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** An exchange is over: what comes from now on is the next head. */
  awaitHead(): void {
    this.#bytesBefore = this.#socket.bytesRead
  }

  /** More has come than the empty line that some clients send behind a body (RFC 9112 2.2). */
  get hasBegun(): boolean {
    return this.#socket.bytesRead - this.#bytesBefore > EMPTY_LINE
  }
}
