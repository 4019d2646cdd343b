import type { Socket } from 'node:net'
import { readIntoBuffers } from '../../platform/accepted-reads.ts'
import type { ConnectionContext } from './connection-context.ts'
import type { HeadInput } from './head-input.ts'
import type { PendingInput } from './pending-input.ts'
import type { Http1RequestBody } from './request-body.ts'

const HTTP = 0
const NOTHING = 1
const TUNNEL = 2

/**
 * Brings what comes from one client into its connection's pending input: through buffers that are read into again, where the socket
 * can do that, or else by its `data` events. Life: from accept until the socket closes.
 */
export class ClientReader {
  /** Of the newest request. */
  body: Http1RequestBody | undefined
  readonly #socket: Socket
  readonly #input: PendingInput
  readonly #heads: HeadInput
  readonly #context: ConnectionContext
  readonly #onInput: () => void
  #brings = HTTP
  /** The last read filled a small buffer: more is at hand. */
  #comesFast = false

  /** `onInput` is called when more has come. */
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

  /** What comes from now on is thrown away. */
  stop(): void {
    this.#brings = NOTHING
  }

  /** The connection leaves HTTP: what comes is for whoever listens to the socket. */
  leave(): void {
    this.#brings = TUNNEL
    this.#socket.off('data', this.#onData)
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#brings !== HTTP) return
    if (this.#input.append(chunk)) this.#heads.moved(this.#input)
    this.#onInput()
  }

  #onRead(length: number, buffer: Buffer): boolean {
    if (this.#brings === TUNNEL) return this.#socket.push(Buffer.from(buffer.subarray(0, length)))
    if (this.#brings === NOTHING) return true
    const input = this.#input
    const { buffers, shared } = this.#context
    this.#comesFast = length >= buffers.shared.length
    if (input.came(buffer, length)) this.#heads.moved(input)
    this.#onInput()
    // Other bytes will be where the shared head was read.
    shared.forget()
    if (input.keep(this.#awaitsBody)) this.#heads.moved(input)
    return true
  }

  #next(): Buffer {
    const { buffers } = this.#context
    return this.#brings === TUNNEL ? buffers.tunnel : this.#input.next(buffers, this.#awaitsBody)
  }

  /** So much of a body is certain to come, and so fast, that it is read into a large buffer. */
  get #awaitsBody(): boolean {
    return this.#comesFast && this.#brings === HTTP && this.body?.awaits(this.#input.length) === true
  }
}
