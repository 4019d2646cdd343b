import { http1Limits } from '../../http1/limits.ts'

/** The size of the shared buffer: enough for nearly every head with the body of a small request. */
const HEAD_BYTES = 8_192
/** The most bytes of a tunnel that one read takes. */
const TUNNEL_BYTES = 65_536
/** The size of a body's buffer: all bytes of a body that may wait to be forwarded. */
const BODY_BYTES = http1Limits.waitingBytes
/** How many body buffers are kept for later bodies. */
const MAX_SPARES = 32

/** The buffers into which the connections of one front read. Each is used again once nothing refers to its bytes. */
export class ClientBuffers {
  /** Shared by all connections: its bytes are used or copied before the read event is over. */
  readonly shared = Buffer.allocUnsafeSlow(HEAD_BYTES)
  readonly #spares: Buffer[] = []
  #tunnel: Buffer | undefined

  /** Shared like `shared`, for connections that have become tunnels. */
  get tunnel(): Buffer {
    this.#tunnel ??= Buffer.allocUnsafeSlow(TUNNEL_BYTES)
    return this.#tunnel
  }

  /** A buffer for one connection alone, while it reads a body. */
  take(): Buffer {
    return this.#spares.pop() ?? Buffer.allocUnsafeSlow(BODY_BYTES)
  }

  /** Returns a buffer from take(), when nothing refers to its bytes and the socket does not read into it. */
  giveBack(buffer: Buffer): void {
    if (this.#spares.length < MAX_SPARES) this.#spares.push(buffer)
  }
}
