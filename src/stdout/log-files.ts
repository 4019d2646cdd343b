import { lstat, readdir, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RotatingFile } from './rotating-file.ts'

/** Limits of the stdout logs of every application; what is not set is not limited. */
export interface StdoutLogLimits {
  /** The size from which on a process gets a new file. */
  readonly maxBytes?: number
  /** How many files one stdoutLogFile may have. */
  readonly maxFiles?: number
  /** How long a file is kept that is not written any more. */
  readonly maxAgeMs?: number
}

interface Found {
  readonly path: string
  /** Of the start, from the name: yyyyMMddHHmmss. */
  readonly stamp: string
  readonly counter: number
  /** Of the daemon that made it. */
  readonly pid: number
}

/**
 * The stdout logs that are open, and the limits for those that are not any more. Deletes only files with the name of a
 * stdout log: no links, no folders, none that is open here, and none of another daemon that still runs. Life: that of
 * the host.
 */
export class LogFiles {
  readonly limits: StdoutLogLimits
  readonly #open = new Set<RotatingFile>()

  constructor(limits: StdoutLogLimits) {
    this.limits = limits
  }

  add(file: RotatingFile): void {
    this.#open.add(file)
  }

  remove(file: RotatingFile): void {
    this.#open.delete(file)
  }

  /** Begins a new file in place of each one that has been renamed or deleted. */
  reopen(): void {
    for (const file of this.#open) file.reopen()
  }

  /** Deletes what is beyond the limits among the files of this stdoutLogFile. Never throws. */
  async clean(prefix: string, now: Date, pid: number): Promise<void> {
    const { maxFiles = Infinity, maxAgeMs = Infinity } = this.limits
    if (maxFiles === Infinity && maxAgeMs === Infinity) return
    const open = new Set([...this.#open].map(({ path }) => path))
    const found = await stdoutLogFiles(prefix)
    let kept = found.length
    for (const { path, pid: owner } of found) {
      if (open.has(path) || (owner !== pid && isAlive(owner))) continue
      const status = await lstat(path).catch(() => undefined)
      if (status?.isFile() !== true) continue
      const isTooOld = now.getTime() - status.mtimeMs > maxAgeMs
      if (!isTooOld && kept <= maxFiles) continue
      await unlink(path).catch(() => undefined)
      kept -= 1
    }
  }
}

/** The files of a stdoutLogFile by their names, the oldest first. */
export async function stdoutLogFiles(prefix: string): Promise<readonly Found[]> {
  const [folder, start] = [dirname(`${prefix}_`), basename(`${prefix}_`)]
  const names = await readdir(folder).catch((): string[] => [])
  const found = names.flatMap((name) => {
    if (!name.startsWith(start)) return []
    const [, stamp, pid, counter = '1'] = /^(\d{14})_(\d+)(?:_(\d+))?\.log$/.exec(name.slice(start.length)) ?? []
    if (stamp === undefined) return []
    return [{ path: join(folder, name), stamp, pid: Number(pid), counter: Number(counter) }]
  })
  return found.toSorted((a, b) => (a.stamp === b.stamp ? a.counter - b.counter : a.stamp < b.stamp ? -1 : 1))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
