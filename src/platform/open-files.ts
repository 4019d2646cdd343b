import { readdirSync, readFileSync } from 'node:fs'

/** How many descriptors this process may have open; undefined where the system does not tell or sets no limit. */
export function openFileLimit(): number | undefined {
  let limits: string
  try {
    limits = readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
  // The soft limit; node raises it to the hard limit when it starts.
  const soft = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** How many descriptors this process has open; undefined where the system does not tell. */
export function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
