import { readdirSync, readlinkSync } from 'node:fs'

/** The number of sockets that a process has open; by default that of this process. Linux only. */
export function openSockets(pid: number | 'self' = 'self'): number {
  const folder = `/proc/${String(pid)}/fd`
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:')
  } catch {
    // The descriptor was closed after the folder had been read.
    return false
  }
}
