import { isPlace } from './problems.ts'

/**
 * Whether two parts of a configuration mean the same: plain data, compared by value at every depth. Places in files are
 * left out, so that a blank line in the host file changes nothing; a member that is undefined is the same as none.
 */
export function sameSettings(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map || b instanceof Map) return a instanceof Map && b instanceof Map && sameEntries(a, b)
  if (Array.isArray(a) || Array.isArray(b)) {
    const areArrays = Array.isArray(a) && Array.isArray(b) && a.length === b.length
    return areArrays && a.every((value, i) => sameSettings(value, b[i]))
  }
  return (isPlace(a) && isPlace(b)) || sameMembers(a as Members, b as Members)
}

type Members = Readonly<Record<string, unknown>>

function sameMembers(a: Members, b: Members): boolean {
  for (const name of Object.keys(a)) if (!sameSettings(a[name], b[name])) return false
  for (const name of Object.keys(b)) if (b[name] !== undefined && a[name] === undefined) return false
  return true
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (!b.has(key) || !sameSettings(value, b.get(key))) return false
  return true
}
