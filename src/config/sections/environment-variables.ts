import { type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type NamedValue, namedValues } from './named-values.ts'

/**
 * Reads the `<environmentVariables>` elements, outermost file first. The last value of a name wins; names match in any
 * letter case. The same name twice in one element gets a warning; an inner file may replace a variable, and `<clear/>`
 * removes all variables before it.
 */
export function readEnvironmentVariables(elements: readonly XmlElement[], problems: Problems): readonly NamedValue[] {
  const found = new Map<string, NamedValue>()
  for (const element of elements) {
    const here = new Map<string, NamedValue>()
    for (const entry of namedValues(element, 'environmentVariable', problems)) {
      if (entry === 'clear') {
        found.clear()
        here.clear()
        continue
      }
      const key = entry.name.toUpperCase()
      if (/=/.test(entry.name)) {
        const text = `The name "${shown(entry.name)}" holds "=", which no environment variable may.`
        problems.error(entry.at, text, 'Write the name and the value in their own attributes.')
        continue
      }
      const before = here.get(key)
      if (before !== undefined) {
        const text = `${shown(entry.name)} was set on line ${String(before.at.line)} already; the value here wins.`
        problems.warning(entry.at, text, 'Remove one of the two.')
      }
      found.delete(key)
      found.set(key, entry)
      here.set(key, entry)
    }
  }
  return [...found.values()]
}
