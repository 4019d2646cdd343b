import type { Socket } from 'node:net'

/** The sending half of a client's socket. */
export class ClientOutput {
  /** A TLS socket copies what it is given, and never has it sent within the call. */
  readonly copies: boolean
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.copies = 'encrypted' in socket
  }

  /** Bytes that the system has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  /** False: full, until the socket drains. */
  write(chunk: Uint8Array): boolean {
    return this.#socket.write(chunk)
  }

  /** Latin-1. */
  writeText(text: string): boolean {
    return this.#socket.write(text, 'latin1')
  }

  /** Text, bytes, text: in one write to the system. */
  writeAll(before: string, chunk: Uint8Array, after: string): boolean {
    const socket = this.#socket
    socket.cork()
    if (before !== '') socket.write(before, 'latin1')
    let hasRoom = socket.write(chunk)
    if (after !== '') hasRoom = socket.write(after, 'latin1')
    socket.uncork()
    return hasRoom
  }

  /** Ends the connection so that the client cannot take what it has for the whole of anything. */
  reset(): void {
    // Over TLS a missing close_notify says the same as a reset.
    if (this.copies) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }
}
