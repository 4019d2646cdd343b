import { nonEmpty, string } from '../../platform/schema.ts'
import { type AnyShape, bareElement, type ElementShape, readShaped } from '../xml/element.ts'
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

const entryShape: ElementShape<{ name: string; value: string }> = {
  kinds: { name: nonEmpty('a name'), value: string() },
  required: ['name', 'value'],
}

/**
 * A collection of elements with `name` and `value`.
 *
 * @param names what editors offer
 */
export function namedValuesShape(entryName: string, names?: readonly string[]) {
  const kinds = { ...entryShape.kinds, name: nonEmpty('a name', names) }
  return { kinds: {}, children: { [entryName]: { ...entryShape, kinds }, clear: bareElement } } satisfies AnyShape
}

/**
 * Reads a collection of elements with `name` and `value`, in file order. It may have `<clear/>`, but not `<remove>`.
 */
export function namedValues(
  element: XmlElement,
  entryName: string,
  problems: Problems,
): readonly (NamedValue | 'clear')[] {
  const form = `<${entryName} name="…" value="…" />`
  readShaped(element, namedValuesShape(entryName), problems, {
    remove: `Use <clear /> and write the ones that are wanted: <${element.name}> knows no <remove>.`,
    add: `Write ${form}.`,
  })
  return element.children.flatMap((child): readonly (NamedValue | 'clear')[] => {
    if (child.name === 'clear') {
      readShaped(child, bareElement, problems)
      return ['clear']
    }
    if (child.name !== entryName) return []
    const { name, value } = readShaped(child, entryShape, problems)
    return name === undefined || value === undefined
      ? []
      : [{ name: name.value, value: value.value, at: name.at, valueAt: value.at }]
  })
}
