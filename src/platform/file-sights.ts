import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from './clock.ts'

/** One file that a FolderWatch looks for. */
export interface Sighting {
  /** The path, spelled as on disk. */
  readonly path: string
  /** A number that changes when the file is written, touched, replaced or renamed, or gets another owner or mode. */
  readonly signature: number
}

export type Sightings = ReadonlyMap<string, Sighting>

/**
 * A file that changes twice within this time may have the same timestamp after both changes, because some file systems
 * count whole seconds and FAT counts steps of two seconds.
 */
const sameTimestampMs = 2500
/** The largest file whose contents are compared when its timestamps do not show whether it changed. */
const maxComparedBytes = 1_048_576

interface Known extends Sighting {
  /** Device, inode, size, modification time, mode and owner: this text changes only if the file does. */
  readonly stamp: string
  /** The change time, which also changes when a hard link to the file is made or removed. */
  readonly ctime: bigint
  /** When this state was first seen, in monotonic milliseconds. */
  readonly since: number
  readonly contents: string
}

/**
 * Finds out which of a few files in one folder exist, and which of them have changed since the previous look. A file
 * counts as changed when its modification time, size, inode, owner or mode is another. If only its change time (ctime)
 * is another, or if two changes could have the same timestamp, its contents are compared: a deployment that hard-links
 * an unchanged file into the next release changes the ctime of the file in this one. Owner and life: those of a
 * FolderWatch.
 */
export class FileSights {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  #known: ReadonlyMap<string, Known> = new Map()
  #signatures = 0
  #spellings: ReadonlyMap<string, string> = new Map()
  /**
   * The state of the folder when its names were read. `since`: when this state was first seen; `at`: when the names
   * were read; both in monotonic milliseconds.
   */
  #listed: { readonly stamp: string; readonly since: number; readonly at: number } | undefined

  /** @param names lower case; a name may be `sub/file`, which is looked up in exactly this letter case. */
  constructor(folder: string, names: ReadonlySet<string>) {
    this.#folder = folder
    this.#names = names
  }

  /** The files that exist now, by lower-case name. Folders, pipes and devices do not count. */
  async look(): Promise<Sightings> {
    await this.#list()
    const known = new Map<string, Known>()
    for (const name of this.#names) {
      const path = join(this.#folder, this.#spellings.get(name) ?? name)
      const found = await statOf(path)
      if (found?.isFile() === true) known.set(name, await this.#recognise(path, found, this.#known.get(name)))
    }
    this.#known = known
    return known
  }

  async #recognise(path: string, found: BigIntStats, before: Known | undefined): Promise<Known> {
    const stamp = [found.dev, found.ino, found.size, found.mtimeNs, found.mode, found.uid, found.gid].join('-')
    const ctime = found.ctimeNs
    const now = systemClock.now()
    const isSame = before?.path === path && before.stamp === stamp
    const isSameTime = isSame && before.ctime === ctime
    if (isSameTime && now - before.since > sameTimestampMs) return before
    const contents = found.size > maxComparedBytes ? String(ctime) : await contentsOf(path)
    const since = isSameTime ? before.since : now
    const signature = isSame && before.contents === contents ? before.signature : (this.#signatures += 1)
    return { path, signature, stamp, ctime, since, contents }
  }

  /** Reads how the names are spelled on disk; skipped unless the folder itself may have changed. */
  async #list(): Promise<void> {
    const now = systemClock.now()
    const found = await statOf(this.#folder)
    const stamp = found === undefined ? '' : [found.dev, found.ino, found.size, found.mtimeNs].join('-')
    const listed = this.#listed?.stamp === stamp ? this.#listed : undefined
    if (listed !== undefined && listed.at - listed.since > sameTimestampMs) return
    const spellings = new Map<string, string>()
    try {
      for (const name of await readdir(this.#folder)) {
        const lower = name.toLowerCase()
        if (this.#names.has(lower)) spellings.set(lower, name)
      }
      this.#listed = { stamp, since: listed?.since ?? now, at: now }
    } catch {
      this.#listed = undefined
    }
    this.#spellings = spellings
  }
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true })
  } catch {
    return undefined
  }
}

/** A hash of a file's bytes; '' when the file cannot be read. */
async function contentsOf(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('base64')
  } catch {
    return ''
  }
}
