import { type FSWatcher, watch } from 'node:fs'
import { turningsOf } from './folder-place.ts'

export interface FolderEventListener {
  /** Something may have changed. */
  onEvent(): void
  /** The kernel sends no more events for the files of the folder. */
  onLost(): void
}

/**
 * The kernel's events for some files of a folder, and for every place where a change could make the folder's path lead
 * to another folder. Life: from open(), which may be called again to follow the path anew, until close(); owned by its
 * FolderWatch.
 */
export class FolderEvents {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  readonly #listener: FolderEventListener
  #inside: FSWatcher | undefined
  #turnings: readonly FSWatcher[] = []
  #stale = false
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

  async open(): Promise<void> {
    const before = [...this.#turnings, ...(this.#inside === undefined ? [] : [this.#inside])]
    this.#stale = false
    const turnings = await turningsOf(this.#folder)
    if (!this.#isClosed()) {
      this.#turnings = [...turnings].flatMap(([folder, names]) => this.#watchTurning(folder, names) ?? [])
      this.#inside = this.#watchInside()
    }
    // The old watchers are closed only now, so that no event is missed.
    for (const watcher of before) watcher.close()
  }

  close(): void {
    this.#closed = true
    for (const watcher of this.#turnings) watcher.close()
    this.#inside?.close()
    this.#inside = undefined
  }

  #isClosed(): boolean {
    return this.#closed
  }

  #watchTurning(folder: string, names: ReadonlySet<string>): FSWatcher | undefined {
    return watched(
      folder,
      (name) => {
        if (name !== null && !names.has(name)) return
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
