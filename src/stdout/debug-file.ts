import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../platform/files/make-folder.ts'

/** How many characters may wait for the disk before lines are left out. */
const maxWaitingCharacters = 1024 * 1024

/** Stands for lines that are missing at this place of the file, with the reason. */
interface Gap {
  lines: number
  readonly why: string
}

/**
 * The file that the handler setting debugFile names, to which lines are appended. It is opened for each batch of lines
 * and closed again, so it may be moved or deleted at any time. Lines that cannot be written, or that come faster than
 * the disk writes, are counted, and a line in the file tells their number as soon as the file can be written; only the
 * first failure is reported.
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

  /** Appends one line, given without its line end. Never throws, never waits. */
  write(line: string): void {
    if (this.#waitingCharacters + line.length >= maxWaitingCharacters) {
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

  /** Resolves when all lines so far have been written, or could not be. */
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
        // No line came meanwhile; the next line causes another attempt.
        if (this.#waiting.length === 1) return
      }
    }
  }

  async #append(text: string): Promise<void> {
    await makeFolder(dirname(this.path))
    const { O_CREAT, O_APPEND, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    // Without O_NONBLOCK, opening a pipe that nobody reads would never end.
    const file = await open(this.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o640)
    try {
      await file.appendFile(text)
    } finally {
      await file.close()
    }
  }
}

function textOf(entry: string | Gap): string {
  return typeof entry === 'string' ? entry : `(${String(entry.lines)} lines are missing here: ${entry.why})\n`
}

function linesOf(entry: string | Gap): number {
  return typeof entry === 'string' ? 1 : entry.lines
}
