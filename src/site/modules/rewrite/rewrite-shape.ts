import { type CollectionTable, collectionShape } from '../../../config/sections/collection.ts'
import { type AnyShape, openElement } from '../../../config/xml/element.ts'
import { bool, nonEmpty, string } from '../../../platform/schema.ts'
import { outboundRuleTable, preConditionTable } from './outbound-tables.ts'
import { ruleTable } from './tables.ts'

/** What `<rewrite>` may contain besides its rules: maps, and the variables that rules may set. */

/** The attributes of a rewrite map that are written. */
export interface WrittenMap {
  readonly name: string
  readonly defaultValue: string
  readonly ignoreCase: boolean
}

interface WrittenMapEntry {
  readonly key: string
  readonly value: string
}

const mapKinds = { name: nonEmpty('a name'), defaultValue: string(), ignoreCase: bool() }
const mapDefaults = { defaultValue: '', ignoreCase: true }

export const mapEntryTable: CollectionTable<WrittenMapEntry> = {
  what: 'key',
  kinds: { key: string(), value: string() },
  required: ['key', 'value'],
  key: ['key'],
  keysHaveCase: true,
  attributes: { kinds: mapKinds, defaults: mapDefaults },
}

export const mapTable: CollectionTable<WrittenMap> = {
  what: 'rewrite map',
  addElement: 'rewriteMap',
  kinds: mapKinds,
  required: ['name'],
  key: ['name'],
  defaults: mapDefaults,
  children: collectionShape(mapEntryTable).children ?? {},
}

export const allowedVariableTable: CollectionTable<{ readonly name: string }> = {
  what: 'server variable',
  kinds: { name: nonEmpty('the name of a server variable') },
  required: ['name'],
  key: ['name'],
}

/** `<rewrite>`. */
export const rewriteShape = {
  kinds: {},
  children: {
    rules: collectionShape(ruleTable),
    globalRules: collectionShape(ruleTable),
    outboundRules: {
      ...collectionShape(outboundRuleTable),
      children: {
        ...collectionShape(outboundRuleTable).children,
        preConditions: collectionShape(preConditionTable),
        customTags: openElement,
      },
    },
    rewriteMaps: collectionShape(mapTable),
    allowedServerVariables: collectionShape(allowedVariableTable),
    providers: openElement,
  },
} satisfies AnyShape
