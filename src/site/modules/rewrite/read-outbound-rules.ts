import { type Problems, shown } from '../../../config/problems.ts'
import { type Entry, readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed, readShaped } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { isFieldName } from '../../../http/field-syntax.ts'
import { checkPattern, checkTemplate, readConditions, readPreCondition, type RuleContext } from './read-parts.ts'
import type { ConditionsSettings, OutboundRuleSettings, PatternSettings } from './settings.ts'
import {
  outboundActionShape,
  outboundMatchShape,
  outboundRuleTable,
  preConditionTable,
  type WrittenOutboundRule,
} from './outbound-tables.ts'
import { fieldOf } from './variables.ts'

/** The fields of a response that frame it or that only the server writes. */
const reservedFields =
  /^(?:connection|content-length|date|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|sec-websocket-.*)$/

/** Reads `<outboundRules>`: those for header fields of responses. A rule for the body is an error. */
export function readOutboundRules(
  rewrites: readonly XmlElement[],
  context: RuleContext,
): readonly OutboundRuleSettings[] {
  const lists = childrenNamed(rewrites, 'outboundRules')
  const preConditions = readPreConditions(lists, context)
  // What stands beside the rules is read by readers of its own.
  const rulesOnly = lists.map((list) => ({
    ...list,
    children: list.children.filter(({ name }) => name !== 'preConditions' && name !== 'customTags'),
  }))
  return readCollection(rulesOnly, outboundRuleTable, context.problems).flatMap((entry) => {
    const rule = ruleOf(entry, preConditions, context)
    return rule === undefined || entry.values.enabled === false ? [] : [rule]
  })
}

function readPreConditions(
  lists: readonly XmlElement[],
  context: RuleContext,
): ReadonlyMap<string, ConditionsSettings> {
  const read = readCollection(childrenNamed(lists, 'preConditions'), preConditionTable, context.problems)
  return new Map(
    read.flatMap(({ values, element }) => {
      if (values.name === undefined || element === undefined) return []
      const { logicalGrouping, patternSyntax: syntax = 'ECMAScript' } = values
      const isAny = logicalGrouping === 'MatchAny'
      return [[values.name.toLowerCase(), readPreCondition(element, { isAny, syntax }, context)] as const]
    }),
  )
}

function ruleOf(
  { values, at, element }: Entry<WrittenOutboundRule>,
  preConditions: ReadonlyMap<string, ConditionsSettings>,
  context: RuleContext,
): OutboundRuleSettings | undefined {
  const { name, patternSyntax = 'ECMAScript', stopProcessing = false, preCondition = '' } = values
  if (name === undefined || element === undefined) return undefined
  const { problems } = context
  const match = readMatch(name, element, patternSyntax, problems)
  const wanted = preConditions.get(preCondition.toLowerCase())
  if (preCondition !== '' && wanted === undefined) {
    const text = `There is no precondition "${shown(preCondition)}", so the rule does nothing.`
    problems.warning(
      at.preCondition ?? element.at,
      text,
      `Add <preCondition name="${shown(preCondition)}"> to <preConditions>.`,
    )
  }
  const conditions = readConditions(element, patternSyntax, context)
  const action = readOutboundAction(element, context)
  if (match === undefined || (preCondition !== '' && wanted === undefined)) return undefined
  return { name, ...match, preCondition: wanted, conditions, ...action, stopProcessing }
}

function readMatch(
  name: string,
  rule: XmlElement,
  syntax: PatternSettings['syntax'],
  problems: Problems,
): Pick<OutboundRuleSettings, 'field' | 'pattern'> | undefined {
  const [match] = childrenNamed([rule], 'match')
  if (match === undefined) {
    const text = `The outbound rule "${shown(name)}" has no <match>, so it does nothing.`
    problems.warning(rule.at, text, 'Add <match serverVariable="RESPONSE_…" pattern=".*" />.')
    return undefined
  }
  const written = readShaped(match, outboundMatchShape, problems)
  const { serverVariable: variable, pattern } = written
  if (variable === undefined) {
    const text = `The outbound rule "${shown(name)}" rewrites the body of responses, which is not possible here.`
    problems.error(
      match.at,
      text,
      'Let the application write the right addresses, or match serverVariable="RESPONSE_…".',
    )
    return undefined
  }
  const field = fieldOf(variable.value)
  if (!/^RESPONSE_/i.test(variable.value) || !isFieldName(field) || reservedFields.test(field)) {
    const text = `An outbound rule cannot set "${shown(variable.value)}", so it does nothing.`
    problems.warning(
      variable.at,
      text,
      'Write RESPONSE_ and the name of a header field that the server does not write itself.',
    )
    return undefined
  }
  const { ignoreCase, negate } = written
  const settings: PatternSettings = {
    syntax,
    text: pattern?.value ?? '',
    ignoreCase: ignoreCase?.value ?? true,
    negate: negate?.value ?? false,
  }
  checkPattern(settings, pattern?.at ?? match.at, problems)
  return { field, pattern: settings }
}

function readOutboundAction(rule: XmlElement, context: RuleContext): Pick<OutboundRuleSettings, 'value' | 'replace'> {
  const [action] = childrenNamed([rule], 'action')
  if (action === undefined) return { value: undefined, replace: true }
  const { type, value, replace } = readShaped(action, outboundActionShape, context.problems)
  if (value !== undefined) checkTemplate(value.value, value.at, context)
  return { value: type?.value === 'Rewrite' ? (value?.value ?? '') : undefined, replace: replace?.value ?? true }
}
