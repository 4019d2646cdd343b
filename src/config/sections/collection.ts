import { type Place, type Problems, shown } from '../problems.ts'
import { checkChildren, type Kinds, readAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'

/** What a collection of IIS's consists of: entries that `<add>` adds, `<remove>` takes away and `<clear/>` empties. */
export interface CollectionTable<T extends object> {
  /** What an entry is called in messages, such as `hidden segment`. */
  readonly what: string
  /** The element that adds an entry; default: `add`. */
  readonly addElement?: string
  /** The attributes of an entry. */
  readonly kinds: Kinds<T>
  readonly required: readonly (keyof T & string)[]
  /** The attributes by which two entries are the same, which are all that `<remove>` has; empty: there is no `<remove>`. */
  readonly key: readonly (keyof T & string)[]
  /** Whether letter case matters in keys; default: no. */
  readonly keysHaveCase?: boolean
  /** Elements that an entry may contain; default: none. */
  readonly children?: readonly string[]
}

/** One entry of a collection. */
export interface Entry<T extends object> {
  /** The attributes that are written, and valid. */
  readonly values: Partial<T>
  /** Where they are written. */
  readonly at: { readonly [N in keyof T]?: Place }
  /** Undefined for an entry that is there by default. */
  readonly element: XmlElement | undefined
}

/**
 * Reads one collection as IIS does: the elements of outer files first, so that inner ones add to them. A key that is
 * added twice is an error; one that is there by default is replaced, with a notice. Removing a key that is not there is
 * no problem.
 *
 * @param defaults the entries that are there before any file says something
 */
export function readCollection<T extends object>(
  elements: readonly XmlElement[],
  table: CollectionTable<T>,
  problems: Problems,
  defaults: readonly T[] = [],
): readonly Entry<T>[] {
  const { addElement = 'add', kinds, required, key, children = [] } = table
  const entries = new Map<string, Entry<T>>()
  for (const values of defaults) entries.set(keyOf(values, table), { values, at: {}, element: undefined })
  const keyKinds = Object.fromEntries(key.map((name) => [name, kinds[name]])) as Kinds<Partial<T>>
  for (const element of elements) {
    checkChildren(element, [addElement, ...(key.length === 0 ? [] : ['remove']), 'clear'], problems)
    for (const child of element.children) {
      checkChildren(child, child.name === addElement ? children : [], problems)
      if (child.name === 'clear') {
        readAttributes(child, {}, problems)
        entries.clear()
      } else if (child.name === 'remove' && key.length > 0) {
        const { values } = entryOf(child, keyKinds as Kinds<T>, key.slice(0, 1), problems)
        entries.delete(keyOf(values, table))
      } else if (child.name === addElement) {
        const entry = entryOf(child, kinds, required, problems)
        if (required.some((name) => entry.values[name] === undefined)) continue
        const same = key.length === 0 ? String(entries.size) : keyOf(entry.values, table)
        const earlier = entries.get(same)
        if (earlier !== undefined) reportTwice(entry, earlier, table, problems)
        if (earlier?.element === undefined) entries.set(same, entry)
      }
    }
  }
  return [...entries.values()]
}

function entryOf<T extends object>(
  element: XmlElement,
  kinds: Kinds<T>,
  required: readonly (keyof T & string)[],
  problems: Problems,
): Entry<T> {
  const written = readAttributes(element, kinds, problems, required)
  const values: Partial<T> = {}
  const at: { [N in keyof T]?: Place } = {}
  for (const name of Object.keys(written) as (keyof T & string)[]) {
    const value = written[name]
    if (value === undefined) continue
    values[name] = value.value
    at[name] = value.at
  }
  return { values, at, element }
}

function keyOf<T extends object>(values: Partial<T>, { key, keysHaveCase = false }: CollectionTable<T>): string {
  const text = JSON.stringify(key.map((name) => values[name] ?? ''))
  return keysHaveCase ? text : text.toLowerCase()
}

function reportTwice<T extends object>(
  { element, values }: Entry<T>,
  earlier: Entry<T>,
  { what, key, addElement = 'add' }: CollectionTable<T>,
  problems: Problems,
): void {
  if (element === undefined) return
  const name = key.map((part) => shown(String(values[part] ?? ''))).join(' ')
  const removal = `<remove ${key.map((part) => `${part}="${shown(String(values[part] ?? ''))}"`).join(' ')} />`
  if (earlier.element === undefined) {
    const text = `The ${what} "${name}" is there by default, so IIS may refuse to add it.`
    problems.notice(element.at, text, `Put ${removal} before it.`)
    return
  }
  const { at } = earlier.element
  const isHere = at.file === element.at.file
  const place = isHere ? `on line ${String(at.line)}` : `in ${at.file}, line ${String(at.line)},`
  const cure = isHere ? `Remove one <${addElement}> of the two.` : `Put ${removal} before it.`
  problems.error(element.at, `The ${what} "${name}" is added ${place} already.`, cure)
}
