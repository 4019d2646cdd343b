import type { Socket } from 'node:net'
import { Lent } from '../../http/lent.ts'
import { resetSocket } from '../../platform/reset-socket.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import { WriteProgress } from '../write-progress.ts'

/** A client's socket, plain or TLS: what the client's connection and its replies need of it. */
export class ClientSocket {
  readonly isTls: boolean
  readonly #socket: Socket
  readonly #progress: WriteProgress
  #paused = false

  constructor(socket: Socket, queues: SendQueues) {
    this.#socket = socket
    this.#progress = new WriteProgress(socket, queues)
    this.isTls = 'encrypted' in socket
  }

  /** How many written bytes the operating system has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  /** Whether so much is unsent that the caller should write nothing more until the socket's `drain` event. */
  get full(): boolean {
    return this.#socket.writableNeedDrain
  }

  /** Returns false when the socket is full, until its `drain` event. */
  write(chunk: Uint8Array): boolean {
    return this.#socket.write(chunk)
  }

  /** Writes text in Latin-1; returns as write(). */
  writeText(text: string): boolean {
    return this.#socket.write(text, 'latin1')
  }

  /** Writes `before` in Latin-1, the chunk and `after` in Latin-1 in one system call; returns as write(). */
  writeAll(before: string, chunk: Uint8Array, after: string): boolean {
    const socket = this.#socket
    socket.cork()
    if (before !== '') socket.write(before, 'latin1')
    let hasRoom = socket.write(chunk)
    if (after !== '') hasRoom = socket.write(after, 'latin1')
    socket.uncork()
    return hasRoom
  }

  /** Writes `before` in Latin-1 and the bytes, of which the caller wants to use the buffer again; returns a value of Lent. */
  lend(before: string, bytes: Uint8Array): number {
    // TLS encrypts into a buffer of its own, at once unless other bytes wait before these.
    const isCopied = this.isTls && this.unsent === 0
    const hasRoom = before === '' ? this.write(bytes) : this.writeAll(before, bytes, '')
    if (this.unsent === 0 || (isCopied && hasRoom)) return Lent.done
    return hasRoom ? Lent.kept : Lent.full
  }

  /** Stops (true) or resumes (false) reading what the client sends. */
  pause(pause: boolean): void {
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }

  /** See WriteProgress. */
  hasStalled(now: number, limitMs: number): boolean {
    return this.#progress.hasStalled(now, limitMs)
  }

  /** Ends the sending direction after everything written so far; the client may still send. */
  end(): void {
    this.#socket.end()
  }

  /**
   * Closes both directions after everything written so far, for a client that will send nothing more. When the
   * operating system has taken all bytes of a plain socket, it is closed at once, which saves the call of shutdown.
   */
  close(): void {
    if (this.unsent > 0 || this.isTls) this.#socket.destroySoon()
    else this.#socket.destroy()
  }

  /** Closes the socket at once; bytes that are still unsent are lost. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Resets the connection, so that the client cannot take what it has received for a complete response. */
  reset(): void {
    resetSocket(this.#socket)
  }
}
