import { connectRaw, type RawSocket } from './raw-client.ts'

/** A request that the app has begun to answer, while it waits for the only byte of the request's body. */
export class HeldRequest {
  readonly #socket: RawSocket

  /** Resolves when the answer has begun. */
  static async open(port: number): Promise<HeldRequest> {
    const socket = await connectRaw(port)
    socket.send('POST /ReadAndCountRequestBody HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n')
    await socket.until(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n[\s\S]*\d/)
    return new HeldRequest(socket)
  }

  private constructor(socket: RawSocket) {
    this.#socket = socket
  }

  /** Sends the byte and waits for the end of the connection; resolves with everything that was received. */
  finish(): Promise<string> {
    this.#socket.send('x')
    return this.#socket.untilEnded()
  }
}

/** The end of a complete answer to a HeldRequest: the last chunk with data and the final empty chunk. */
export const wholeAnswer = /done\r\n0\r\n\r\n$/
