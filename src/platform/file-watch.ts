import { FileSights, type Sightings } from './file-sights.ts'
import { FolderEvents } from './folder-events.ts'
import { folderIdentity } from './folder-path.ts'

/**
 * The time between two polls, in milliseconds: the first while the kernel sends events, the second while it does not.
 */
const pollWithEvents = 1000
const pollWithout = 200

/** One of the changed names when the path now leads to another folder, to no folder any more, or to a folder again. */
export const folderItself = '.'

/**
 * Watches a few files of one folder, in any letter case, and whether the path still leads to the same folder, as a
 * symbolic link on it may be switched. Uses the kernel's events and also polls, because bind mounts and network folders
 * lose events. Life: from open() until close(); owned by the caller of open(). After close() the listener is not called
 * again.
 */
export class FolderWatch {
  readonly #folder: string
  readonly #onChange: (seen: Sightings, changed: ReadonlySet<string>) => void
  readonly #events: FolderEvents
  readonly #sights: FileSights
  #timer: NodeJS.Timeout | undefined
  #seen: Sightings = new Map()
  #identity: string | undefined
  #looking = false
  #isLookRequested = false
  #closed = false

  /**
   * @param names lower-case file names; `sub/file` is looked up in exactly this letter case.
   * @param onChange called after a file appeared, disappeared or changed, with the files that exist now.
   */
  static async open(
    folder: string,
    names: readonly string[],
    onChange: (seen: Sightings, changed: ReadonlySet<string>) => void,
  ): Promise<FolderWatch> {
    const folderWatch = new FolderWatch(folder, new Set(names), onChange)
    await folderWatch.#listen()
    folderWatch.#identity = await folderIdentity(folder)
    folderWatch.#seen = await folderWatch.#sights.look()
    return folderWatch
  }

  private constructor(
    folder: string,
    names: ReadonlySet<string>,
    onChange: (seen: Sightings, changed: ReadonlySet<string>) => void,
  ) {
    this.#folder = folder
    this.#onChange = onChange
    this.#sights = new FileSights(folder, names)
    this.#events = new FolderEvents(folder, names, {
      onEvent: () => void this.look(),
      onLost: () => {
        this.#poll()
      },
    })
  }

  /** The files that existed at the last look, by lower-case name. */
  get seen(): Sightings {
    return this.#seen
  }

  /**
   * Looks for changes now, and calls the listener before it resolves if there are any. While another look is under way,
   * it only makes that look repeat, and resolves at once.
   */
  async look(): Promise<void> {
    if (this.#closed) return
    if (this.#looking) {
      this.#isLookRequested = true
      return
    }
    this.#looking = true
    try {
      do {
        this.#isLookRequested = false
        await this.#lookOnce()
      } while (this.#mustLookAgain())
    } finally {
      this.#looking = false
    }
  }

  close(): void {
    this.#closed = true
    this.#events.close()
    clearInterval(this.#timer)
  }

  async #lookOnce(): Promise<void> {
    this.#events.looking()
    const identity = await folderIdentity(this.#folder)
    const isOtherFolder = identity !== this.#identity
    // The events are opened before the look, so that no change after the look is missed.
    if (isOtherFolder || this.#events.stale) await this.#listen()
    const now = await this.#sights.look()
    const changed = differences(this.#seen, now)
    if (isOtherFolder) changed.add(folderItself)
    this.#identity = identity
    this.#seen = now
    // close() may have been called during the look.
    if (changed.size > 0 && !this.#isClosed()) this.#onChange(now, changed)
  }

  #isClosed(): boolean {
    return this.#closed
  }

  /** Whether to look again, because look() was called during the look. */
  #mustLookAgain(): boolean {
    return this.#isLookRequested && !this.#closed
  }

  async #listen(): Promise<void> {
    await this.#events.open()
    this.#poll()
  }

  #poll(): void {
    clearInterval(this.#timer)
    if (this.#closed) return
    this.#timer = setInterval(() => void this.look(), this.#events.arrive ? pollWithEvents : pollWithout)
    this.#timer.unref()
  }
}

function differences(before: Sightings, now: Sightings): Set<string> {
  const changed = new Set<string>()
  for (const [name, sighting] of now) {
    if (before.get(name)?.signature !== sighting.signature) changed.add(name)
  }
  for (const name of before.keys()) if (!now.has(name)) changed.add(name)
  return changed
}
