import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** Characters that may wait for the disk before lines are left out. */
const mostWaiting = 1024 * 1024

/** Lines that stood here, and why they are not. */
interface Gap {
  lines: number
  readonly why: string
}

/**
 * handlerSetting debugFile: lines of text, appended. The file is opened for each batch of lines and closed again, so that there
 * is nothing to own: it may be moved or deleted at any time, and lines are few. Lines that cannot be written, or not as fast as
 * they come, are counted, and the file says so as soon as it can; the first failure is told, once.
 */
export class DebugFile {
  readonly path: string
  readonly #onFailure: (code: string) => void
  #waiting: (string | Gap)[] = []
  #waitingCharacters = 0
  #writing: Promise<void> | undefined
  #hasFailed = false

  constructor(path: string, onFailure: (code: string) => void) {
    this.path = path
    this.#onFailure = onFailure
  }

  /** One line, without its end. Never throws, never waits. */
  write(line: string): void {
    if (this.#waitingCharacters + line.length >= mostWaiting) {
      const last = this.#waiting.at(-1)
      if (typeof last === 'object') last.lines += 1
      else this.#waiting.push({ lines: 1, why: 'the disk was too slow' })
      return
    }
    this.#waiting.push(`${line}\n`)
    this.#waitingCharacters += line.length + 1
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
      const entries = this.#waiting.splice(0)
      this.#waitingCharacters = 0
      try {
        await this.#append(entries.map(textOf).join(''))
      } catch (error) {
        const why = (error as NodeJS.ErrnoException).code ?? String(error)
        if (!this.#hasFailed) this.#onFailure(why)
        this.#hasFailed = true
        this.#waiting.unshift({ lines: entries.reduce((sum, entry) => sum + linesOf(entry), 0), why })
        // The next line tries again; nothing else does.
        if (this.#waiting.length === 1) return
      }
    }
  }

  async #append(text: string): Promise<void> {
    await makeFolder(dirname(this.path))
    const { O_CREAT, O_APPEND, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    // A pipe that nobody reads is no file either: without O_NONBLOCK its opening would never end.
    const file = await open(this.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o640)
    await file.appendFile(text).finally(() => file.close())
  }
}

function textOf(entry: string | Gap): string {
  return typeof entry === 'string' ? entry : `(${String(entry.lines)} lines are missing here: ${entry.why})\n`
}

function linesOf(entry: string | Gap): number {
  return typeof entry === 'string' ? 1 : entry.lines
}
