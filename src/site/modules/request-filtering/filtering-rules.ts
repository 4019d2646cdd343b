import type { Problems } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, nonEmpty } from '../../../platform/schema.ts'
import type { FilteringRule } from './settings.ts'

type RuleAttributes = Omit<FilteringRule, 'scanHeaders' | 'appliesTo' | 'denyStrings'>

const scanHeaders: CollectionTable<{ readonly requestHeader: string }> = {
  what: 'header',
  kinds: { requestHeader: nonEmpty('the name of a header field') },
  required: ['requestHeader'],
  key: ['requestHeader'],
}

const appliesTo: CollectionTable<{ readonly fileExtension: string }> = {
  what: 'file extension',
  kinds: { fileExtension: nonEmpty('an extension with its dot') },
  required: ['fileExtension'],
  key: ['fileExtension'],
}

const denyStrings: CollectionTable<{ readonly string: string }> = {
  what: 'string',
  kinds: { string: nonEmpty('the characters that are denied') },
  required: ['string'],
  key: ['string'],
}

/** The entries of `<filteringRules>`. */
export const filteringRules: CollectionTable<RuleAttributes> = {
  what: 'filtering rule',
  addElement: 'filteringRule',
  kinds: {
    name: nonEmpty('a name'),
    scanUrl: bool(),
    scanQueryString: bool(),
    scanAllRaw: bool(),
    denyUnescapedPercent: bool(),
  },
  required: ['name'],
  key: ['name'],
  defaults: { scanUrl: false, scanQueryString: false, scanAllRaw: false, denyUnescapedPercent: true },
  children: {
    scanHeaders: collectionShape(scanHeaders),
    appliesTo: collectionShape(appliesTo),
    denyStrings: collectionShape(denyStrings),
  },
}

/** Reads the `<filteringRules>` elements, outermost file first. A rule that can refuse nothing is left out. */
export function readFilteringRules(elements: readonly XmlElement[], problems: Problems): readonly FilteringRule[] {
  return readCollection(elements, filteringRules, problems).flatMap(({ values, element }): readonly FilteringRule[] => {
    if (element === undefined) return []
    const { name = '', scanUrl = false, scanQueryString = false, scanAllRaw = false } = values
    const list = <T extends object>(child: string, table: CollectionTable<T>, attribute: keyof T): string[] => {
      const collections = childrenNamed([element], child)
      return readCollection(collections, table, problems).map((entry) => String(entry.values[attribute]).toLowerCase())
    }
    const rule = {
      name,
      scanUrl,
      scanQueryString,
      scanAllRaw,
      denyUnescapedPercent: values.denyUnescapedPercent ?? true,
      scanHeaders: list('scanHeaders', scanHeaders, 'requestHeader'),
      appliesTo: list('appliesTo', appliesTo, 'fileExtension'),
      denyStrings: list('denyStrings', denyStrings, 'string'),
    }
    const scansNothing = !scanUrl && !scanQueryString && !scanAllRaw && rule.scanHeaders.length === 0
    const deniesNothing = rule.denyStrings.length === 0 && !rule.denyUnescapedPercent
    if (!scansNothing && !deniesNothing) return [rule]
    const what = scansNothing ? 'says nothing that is to be searched' : 'has no <denyStrings>'
    problems.warning(
      element.at,
      `The filtering rule "${name}" ${what}, so it refuses nothing.`,
      'Complete or remove it.',
    )
    return []
  })
}
