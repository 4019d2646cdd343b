import { nonEmpty } from '../../platform/schema.ts'
import type { EnvironmentVariable } from '../model.ts'
import { shown } from '../problems.ts'
import type { NoAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type ElementRules, type HostFileContext, placeText, readElement } from './elements.ts'

export type PoolVariables = readonly EnvironmentVariable[]

const addRules: ElementRules<EnvironmentVariable> = {
  kinds: { name: nonEmpty('the name of a variable'), value: nonEmpty('a value; IIS allows no empty one here') },
  required: ['name', 'value'],
}
const removeRules: ElementRules<Pick<EnvironmentVariable, 'name'>> = {
  kinds: { name: nonEmpty('the name of a variable') },
  required: ['name'],
}

/** The `<environmentVariables>` of a pool. */
export const poolVariablesRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { add: addRules, remove: removeRules },
}

/**
 * Reads the `<environmentVariables>` of a pool after those of its defaults: `<add>` replaces a variable of the defaults,
 * `<remove>` takes it away. Names match in any letter case. A value never appears in a problem.
 */
export function readPoolVariables(element: XmlElement, outer: PoolVariables, context: HostFileContext): PoolVariables {
  const { problems } = context
  readElement(element, poolVariablesRules, context)
  const found = new Map(outer.map((variable) => [variable.name.toUpperCase(), variable]))
  const added = new Map<string, XmlElement>()
  for (const child of element.children) {
    if (child.name === 'remove') {
      const { name } = readElement(child, removeRules, context)
      found.delete(name?.value.toUpperCase() ?? '')
    }
    if (child.name !== 'add') continue
    const { name, value } = readElement(child, addRules, context)
    if (name === undefined || value === undefined) continue
    const key = name.value.toUpperCase()
    const before = added.get(key)
    if (before !== undefined) {
      const text = `${shown(name.value)} is set ${placeText(before.at, child.at)} already.`
      problems.error(child.at, text, 'Remove one of the two.')
    } else if (name.value.includes('=')) {
      const text = `The name "${shown(name.value)}" holds "=", which no environment variable may.`
      problems.error(name.at, text, 'Write the name and the value in their own attributes.')
    } else {
      added.set(key, child)
      found.set(key, { name: name.value, value: value.value })
    }
  }
  return [...found.values()]
}
