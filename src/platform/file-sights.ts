import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from './clock.ts'

/** One file that a FolderWatch looks for. */
export interface Sighting {
  /** As it is spelled on disk. */
  readonly path: string
  /** Another one whenever the file was written, touched, replaced, renamed, or given another owner or mode. */
  readonly signature: number
}

export type Sightings = ReadonlyMap<string, Sighting>

/**
 * Milliseconds from the first sight of a stamp until nothing more can happen that bears the same one: some file systems count
 * whole seconds, FAT counts two.
 */
const stampLasts = 2500
/** Bytes of a file whose contents are compared where its stamps do not tell. */
const comparable = 1_048_576

interface Known extends Sighting {
  /** What no one changes but who changes the file. */
  readonly stamp: string
  /** Also changed by whoever makes or removes a hard link to the file. */
  readonly ctime: bigint
  readonly since: number
  readonly contents: string
}

/**
 * What is there of a few names in one folder, look by look. A file has changed when its modification time, size, inode, owner or
 * mode has. Where only its change time has, or where two changes could bear one time, its contents decide: a deployment that
 * links unchanged files into the next release must not look like a change of this one.
 */
export class FileSights {
  readonly #folder: string
  readonly #names: ReadonlySet<string>
  #known: ReadonlyMap<string, Known> = new Map()
  #signatures = 0
  #spellings: ReadonlyMap<string, string> = new Map()
  /** Of the folder, when its names were read. */
  #listed: { readonly stamp: string; readonly since: number; readonly at: number } | undefined

  /** @param names lower case; a name may be `sub/file`, looked up as it is written. */
  constructor(folder: string, names: ReadonlySet<string>) {
    this.#folder = folder
    this.#names = names
  }

  /** By lower-case name. A folder, a pipe or a device that is named like a file is none. */
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
    if (isSameTime && now - before.since > stampLasts) return before
    const contents = found.size > comparable ? String(ctime) : await contentsOf(path)
    const since = isSameTime ? before.since : now
    const signature = isSame && before.contents === contents ? before.signature : (this.#signatures += 1)
    return { path, signature, stamp, ctime, since, contents }
  }

  /** Lower-case name to the spelling on disk; read again only where the folder itself may have changed. */
  async #list(): Promise<void> {
    const now = systemClock.now()
    const found = await statOf(this.#folder)
    const stamp = found === undefined ? '' : [found.dev, found.ino, found.size, found.mtimeNs].join('-')
    const listed = this.#listed?.stamp === stamp ? this.#listed : undefined
    if (listed !== undefined && listed.at - listed.since > stampLasts) return
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

/** The same for the same bytes; what cannot be read is all the same. */
async function contentsOf(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('base64')
  } catch {
    return ''
  }
}
