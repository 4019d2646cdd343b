import { readdirSync, readlinkSync } from 'node:fs'

/** The paths of the files that a process has open; empty except on Linux. */
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
