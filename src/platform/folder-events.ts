import { type FSWatcher, watch } from 'node:fs'
import { entriesLeadingTo } from './folder-path.ts'

/** Events of other names, between two looks, from which on the kernel is not asked any more. */
const storm = 250
/** Looks after which it is asked again. */
const looksInStorm = 20

export interface FolderEventListener {
  /** Something may have changed. */
  onEvent(): void
  /** The kernel sends no more events for the files of the folder. */
  onLost(): void
}

/**
 * The kernel's events for some files of a folder, and for every place where a change could make the folder's path lead
 * to another folder. While something keeps writing to other files of the folder (a log, a database), the watchers rest:
 * each event would cost more than the write, and the poll finds what matters. Life: from open(), which may be called
 * again to follow the path anew, until close(); owned by its FolderWatch.
 */
export class FolderEvents {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  readonly #listener: FolderEventListener
  #inside: FSWatcher | undefined
  #pathWatchers: readonly FSWatcher[] = []
  #stale = false
  /** Events since the last look that concerned nobody. */
  #ignored = 0
  /** Looks until the kernel is asked again, while it is not; else 0. */
  #resting = 0
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

  /** Whether the path may lead to another folder than at open(), so that the wrong one may be watched. */
  get stale(): boolean {
    return this.#stale
  }

  /** Somebody looks now: what was told before matters no more. */
  looking(): void {
    this.#ignored = 0
    if (this.#resting > 0 && --this.#resting === 0) this.#stale = true
  }

  async open(): Promise<void> {
    const before = this.#watchers()
    this.#stale = false
    this.#resting = 0
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
    this.#ignored++
    if (this.#ignored < storm) return
    this.#resting = looksInStorm
    this.#stop()
    this.#listener.onLost()
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #watchPathEntries(folder: string, names: ReadonlySet<string>): FSWatcher | undefined {
    return watched(
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
    const watcher = watched(
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

/** Undefined when no inotify instance is left or the folder does not exist; then only the poll finds changes. */
function watched(folder: string, onName: (name: string | null) => void, onError: () => void): FSWatcher | undefined {
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
