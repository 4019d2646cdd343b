import { type FSWatcher, watch } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How often the poll looks when the kernel's events are there, and when they are not. Milliseconds. */
const pollWithEvents = 1000
const pollWithout = 200

/** One file that a FolderWatch looks for. */
export interface Sighting {
  /** As it is spelled on disk. */
  readonly path: string
  /** Changes whenever the file is written, touched, replaced or renamed over. */
  readonly signature: string
}

export type Sightings = ReadonlyMap<string, Sighting>

/**
 * Watches a few names in one folder, whatever their letter case: kernel events, with a poll as net because bind mounts and
 * network folders lose events. Life: from open() until close(); owned by whoever opened it. After close() the listener is
 * not called again.
 */
export class FolderWatch {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  readonly #onChange: (seen: Sightings, changed: ReadonlySet<string>) => void
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #seen: Sightings = new Map()
  #folderSignature = ''
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
    const folderWatch = new FolderWatch(folder, names, onChange)
    folderWatch.#listen()
    folderWatch.#seen = await folderWatch.#sight()
    return folderWatch
  }

  private constructor(
    folder: string,
    names: readonly string[],
    onChange: (seen: Sightings, changed: ReadonlySet<string>) => void,
  ) {
    this.#folder = folder
    this.#names = new Set(names)
    this.#onChange = onChange
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
        const now = await this.#sight()
        const changed = differences(this.#seen, now)
        this.#seen = now
        // close() may have come while we looked.
        if (changed.size > 0 && !this.#isClosed()) this.#onChange(now, changed)
      } while (this.#anew())
    } finally {
      this.#looking = false
    }
  }

  close(): void {
    this.#closed = true
    this.#watcher?.close()
    this.#watcher = undefined
    clearInterval(this.#timer)
  }

  #isClosed(): boolean {
    return this.#closed
  }

  /** Something happened while we looked, so that what we saw may be old. */
  #anew(): boolean {
    return this.#again && !this.#closed
  }

  #listen(): void {
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
        if (name === null || this.#names.has(name.toLowerCase())) void this.look()
      })
      this.#watcher.on('error', () => {
        this.#watcher?.close()
        this.#watcher = undefined
        this.#poll(pollWithout)
      })
    } catch {
      // No inotify instances left, or no such folder yet: the poll alone must do.
    }
    this.#poll(this.#watcher === undefined ? pollWithout : pollWithEvents)
  }

  #poll(interval: number): void {
    clearInterval(this.#timer)
    if (this.#closed) return
    this.#timer = setInterval(() => void this.look(), interval)
    this.#timer.unref()
  }

  async #sight(): Promise<Sightings> {
    const found = new Map<string, Sighting>()
    const spellings = await this.#spellings()
    for (const name of this.#names) {
      const path = join(this.#folder, spellings.get(name) ?? name)
      const signature = await signatureOf(path, 'file')
      if (signature !== undefined) found.set(name, { path, signature })
    }
    return found
  }

  /** Lower-case name to the spelling on disk; read again only when the folder itself changed. */
  async #spellings(): Promise<ReadonlyMap<string, string>> {
    const folderSignature = (await signatureOf(this.#folder, 'folder')) ?? ''
    if (folderSignature === this.#folderSignature) return this.#lastSpellings
    const spellings = new Map<string, string>()
    try {
      for (const name of await readdir(this.#folder)) {
        const lower = name.toLowerCase()
        if (this.#names.has(lower)) spellings.set(lower, name)
      }
      this.#folderSignature = folderSignature
    } catch {
      this.#folderSignature = ''
    }
    this.#lastSpellings = spellings
    return spellings
  }

  #lastSpellings: ReadonlyMap<string, string> = new Map()
}

/** Undefined when there is no such file or folder; a folder, a pipe or a device that is named like a file is none. */
async function signatureOf(path: string, kind: 'file' | 'folder'): Promise<string | undefined> {
  try {
    const found = await stat(path, { bigint: true })
    if (kind === 'file' && !found.isFile()) return undefined
    return `${String(found.mtimeNs)}-${String(found.size)}-${String(found.ino)}`
  } catch {
    return undefined
  }
}

function differences(before: Sightings, now: Sightings): ReadonlySet<string> {
  const changed = new Set<string>()
  for (const [name, sighting] of now) {
    if (before.get(name)?.signature !== sighting.signature || before.get(name)?.path !== sighting.path)
      changed.add(name)
  }
  for (const name of before.keys()) if (!now.has(name)) changed.add(name)
  return changed
}
