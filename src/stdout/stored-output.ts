import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import type { Clock } from '../platform/clock.ts'
import { WholeLines } from './live/whole-lines.ts'
import { stdoutLogFiles } from './log-files.ts'

/** A piece of a stdout log; `source` tells the files apart. */
export interface StoredPiece {
  readonly source: number
  readonly bytes: Uint8Array
}

/** How much is read at once. */
const blockBytes = 64 * 1024
/** How many files are open at the same time. */
const maxOpen = 16
/** A file that has not grown for so long is closed, and looked at now and then. */
const idleMs = 60_000
/** Every how many polls the closed files are looked at. */
const pollsForClosed = 20

const lineFeed = 10

interface OpenFile {
  readonly path: string
  readonly file: FileHandle
  readonly identity: string
  readonly source: number
  readonly lines: WholeLines
  /** How far it has been read. */
  at: number
  grownAt: number
}

/**
 * Reads the stdout logs of one stdoutLogFile: the last lines first, then what is added, by whatever process and daemon:
 * to files that are new, that go on, that are cut off, or that have been renamed. Life: from begin() to close(). Owner:
 * who reads. Invariant: at most sixteen files are open; each byte that stays in a file until it is read is given once.
 */
export class StoredOutput {
  readonly #prefix: string
  readonly #clock: Clock
  #open: OpenFile[] = []
  /** How far files have been read that are not open. */
  readonly #closed = new Map<string, number>()
  #ready: StoredPiece[] = []
  #sources = 0
  #polls = 0

  /** @param prefix stdoutLogFile: an absolute path that the files' paths begin with */
  constructor(prefix: string, clock: Clock) {
    this.#prefix = prefix
    this.#clock = clock
  }

  /**
   * Finds the beginning of the last `lines` lines, in files that were written at `since` (milliseconds since 1970) or
   * later. Tells whether there are files, or only such as this user may not read.
   */
  async begin(lines: number, since: number): Promise<'files' | 'denied' | 'none'> {
    const found = await stdoutLogFiles(this.#prefix)
    let missing = lines
    let outcome: 'files' | 'denied' | 'none' = 'none'
    for (const { path } of found.toReversed()) {
      const opened = await openFile(path)
      if (opened === 'denied' && outcome === 'none') outcome = 'denied'
      if (typeof opened !== 'object') continue
      outcome = 'files'
      const { file, status } = opened
      let at = status.size
      if (missing > 0 && status.mtimeMs >= since) {
        const start = await startOfLast(file, status.size, missing)
        at = start.at
        missing -= start.lines
      }
      await file.close()
      this.#closed.set(path, at)
    }
    return outcome
  }

  /** What has been added since the last call, in batches. */
  async *poll(): AsyncGenerator<readonly StoredPiece[], void, undefined> {
    const found = await stdoutLogFiles(this.#prefix)
    const looksAtClosed = this.#polls++ % pollsForClosed === 0
    const paths = found.map(({ path }) => path)
    for (const each of this.#open.filter(({ path }) => !paths.includes(path))) yield* this.#readOn(each)
    for (const [index, path] of paths.entries()) {
      // Several, where a new file has got the name of a renamed one.
      const before = this.#open.filter((each) => each.path === path)
      for (const each of before) yield* this.#readOn(each)
      const isRecent = index >= paths.length - maxOpen / 2
      const opened = await this.#opened(path, before, isRecent || looksAtClosed, isRecent)
      if (opened !== undefined) yield* this.#readOn(opened)
      await this.#closeIdle()
    }
    for (const path of this.#closed.keys()) if (!paths.includes(path)) this.#closed.delete(path)
  }

  /** The beginnings of lines that wait for their end; nothing more is read. */
  async close(): Promise<readonly StoredPiece[]> {
    for (const { lines } of this.#open) lines.end()
    await Promise.all(this.#open.map(({ file }) => file.close()))
    this.#open = []
    return this.#ready.splice(0)
  }

  async *#readOn(each: OpenFile): AsyncGenerator<readonly StoredPiece[], void, undefined> {
    const { size } = await each.file.stat()
    if (size < each.at) {
      each.lines.release()
      each.at = 0
    }
    for (;;) {
      const bytesLeft = size - each.at
      const { bytesRead, buffer } =
        bytesLeft > 0 ? await each.file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, each.at) : nothingRead
      if (bytesRead > 0) {
        each.at += bytesRead
        each.grownAt = this.#clock.now()
        each.lines.write(buffer.subarray(0, bytesRead))
      }
      const batch = this.#ready.splice(0)
      if (batch.length > 0) yield batch
      // Without any bytes it has been cut off meanwhile; the next poll sees that.
      if (bytesRead === 0) return
    }
  }

  /** Opens the file at a path if it is none of those that are open already. */
  async #opened(
    path: string,
    before: readonly OpenFile[],
    looks: boolean,
    isRecent: boolean,
  ): Promise<OpenFile | undefined> {
    const known = this.#closed.get(path)
    if (before.length === 0 && known !== undefined && !looks) return undefined
    const status = await lstat(path).catch(() => undefined)
    if (status?.isFile() !== true || before.some(({ identity }) => identity === identityOf(status))) return undefined
    if (known === status.size && !isRecent) return undefined
    const opened = await openFile(path)
    if (typeof opened !== 'object') return undefined
    const identity = identityOf(opened.status)
    // Renamed: it is open already, under the name that it had.
    if (this.#open.some((each) => each.identity === identity)) {
      await opened.file.close()
      return undefined
    }
    const source = this.#sources++
    const lines = new WholeLines(this.#clock, (bytes) => {
      this.#ready.push({ source, bytes })
    })
    const at = known ?? 0
    const each = { path, file: opened.file, identity, source, lines, at, grownAt: this.#clock.now() }
    this.#open.push(each)
    this.#closed.delete(path)
    return each
  }

  /** All but the newest file; too many at once, and those that have not grown for long. */
  async #closeIdle(): Promise<void> {
    const byAge = this.#open.slice(0, -1).toSorted((a, b) => a.grownAt - b.grownAt)
    const excess = this.#open.length - maxOpen
    const oldest = this.#clock.now() - idleMs
    for (const [index, each] of byAge.entries()) {
      if (index >= excess && each.grownAt > oldest) continue
      each.lines.end()
      this.#open = this.#open.filter((other) => other !== each)
      const there = await lstat(each.path).catch(() => undefined)
      if (there !== undefined && identityOf(there) === each.identity) this.#closed.set(each.path, each.at)
      await each.file.close()
    }
  }
}

const nothingRead = { bytesRead: 0, buffer: Buffer.alloc(0) }

/** Opens a file to read it; `denied`: this user may not; undefined for what is no file. */
async function openFile(
  path: string,
): Promise<{ readonly file: FileHandle; readonly status: Stats } | 'denied' | undefined> {
  // Without O_NONBLOCK, opening a pipe that somebody has put in its place would never end.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  let file: FileHandle
  try {
    file = await open(path, flags)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : undefined
  }
  const status = await file.stat()
  if (status.isFile()) return { file, status }
  await file.close()
  return undefined
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${String(dev)}:${String(ino)}`
}

/** Where the last lines of a file begin, and how many there are, if it has fewer. */
async function startOfLast(file: FileHandle, size: number, wanted: number): Promise<{ at: number; lines: number }> {
  const block = Buffer.allocUnsafe(blockBytes)
  let lines = 0
  for (let end = size; end > 0; ) {
    const length = Math.min(blockBytes, end)
    const { bytesRead } = await file.read(block, 0, length, end - length)
    if (bytesRead < length) break
    // The line end at the end of the file belongs to the last line.
    let from = length - (end === size ? 2 : 1)
    for (let at = from < 0 ? -1 : block.lastIndexOf(lineFeed, from); at >= 0; ) {
      lines += 1
      if (lines === wanted) return { at: end - length + at + 1, lines }
      from = at - 1
      at = from < 0 ? -1 : block.lastIndexOf(lineFeed, from)
    }
    end -= length
  }
  return { at: 0, lines: size === 0 ? 0 : lines + 1 }
}
