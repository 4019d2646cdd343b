import { answerOffline } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Presence } from './presence.ts'

/**
 * app_offline.htm, present in the application's place: 503 with the file's bytes as they are. Who sees the page may replace
 * the application's files, so while the old process is still ending, requests wait for that end (bounded by its
 * shutdownTimeLimit), as they do in ANCM V2. Owner: Application.
 */
export class Offline implements Presence {
  readonly name = 'offline'
  /** Resolves when no process of the application is left. */
  readonly gone: Promise<void>
  #page: Uint8Array
  #isGone = false

  constructor(page: Uint8Array, gone: Promise<void>) {
    this.#page = page
    this.gone = gone.then(() => {
      this.#isGone = true
    })
  }

  /** The file was changed. */
  show(page: Uint8Array): void {
    this.#page = page
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    if (this.#isGone) return this.#answer(exchange)
    return this.gone.then(() => this.#answer(exchange))
  }

  retire(): Promise<void> {
    return this.gone
  }

  destroy(): void {
    // The processes that are still ending belong to the presence before this one.
  }

  #answer(exchange: Exchange): undefined {
    if (!exchange.reply.gone) exchange.reply.answer(answerOffline(this.#page))
  }
}
