import { type CollectionTable, collectionShape } from '../../../config/sections/collection.ts'
import type { ElementShape } from '../../../config/xml/element.ts'
import { bool, choice, nonEmpty, string, uint } from '../../../platform/schema.ts'

/** What a rule of requests may contain; read-rules.ts and read-parts.ts read by these tables. */

export const syntax = choice(['ECMAScript', 'Wildcard', 'ExactMatch'])
export const grouping = choice(['MatchAll', 'MatchAny'])

interface WrittenMatch {
  readonly url: string
  readonly ignoreCase: boolean
  readonly negate: boolean
}

export const matchShape: ElementShape<WrittenMatch> = {
  kinds: { url: nonEmpty('a pattern'), ignoreCase: bool(), negate: bool() },
  required: ['url'],
  defaults: { ignoreCase: true, negate: false },
}

const conditionKinds = {
  input: nonEmpty('what is looked at, such as {HTTP_HOST}'),
  matchType: choice(['Pattern', 'IsFile', 'IsDirectory']),
  pattern: string(),
  ignoreCase: bool(),
  negate: bool(),
}

/** The attributes of a condition that are written. */
export interface WrittenCondition {
  readonly input: string
  readonly matchType: 'Pattern' | 'IsFile' | 'IsDirectory'
  readonly pattern: string
  readonly ignoreCase: boolean
  readonly negate: boolean
}

export const conditionsKinds = { logicalGrouping: grouping, trackAllCaptures: bool() }

export const conditionTable: CollectionTable<WrittenCondition> = {
  what: 'condition',
  kinds: conditionKinds,
  required: ['input'],
  key: [],
  defaults: { matchType: 'Pattern', ignoreCase: true, negate: false },
  attributes: { kinds: conditionsKinds, defaults: { logicalGrouping: 'MatchAll', trackAllCaptures: false } },
}

interface WrittenServerVariable {
  readonly name: string
  readonly value: string
  readonly replace: boolean
}

export const serverVariableTable: CollectionTable<WrittenServerVariable> = {
  what: 'server variable',
  addElement: 'set',
  kinds: { name: nonEmpty('the name of a server variable'), value: string(), replace: bool() },
  required: ['name', 'value'],
  key: ['name'],
  defaults: { replace: true },
}

/** The attributes of an action that are written. */
export interface WrittenAction {
  readonly type: 'None' | 'Rewrite' | 'Redirect' | 'CustomResponse' | 'AbortRequest'
  readonly url: string
  readonly appendQueryString: boolean
  readonly redirectType: 'Permanent' | 'Found' | 'SeeOther' | 'Temporary'
  readonly logRewrittenUrl: boolean
  readonly statusCode: number
  readonly subStatusCode: number
  readonly statusReason: string
  readonly statusDescription: string
}

const actionKinds = {
  type: choice(['None', 'Rewrite', 'Redirect', 'CustomResponse', 'AbortRequest']),
  url: string(),
  appendQueryString: bool(),
  redirectType: choice(['Permanent', 'Found', 'SeeOther', 'Temporary']),
  logRewrittenUrl: bool(),
  statusCode: uint({ min: 1, max: 999 }),
  subStatusCode: uint({ min: 0, max: 65_535 }),
  statusReason: string(),
  statusDescription: string(),
}
export const actionShape: ElementShape<WrittenAction> = {
  kinds: actionKinds,
  required: ['type'],
  defaults: {
    appendQueryString: true,
    redirectType: 'Permanent',
    logRewrittenUrl: false,
    subStatusCode: 0,
  },
}

/** The attributes of a rule that are written. */
export interface WrittenRule {
  readonly name: string
  readonly enabled: boolean
  readonly patternSyntax: 'ECMAScript' | 'Wildcard' | 'ExactMatch'
  readonly stopProcessing: boolean
}

export const ruleKinds = { name: nonEmpty('a name'), enabled: bool(), patternSyntax: syntax, stopProcessing: bool() }
export const ruleDefaults = { enabled: true, patternSyntax: 'ECMAScript', stopProcessing: false } as const

export const ruleTable: CollectionTable<WrittenRule> = {
  what: 'rule',
  addElement: 'rule',
  kinds: ruleKinds,
  required: ['name'],
  key: ['name'],
  defaults: ruleDefaults,
  // How IIS writes {UNENCODED_URL}, which here is always what was sent, as IIS does with `false`.
  attributes: { kinds: { useOriginalURLEncoding: bool() }, defaults: { useOriginalURLEncoding: true } },
  children: {
    match: matchShape,
    conditions: collectionShape(conditionTable),
    serverVariables: collectionShape(serverVariableTable),
    action: actionShape,
  },
}
