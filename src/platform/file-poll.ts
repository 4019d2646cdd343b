import { stat } from 'node:fs/promises'
import type { Clock } from './clock.ts'

const periodMs = 1000
/** How many files are looked at in one period, so that thousands of them cost no more than these. */
const filesPerPeriod = 64

/**
 * Looks again and again whether files have changed, through every symbolic link on the way. Unlike a FolderWatch it
 * needs nothing of the kernel, follows links that point into other folders, and takes the same time for ten files and
 * for ten thousand; of more than 64 files each is looked at less than once a second. Life: from the first watch() until
 * close(), or until nothing is watched any more; owned by its creator.
 */
export class FilePoll {
  readonly #clock: Clock
  readonly #onChange: (file: string) => void
  /** The last state of each file; undefined until the first look. */
  readonly #seen = new Map<string, string | undefined>()
  #queue: string[] = []
  #cancel: (() => void) | undefined
  #isClosed = false

  /** `onChange` is called with the path of a file that has changed, appeared or disappeared. */
  constructor(clock: Clock, onChange: (file: string) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Watches these files and no others; resolves when their present state is known. */
  async watch(files: ReadonlySet<string>): Promise<void> {
    for (const file of [...this.#seen.keys()]) if (!files.has(file)) this.#seen.delete(file)
    const fresh = [...files].filter((file) => !this.#seen.has(file))
    for (const file of fresh) this.#seen.set(file, undefined)
    for (const file of fresh) this.#seen.set(file, await stateOf(file))
    if (this.#seen.size > 0 && this.#cancel === undefined) this.#wait()
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
    this.#cancel = undefined
    this.#seen.clear()
  }

  #wait(): void {
    if (this.#isClosed) return
    this.#cancel = this.#clock.after(periodMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    if (this.#queue.length === 0) this.#queue = [...this.#seen.keys()]
    for (const file of this.#queue.splice(0, filesPerPeriod)) {
      const before = this.#seen.get(file)
      const state = await stateOf(file)
      // It may have been given up meanwhile, or is being looked at for the first time.
      if (before === undefined || this.#seen.get(file) !== before || state === before) continue
      this.#seen.set(file, state)
      this.#onChange(file)
    }
    this.#cancel = undefined
    if (this.#seen.size > 0) this.#wait()
  }
}

async function stateOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (cause) {
    return String((cause as NodeJS.ErrnoException).code)
  }
}
