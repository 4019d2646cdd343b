import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** Lines that may wait for the disk before more are dropped. */
const mostWaiting = 1000

/**
 * handlerSetting debugFile: lines of text, appended. The file is opened for each batch of lines and closed again, so that there
 * is nothing to own: it may be moved or deleted at any time, and lines are few. A line that cannot be written is lost; the first
 * loss is told, once.
 */
export class DebugFile {
  readonly path: string
  readonly #onFailure: (code: string) => void
  #waiting: string[] = []
  #writing: Promise<void> | undefined
  #hasFailed = false

  constructor(path: string, onFailure: (code: string) => void) {
    this.path = path
    this.#onFailure = onFailure
  }

  /** One line, without its end. Never throws, never waits. */
  write(line: string): void {
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push(`${line}\n`)
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })
  }

  /** Resolves when what was written is in the file. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0).join('')
      try {
        await makeFolder(dirname(this.path))
        const { O_CREAT, O_APPEND, O_WRONLY, O_NOFOLLOW } = constants
        const file = await open(this.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o640)
        await file.appendFile(lines).finally(() => file.close())
      } catch (error) {
        if (!this.#hasFailed) this.#onFailure((error as NodeJS.ErrnoException).code ?? String(error))
        this.#hasFailed = true
      }
    }
  }
}
