import { readFileSync } from 'node:fs'

/** How many descriptors this process may have; undefined where the system does not say, or sets no limit. */
export function openFileLimit(): number | undefined {
  let limits: string
  try {
    limits = readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
  // The soft limit, which node raises to the hard one as it starts.
  const soft = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}
