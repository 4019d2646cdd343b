import type { Socket } from 'node:net'
import { resetSocket } from '../../platform/reset-socket.ts'
import type { SendQueues } from '../../platform/send-queues.ts'
import { WriteProgress } from '../write-progress.ts'

/** A client's socket, plain or TLS, as its connection and its reply use it. */
export class ClientSocket {
  /** It is a TLS socket: that copies what it is given, and never has it sent within the call. */
  readonly copies: boolean
  readonly #socket: Socket
  readonly #progress: WriteProgress
  #paused = false

  constructor(socket: Socket, queues: SendQueues) {
    this.#socket = socket
    this.#progress = new WriteProgress(socket, queues)
    this.copies = 'encrypted' in socket
  }

  /** Bytes that the system has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength
  }

  /** So much is unsent that nothing should be added; `drain` follows. */
  get full(): boolean {
    return this.#socket.writableNeedDrain
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

  /** Stops or resumes the reading of what the client sends. */
  pause(pause: boolean): void {
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }

  /** Bytes for the client have lain here for longer than `limit` without one of them moving. Asked at each sweep. */
  stalls(now: number, limit: number): boolean {
    return this.#progress.stalls(now, limit)
  }

  /** What has been written, and then our end; the client may still send. */
  end(): void {
    this.#socket.end()
  }

  /**
   * What has been written, and then the end of both directions: for a client of which nothing more is to come. Where the system
   * has all bytes already this saves the shutdown and the wait for the client's end.
   */
  close(): void {
    if (this.unsent > 0 || this.copies) this.#socket.destroySoon()
    else this.#socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends the connection so that the client cannot take what it has for the whole of anything. */
  reset(): void {
    resetSocket(this.#socket)
  }
}
