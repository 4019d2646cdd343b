import { type CollectionTable, collectionShape } from '../../../config/sections/collection.ts'
import type { ElementShape } from '../../../config/xml/element.ts'
import { bool, choice, nonEmpty, string, uint } from '../../../platform/schema.ts'
import {
  conditionTable,
  grouping,
  ruleDefaults,
  ruleKinds,
  syntax,
  type WrittenCondition,
  type WrittenRule,
} from './tables.ts'

/** What `<outboundRules>` may contain; read-outbound-rules.ts reads by these tables. */

interface WrittenOutboundMatch {
  readonly serverVariable: string
  readonly pattern: string
  readonly ignoreCase: boolean
  readonly negate: boolean
  readonly filterByTags: string
  readonly customTags: string
  readonly occurrences: number
}

export const outboundMatchShape: ElementShape<WrittenOutboundMatch> = {
  kinds: {
    serverVariable: nonEmpty('RESPONSE_ and the name of a header field'),
    pattern: string(),
    ignoreCase: bool(),
    negate: bool(),
    filterByTags: string(),
    customTags: string(),
    occurrences: uint({ min: 0, max: 4_294_967_295 }),
  },
  // Without it IIS would rewrite the body of responses, which is not possible here.
  required: ['serverVariable'],
  defaults: { ignoreCase: true, negate: false },
}

interface WrittenOutboundAction {
  readonly type: 'None' | 'Rewrite'
  readonly value: string
  readonly replace: boolean
}

export const outboundActionShape: ElementShape<WrittenOutboundAction> = {
  kinds: { type: choice(['None', 'Rewrite']), value: string(), replace: bool() },
  required: ['type'],
  defaults: { replace: true },
}

/** The attributes of an outbound rule that are written. */
export interface WrittenOutboundRule extends WrittenRule {
  readonly preCondition: string
}

export const outboundRuleTable: CollectionTable<WrittenOutboundRule> = {
  what: 'outbound rule',
  addElement: 'rule',
  kinds: { ...ruleKinds, preCondition: string() },
  required: ['name'],
  key: ['name'],
  defaults: ruleDefaults,
  attributes: { kinds: { rewriteBeforeCache: bool() } },
  children: {
    match: outboundMatchShape,
    conditions: collectionShape(conditionTable),
    action: outboundActionShape,
  },
}

/** The attributes of a precondition that are written. */
export interface WrittenPreCondition {
  readonly name: string
  readonly logicalGrouping: 'MatchAll' | 'MatchAny'
  readonly patternSyntax: WrittenRule['patternSyntax']
}

const preConditionKinds = { name: nonEmpty('a name'), logicalGrouping: grouping, patternSyntax: syntax }
const preConditionDefaults = { logicalGrouping: 'MatchAll', patternSyntax: 'ECMAScript' } as const

/** The entries of a precondition. */
export const preConditionEntries: CollectionTable<WrittenCondition> = {
  ...conditionTable,
  attributes: { kinds: preConditionKinds, defaults: preConditionDefaults },
}

export const preConditionTable: CollectionTable<WrittenPreCondition> = {
  what: 'precondition',
  addElement: 'preCondition',
  kinds: preConditionKinds,
  required: ['name'],
  key: ['name'],
  defaults: preConditionDefaults,
  children: collectionShape(preConditionEntries).children ?? {},
}
