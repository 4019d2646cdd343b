import { FileSights, type Sightings } from './file-sights.ts'
import { FolderEvents } from './folder-events.ts'
import { placeOf } from './folder-place.ts'

/** How often the poll looks when the kernel's events are there, and when they are not. Milliseconds. */
const pollWithEvents = 1000
const pollWithout = 200

/** Among the changed names: the path leads to another folder than before, or to none, or to one again. */
export const folderItself = '.'

/**
 * Watches a few names in one folder, whatever their letter case, and where the folder's path leads: kernel events, with a poll
 * as net because bind mounts and network folders lose events. Life: from open() until close(); owned by whoever opened it.
 * After close() the listener is not called again.
 */
export class FolderWatch {
  readonly #folder: string
  readonly #onChange: (seen: Sightings, changed: ReadonlySet<string>) => void
  readonly #events: FolderEvents
  readonly #sights: FileSights
  #timer: NodeJS.Timeout | undefined
  #seen: Sightings = new Map()
  #place: string | undefined
  #looking = false
  #again = false
  #closed = false

  /**
   * @param names lower-case file names; a name may be `sub/file`, looked up as it is written.
   * @param onChange called after something appeared, went, or changed, with what is there now.
   */
  static async open(
    folder: string,
    names: readonly string[],
    onChange: (seen: Sightings, changed: ReadonlySet<string>) => void,
  ): Promise<FolderWatch> {
    const folderWatch = new FolderWatch(folder, new Set(names), onChange)
    await folderWatch.#listen()
    folderWatch.#place = await placeOf(folder)
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

  /** What was there when last looked, by lower-case name. */
  get seen(): Sightings {
    return this.#seen
  }

  /** Looks now; the listener is called before this resolves if something changed. */
  async look(): Promise<void> {
    if (this.#closed) return
    if (this.#looking) {
      this.#again = true
      return
    }
    this.#looking = true
    try {
      do {
        this.#again = false
        await this.#lookOnce()
      } while (this.#anew())
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
    const place = await placeOf(this.#folder)
    const isElsewhere = place !== this.#place
    // Before the look, so that nothing that comes after it is missed.
    if (isElsewhere || this.#events.stale) await this.#listen()
    const now = await this.#sights.look()
    const changed = differences(this.#seen, now)
    if (isElsewhere) changed.add(folderItself)
    this.#place = place
    this.#seen = now
    // close() may have come while we looked.
    if (changed.size > 0 && !this.#isClosed()) this.#onChange(now, changed)
  }

  #isClosed(): boolean {
    return this.#closed
  }

  /** Something happened while we looked, so that what we saw may be old. */
  #anew(): boolean {
    return this.#again && !this.#closed
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
