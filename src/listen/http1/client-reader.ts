import type { Socket } from 'node:net'
import { readIntoBuffers } from '../../platform/accepted-reads.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { HeadInput } from './head-input.ts'
import type { PendingInput } from './pending-input.ts'
import type { Http1RequestBody } from './request-body.ts'

/** The values of #mode: bytes are added to the pending input, discarded, or left to the tunnel. */
const HTTP = 0
const DISCARD = 1
const TUNNEL = 2

/**
 * Adds the bytes from one client to the pending input of its connection. It reads into reusable buffers if the socket
 * supports that, and otherwise listens to `data` events. Life: from accept until the socket closes.
 */
export class ClientReader {
  /** The body of the newest request; undefined if it has none. */
  body: Http1RequestBody | undefined
  readonly #socket: Socket
  readonly #input: PendingInput
  readonly #heads: HeadInput
  readonly #context: ConnectionContext
  readonly #onInput: () => void
  #mode = HTTP
  /** Whether the last read filled the shared buffer, so that more bytes are probably waiting. */
  #comesFast = false

  /** `onInput` is called after bytes have been added to the pending input. */
  constructor(socket: Socket, input: PendingInput, heads: HeadInput, context: ConnectionContext, onInput: () => void) {
    this.#socket = socket
    this.#input = input
    this.#heads = heads
    this.#context = context
    this.#onInput = onInput
    const isBuffered = readIntoBuffers(socket, {
      buffer: () => this.#next(),
      callback: (length, buffer) => this.#onRead(length, buffer),
    })
    if (!isBuffered) socket.on('data', this.#onData)
  }

  /** Discards all bytes that come from now on. */
  stop(): void {
    this.#mode = DISCARD
  }

  /** Leaves all bytes from now on to the listeners of the socket, because the connection becomes a tunnel. */
  leave(): void {
    this.#mode = TUNNEL
    this.#socket.off('data', this.#onData)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#mode !== HTTP) return
    if (this.#input.append(chunk)) this.#heads.moved(this.#input)
    this.#onInput()
  }

  #onRead(length: number, buffer: Buffer): boolean {
    if (this.#mode === TUNNEL) return this.#socket.push(Buffer.from(buffer.subarray(0, length)))
    if (this.#mode === DISCARD) return true
    const input = this.#input
    const { buffers, shared } = this.#context
    this.#comesFast = length >= buffers.shared.length
    if (input.came(buffer, length)) this.#heads.moved(input)
    this.#onInput()
    // The next read overwrites the bytes from which the shared head was parsed.
    shared.forget()
    if (input.keep(this.#awaitsBody)) this.#heads.moved(input)
    return true
  }

  #next(): Buffer {
    const { buffers } = this.#context
    return this.#mode === TUNNEL ? buffers.tunnel : this.#input.next(buffers, this.#awaitsBody)
  }

  /** Whether so much of a body is still to come, and so fast, that a large buffer is worth its cost. */
  get #awaitsBody(): boolean {
    return this.#comesFast && this.#mode === HTTP && this.body?.awaits(this.#input.length) === true
  }
}
