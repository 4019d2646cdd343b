import { readdirSync, readlinkSync } from 'node:fs'

/** Paths of the files that a process has open. On systems without /proc nothing is found. */
export function openPaths(pid: number): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync(`/proc/${String(pid)}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${String(pid)}/fd/${descriptor}`)]
    } catch {
      return []
    }
  })
}
