import { nonEmpty, string } from '../../platform/schema.ts'
import { checkChildren, type Kinds, readAttributes } from '../xml/element.ts'
import type { Place, Problems } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'

/** One `<environmentVariable>` or `<handlerSetting>`, as written. */
export interface NamedValue {
  readonly name: string
  readonly value: string
  /** Where the name's value is written. */
  readonly at: Place
  readonly valueAt: Place
}

const kinds: Kinds<{ name: string; value: string }> = { name: nonEmpty('a name'), value: string() }

/**
 * Reads a collection of elements with `name` and `value`, in file order. It may have `<clear/>`, but not `<remove>`.
 */
export function namedValues(
  element: XmlElement,
  entryName: string,
  problems: Problems,
): readonly (NamedValue | 'clear')[] {
  const form = `<${entryName} name="…" value="…" />`
  checkChildren(element, [entryName, 'clear'], problems, {
    remove: `Use <clear /> and write the ones that are wanted: <${element.name}> knows no <remove>.`,
    add: `Write ${form}.`,
  })
  readAttributes(element, {}, problems)
  return element.children.flatMap((child): readonly (NamedValue | 'clear')[] => {
    if (child.name === 'clear') {
      readAttributes(child, {}, problems)
      return ['clear']
    }
    if (child.name !== entryName) return []
    checkChildren(child, [], problems)
    const { name, value } = readAttributes(child, kinds, problems, ['name', 'value'])
    return name === undefined || value === undefined
      ? []
      : [{ name: name.value, value: value.value, at: name.at, valueAt: value.at }]
  })
}
