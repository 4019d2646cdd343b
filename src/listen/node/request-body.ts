import type { IncomingMessage } from 'node:http'
import { FlowingBody } from '../body/flowing-body.ts'

/** Unread bodies of at most this many bytes are read and discarded; beyond it, ending the connection is cheaper. */
const MAX_DISCARDED_BYTES = 65_536

/**
 * The body of one request over node's IncomingMessage. Life: from the start of the exchange until the message is
 * complete, the body fails, or destroy() is called; owned by its request slot.
 */
export class NodeBody extends FlowingBody {
  readonly #req: IncomingMessage
  /** Called when a sink first wants bytes, to send the 100 (Continue) that the client waits for. */
  readonly #onWanted: (() => void) | undefined
  /** Whether the trailer section was malformed, so that the bytes after it cannot be trusted to be a request. */
  #misframed = false

  constructor(req: IncomingMessage, length: number | undefined, onWanted: (() => void) | undefined) {
    super(length)
    this.#req = req
    this.#onWanted = onWanted
  }

  /** Whether every byte has arrived. */
  get complete(): boolean {
    return this.#req.complete
  }

  /** Whether bytes are still to come that will not be read, so that no later request can be found on the connection. */
  get abandoned(): boolean {
    if (this.#misframed) return true
    if (this.complete) return false
    if (this.over) return true
    if (this.sink !== undefined) return false
    return this.#onWanted !== undefined || this.length === undefined || this.length > MAX_DISCARDED_BYTES
  }

  /** Whether a response that is complete now must be the last, because the rest of this body is not waited for. */
  get unfinished(): boolean {
    return this.abandoned || (this.sink !== undefined && !this.complete)
  }

  protected begin(): void {
    this.#onWanted?.()
    this.#req.on('data', this.#onData)
    this.#req.once('end', this.#onEnd)
  }

  protected flow(flowing: boolean): void {
    if (flowing) this.#req.resume()
    else if (!this.over) this.#req.pause()
  }

  protected drop(): void {
    this.#req.off('data', this.#onData)
    this.#req.off('end', this.#onEnd)
    // The rest is read and discarded, because some clients read the answer only after they have sent everything.
    if (this.sink !== undefined) this.#req.resume()
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (this.counted(chunk)?.write(chunk) === false) this.sinkIsFull()
  }

  readonly #onEnd = (): void => {
    const { rawTrailers } = this.#req
    this.#misframed = !this.ended(rawTrailers.length === 0 ? undefined : rawTrailers)
  }
}
