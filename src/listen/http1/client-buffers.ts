import { http1Limits } from '../../http1/limits.ts'

/** Enough for nearly every head, with the body of a small request. */
const HEAD = 8_192
/** What one event may bring of a tunnel. */
const TUNNEL = 65_536
/** All that may wait of a body, in one piece. */
const BODY = http1Limits.waitingBytes
/** Buffers for bodies that are kept for the next ones. */
const SPARE = 32

/** What the connections of a front read into. Each of them is read into again as soon as nobody refers to its bytes. */
export class ClientBuffers {
  /** Of all connections: what is in it is used or copied before the event is over. */
  readonly shared = Buffer.allocUnsafeSlow(HEAD)
  readonly #spares: Buffer[] = []
  #tunnel: Buffer | undefined

  /** As `shared`, for connections that have left HTTP. */
  get tunnel(): Buffer {
    this.#tunnel ??= Buffer.allocUnsafeSlow(TUNNEL)
    return this.#tunnel
  }

  /** For one connection alone, while it reads a body. */
  take(): Buffer {
    return this.#spares.pop() ?? Buffer.allocUnsafeSlow(BODY)
  }

  /** Nobody refers to it, and nothing is being read into it. */
  giveBack(buffer: Buffer): void {
    if (this.#spares.length < SPARE) this.#spares.push(buffer)
  }
}
