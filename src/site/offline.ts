import { readFile } from 'node:fs/promises'
import { answerOffline } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { Clock } from '../platform/clock.ts'
import { deferred } from '../platform/deferred.ts'
import type { OnRefused, Presence } from './presence.ts'

/** How long requests wait for the contents of an app_offline.htm that is empty, as it is when it has just been made. */
const writingMs = 2000

/**
 * The bytes of app_offline.htm; no bytes if the file cannot be read, because such a file takes the application offline
 * too, as in ANCM. Undefined: the file has gone again, so the application is not offline.
 */
export async function readOfflinePage(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : new Uint8Array()
  }
}

/**
 * The presence of an offline application: it answers 503 with the unchanged bytes of app_offline.htm. The page tells a
 * deployment that it can replace the application's files, so requests wait for it until the old process has ended
 * (within its shutdownTimeLimit), as in ANCM V2. They also wait a moment for the contents of a file that is still empty.
 * Owner: Application.
 */
export class Offline implements Presence {
  readonly name = 'offline'
  /** Resolves when no process of the application is left. */
  readonly gone: Promise<void>
  readonly #onRefused: OnRefused
  readonly #ready: Promise<unknown>
  readonly #written = deferred<undefined>()
  #page: Uint8Array
  #isReady = false
  #next: Presence | undefined
  readonly #noLongerWait = (): void => {
    this.#written.resolve(undefined)
  }

  constructor(page: Uint8Array, gone: Promise<void>, clock: Clock, onRefused: OnRefused) {
    this.#page = page
    this.#onRefused = onRefused
    this.gone = gone
    this.#ready = Promise.all([gone, this.#written.promise]).then(() => {
      this.#isReady = true
    })
    if (page.byteLength > 0) this.#noLongerWait()
    else void this.#written.promise.then(clock.after(writingMs, this.#noLongerWait))
  }

  /**
   * Takes the changed file's bytes. An empty file is probably still being written, so the previous page is kept, as in
   * ANCM.
   */
  show(page: Uint8Array): void {
    if (page.byteLength === 0) return
    this.#page = page
    this.#noLongerWait()
  }

  /** Another presence has taken over. Requests that still wait for the contents of the file go to it. */
  replacedBy(next: Presence): void {
    this.#next = next
    this.#noLongerWait()
  }

  serve(exchange: Exchange): Promise<void> | undefined {
    if (this.#isReady) return this.#answer(exchange)
    return this.#ready.then(() => this.#answer(exchange))
  }

  retire(): Promise<void> {
    this.#noLongerWait()
    return this.gone
  }

  destroy(): void {
    // Processes that are still ending belong to the presence before this one.
    this.#noLongerWait()
  }

  #answer(exchange: Exchange): Promise<void> | undefined {
    if (exchange.reply.gone) return undefined
    if (this.#page.byteLength === 0 && this.#next !== undefined) return this.#next.serve(exchange)
    sendAnswer(exchange, answerOffline(this.#page))
    this.#onRefused(exchange, { kind: 'offline' }, 'app_offline.htm')
    return undefined
  }
}
