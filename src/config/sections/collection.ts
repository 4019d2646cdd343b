import { type Place, type Problems, shown } from '../problems.ts'
import { type AnyShape, bareElement, type ElementShape, type Kinds, readShaped, type Shapes } from '../xml/element.ts'
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
  /** Those of `key` that a `<remove>` must have; default: the first one. */
  readonly removedBy?: readonly (keyof T & string)[]
  /** Whether a key may be added again, and the later entry holds, as real files do with some collections; default: no. */
  readonly mayRepeat?: boolean
  /** Whether letter case matters in keys; default: no. */
  readonly keysHaveCase?: boolean
  /** What holds for an attribute of an entry that is not written. */
  readonly defaults?: { readonly [N in keyof T]?: T[N] }
  /** Elements that an entry may contain; default: none. */
  readonly children?: Shapes
  /** Elements beside the entries, which the collection's reader reads; default: none. */
  readonly beside?: Shapes
  /** The attributes of the collection itself, which its reader reads; default: none. */
  readonly attributes?: Pick<AnyShape, 'kinds' | 'defaults'>
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
  const { addElement = 'add', required, key } = table
  const shape = collectionShape(table)
  const [addShape, removeShape] = [entryShape(table), removalShape(table)]
  const entries = new Map<string, Entry<T>>()
  for (const values of defaults) entries.set(keyOf(values, table), { values, at: {}, element: undefined })
  for (const element of elements) {
    readShaped(element, shape, problems)
    for (const child of element.children) {
      if (child.name === 'clear') {
        readShaped(child, bareElement, problems)
        entries.clear()
      } else if (child.name === 'remove' && removeShape !== undefined) {
        entries.delete(keyOf(entryOf(child, removeShape, problems).values, table))
      } else if (child.name === addElement) {
        const entry = entryOf(child, addShape, problems)
        if (required.some((name) => entry.values[name] === undefined)) continue
        const same = key.length === 0 ? String(entries.size) : keyOf(entry.values, table)
        const earlier = entries.get(same)
        if (earlier !== undefined && (table.mayRepeat !== true || earlier.element === undefined))
          reportTwice(entry, earlier, table, problems)
        if (earlier?.element === undefined || table.mayRepeat === true) entries.set(same, entry)
      }
    }
  }
  return [...entries.values()]
}

/** What the element of a collection may contain. */
export function collectionShape<T extends object>(table: CollectionTable<T>): AnyShape {
  const removal = removalShape(table)
  return {
    kinds: {},
    ...table.attributes,
    children: {
      [table.addElement ?? 'add']: entryShape(table),
      ...(removal !== undefined && { remove: removal }),
      clear: bareElement,
      ...table.beside,
    },
  }
}

/** Whether a file is a web.config, and not the host file, in which more is allowed. */
function isWebConfig(file: string): boolean {
  return /(?:^|[\\/])web\.config$/i.test(file)
}

function entryShape<T extends object>(table: CollectionTable<T>): ElementShape<T> {
  const { kinds, required, defaults, children } = table
  return { kinds, required, ...(defaults !== undefined && { defaults }), ...(children !== undefined && { children }) }
}

/** Undefined: entries cannot be removed. */
function removalShape<T extends object>({ key, kinds, removedBy }: CollectionTable<T>): ElementShape<T> | undefined {
  if (key.length === 0) return undefined
  const keyKinds = Object.fromEntries(key.map((name) => [name, kinds[name]])) as Kinds<T>
  return { kinds: keyKinds, required: removedBy ?? key.slice(0, 1) }
}

function entryOf<T extends object>(element: XmlElement, shape: ElementShape<T>, problems: Problems): Entry<T> {
  const written = readShaped(element, shape, problems)
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

function keyOf<T extends object>(
  values: Partial<T>,
  { key, keysHaveCase = false, defaults = {} }: CollectionTable<T>,
): string {
  const text = JSON.stringify(key.map((name) => values[name] ?? defaults[name] ?? ''))
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
    // In IIS the defaults stand in applicationHost.config, so there they are no second ones.
    if (!isWebConfig(element.at.file)) return
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
