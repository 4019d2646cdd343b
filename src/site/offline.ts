import { readFile } from 'node:fs/promises'
import { answerOffline } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import { sendAnswer } from '../http/request-record.ts'
import type { Clock } from '../platform/clock.ts'
import type { OnRefused, Presence } from './presence.ts'

/** How long to wait for the contents of an app_offline.htm that has just been made and is still empty. */
const writingMs = 100

/**
 * The bytes of app_offline.htm; no bytes if the file cannot be read, because such a file takes the application offline
 * too, as in ANCM. Undefined: the file has gone again, so the application is not offline.
 */
export async function readOfflinePage(file: string, clock: Clock): Promise<Uint8Array | undefined> {
  const page = await bytesOf(file)
  if (page === undefined || page.byteLength > 0) return page
  await new Promise<void>((resolve) => {
    clock.after(writingMs, resolve)
  })
  return bytesOf(file)
}

async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : new Uint8Array()
  }
}

/**
 * The presence of an offline application: it answers 503 with the unchanged bytes of app_offline.htm. The page tells a
 * deployment that it can replace the application's files, so requests wait for it until the old process has ended
 * (within its shutdownTimeLimit), as in ANCM V2. Owner: Application.
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

  /**
   * Takes the changed file's bytes. An empty file is probably still being written, so the previous page is kept, as in
   * ANCM.
   */
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
    // There is nothing to end: processes that are still ending belong to the presence before this one.
  }

  #answer(exchange: Exchange): undefined {
    if (exchange.reply.gone) return
    sendAnswer(exchange, answerOffline(this.#page))
    this.#onRefused(exchange, { kind: 'offline' }, 'app_offline.htm')
  }
}
