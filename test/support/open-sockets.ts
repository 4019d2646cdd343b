import { readdirSync, readlinkSync } from 'node:fs'

/** How many sockets a process has open, this one if none is named. Linux only. */
export function openSockets(pid: number | 'self' = 'self'): number {
  const folder = `/proc/${String(pid)}/fd`
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    // Closed since the folder was read.
    return false
  }
}
