import { type FSWatcher, watch } from 'node:fs'
import { entriesLeadingTo } from './folder-path.ts'

/** When this many events for other names have come between two looks, the watchers are closed. */
const maxIgnoredEvents = 250
/** After this many further looks the watchers are opened again. */
const looksWhileClosed = 20

export interface FolderEventListener {
  /** Something may have changed. */
  onEvent(): void
  /** The kernel sends no more events for the files of the folder. */
  onLost(): void
}

/**
 * Listens to the kernel's events for some files of a folder, and for every directory entry whose change could make the
 * folder's path lead to another folder. While a program keeps writing to other files of the folder (a log, a database),
 * the watchers are closed, because handling each event would cost more than the write; then only polling finds the
 * changes that matter. Life: from open(), which may be called again to follow the path anew, until close(); owned by
 * its FolderWatch.
 */
export class FolderEvents {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  readonly #listener: FolderEventListener
  #inside: FSWatcher | undefined
  #pathWatchers: readonly FSWatcher[] = []
  #stale = false
  /** How many events for other names have come since the last look. */
  #ignoredEvents = 0
  /**
   * How many looks remain until the watchers are opened again; 0 unless they were closed because of too many events.
   */
  #looksUntilOpen = 0
  #closed = false

  /** @param names lower case. */
  constructor(folder: string, names: ReadonlySet<string>, listener: FolderEventListener) {
    this.#folder = folder
    this.#names = names
    this.#listener = listener
  }

  /** Whether the kernel sends events for the files of the folder. */
  get arrive(): boolean {
    return this.#inside !== undefined
  }

  /**
   * Whether open() must be called again: the path may lead to another folder by now, or closed watchers are due to be
   * opened.
   */
  get stale(): boolean {
    return this.#stale
  }

  /** To be called before each look: events that came before it no longer count. */
  looking(): void {
    this.#ignoredEvents = 0
    if (this.#looksUntilOpen > 0 && --this.#looksUntilOpen === 0) this.#stale = true
  }

  async open(): Promise<void> {
    const before = this.#watchers()
    this.#stale = false
    this.#looksUntilOpen = 0
    const entries = await entriesLeadingTo(this.#folder)
    if (!this.#isClosed()) {
      this.#pathWatchers = [...entries].flatMap(([folder, names]) => this.#watchPathEntries(folder, names) ?? [])
      this.#inside = this.#watchInside()
    }
    // The old watchers are closed only now, so that no event is missed.
    for (const watcher of before) watcher.close()
  }

  close(): void {
    this.#closed = true
    this.#stop()
  }

  #watchers(): FSWatcher[] {
    return this.#inside === undefined ? [...this.#pathWatchers] : [...this.#pathWatchers, this.#inside]
  }

  #stop(): void {
    for (const watcher of this.#watchers()) watcher.close()
    this.#pathWatchers = []
    this.#inside = undefined
  }

  #ignore(): void {
    this.#ignoredEvents++
    if (this.#ignoredEvents < maxIgnoredEvents) return
    this.#looksUntilOpen = looksWhileClosed
    this.#stop()
    this.#listener.onLost()
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #watchPathEntries(folder: string, names: ReadonlySet<string>): FSWatcher | undefined {
    return tryWatch(
      folder,
      (name) => {
        if (name !== null && !names.has(name)) {
          this.#ignore()
          return
        }
        this.#stale = true
        this.#listener.onEvent()
      },
      () => undefined,
    )
  }

  #watchInside(): FSWatcher | undefined {
    const watcher = tryWatch(
      this.#folder,
      (name) => {
        if (name === null || this.#names.has(name.toLowerCase())) this.#listener.onEvent()
        else this.#ignore()
      },
      () => {
        if (this.#inside !== watcher) return
        this.#inside = undefined
        this.#listener.onLost()
      },
    )
    return watcher
  }
}

/**
 * Watches a folder. Undefined when no inotify instance is left or the folder does not exist; then only polling finds
 * changes.
 */
function tryWatch(folder: string, onName: (name: string | null) => void, onError: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      onName(name)
    })
    watcher.on('error', () => {
      watcher.close()
      onError()
    })
    return watcher
  } catch {
    return undefined
  }
}
