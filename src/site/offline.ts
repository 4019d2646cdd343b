import { readFile } from 'node:fs/promises'
import { answerOffline } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Clock } from '../platform/clock.ts'
import type { OnRefused, Presence } from './presence.ts'

/** Milliseconds in which a file that was just made is written: until then it is empty. */
const writing = 100

/** The bytes of app_offline.htm. One that cannot be read counts too: its page is empty then, as in ANCM. */
export async function readOfflinePage(file: string, clock: Clock): Promise<Uint8Array> {
  const page = await bytesOf(file)
  if (page.byteLength > 0) return page
  await new Promise<void>((resolve) => {
    clock.after(writing, resolve)
  })
  return bytesOf(file)
}

function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch(() => new Uint8Array())
}

/**
 * app_offline.htm, present in the application's place: 503 with the file's bytes as they are. Who sees the page may replace
 * the application's files, so while the old process is still ending, requests wait for that end (bounded by its
 * shutdownTimeLimit), as they do in ANCM V2. Owner: Application.
 */
export class Offline implements Presence {
  readonly name = 'offline'
  /** Resolves when no process of the application is left. */
  readonly gone: Promise<void>
  readonly #onRefused: OnRefused
  #page: Uint8Array
  #isGone = false

  constructor(page: Uint8Array, gone: Promise<void>, onRefused: OnRefused) {
    this.#page = page
    this.#onRefused = onRefused
    this.gone = gone.then(() => {
      this.#isGone = true
    })
  }

  /** The file was changed. One that is empty now is being written: what it said before is shown on, as in ANCM. */
  show(page: Uint8Array): void {
    if (page.byteLength > 0) this.#page = page
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
    if (exchange.reply.gone) return
    exchange.reply.answer(answerOffline(this.#page))
    this.#onRefused(exchange, { kind: 'offline' }, 'app_offline.htm')
  }
}
