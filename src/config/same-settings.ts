import { isPlace } from './problems.ts'

/**
 * Whether two parts of a configuration mean the same: plain data, compared by value at every depth. Places in files are
 * left out, so that a blank line in the host file changes nothing.
 */
export function sameSettings(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map || b instanceof Map) return a instanceof Map && b instanceof Map && sameEntries(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (isPlace(a) && isPlace(b)) return true
  return sameEntries(entriesOf(a), entriesOf(b))
}

/** The members of an object; one that is undefined is the same as none. */
function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return new Map(Object.entries(value).filter(([, inner]) => inner !== undefined))
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameSettings(value, b.get(key)))
}
