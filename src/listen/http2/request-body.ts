import { Lent } from '../../http/lent.ts'
import { FlowingBody } from '../body/flowing-body.ts'
import type { Http2Stream } from './stream.ts'
import { type InputTaker, StreamInput } from './stream-input.ts'

/** Where the bytes of bodies are counted: their connection. */
export interface BodyAccount {
  bodyBytes: number
}

/**
 * The body of one request over an HTTP/2 stream. Life: from the start of the exchange until the body is complete, it
 * fails, or destroy() is called; owned by its exchange.
 */
export class Http2Body extends FlowingBody implements InputTaker {
  readonly #input: StreamInput
  readonly #account: BodyAccount
  readonly #onWanted: (() => void) | undefined

  /** `onWanted` is called when a sink first wants bytes, to send the 100 (Continue) that the client waits for. */
  constructor(
    stream: Http2Stream,
    account: BodyAccount,
    length: number | undefined,
    onWanted: (() => void) | undefined,
  ) {
    super(length)
    this.#input = new StreamInput(stream, this)
    stream.input = this.#input
    this.#account = account
    this.#onWanted = onWanted
  }

  /** Whether every byte has arrived and was taken. */
  get complete(): boolean {
    return this.hasEnded
  }

  took(chunk: Buffer): boolean {
    this.#account.bodyBytes += chunk.length
    const sink = this.counted(chunk)
    if (sink === undefined) return false
    const outcome = sink.lend?.(chunk) ?? (sink.write(chunk) ? Lent.kept : Lent.full)
    if (outcome === Lent.full) this.sinkIsFull()
    return outcome !== Lent.done
  }

  inputEnded(trailers: readonly string[] | undefined): void {
    this.ended(trailers)
  }

  protected begin(): void {
    this.#onWanted?.()
  }

  protected flow(flowing: boolean): void {
    this.#input.flow(flowing)
  }

  protected drop(): void {
    this.#input.drop()
  }
}
