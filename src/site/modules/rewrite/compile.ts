import type { Condition, Conditions } from './conditions.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import type { OutboundRule } from './outbound.ts'
import type { Rule } from './rules.ts'
import type {
  ConditionSettings,
  ConditionsSettings,
  OutboundRuleSettings,
  PatternSettings,
  RewriteSettings,
  RuleSettings,
} from './settings.ts'
import { readTemplate, type Template } from './template.ts'

/** The rules of a configuration, ready to be applied. What its reader has found valid cannot fail here. */
export function compileRules({ rules, outboundRules, maps }: RewriteSettings): {
  readonly rules: readonly Rule[]
  readonly outboundRules: readonly OutboundRule[]
} {
  const names = maps.map(({ name }) => name)
  return {
    rules: rules.map((rule) => ruleOf(rule, names)),
    outboundRules: outboundRules.map((rule) => outboundRuleOf(rule, names)),
  }
}

function ruleOf({ url, conditions, serverVariables, ...rule }: RuleSettings, maps: readonly string[]): Rule {
  return {
    ...rule,
    url: patternOf(url),
    conditions: conditionsOf(conditions, maps),
    fields: serverVariables.map(({ name, value, replace, isRefused = false }) => ({
      variable: name,
      value: templateOf(value, maps),
      replace,
      isRefused,
    })),
    actionUrl: 'url' in rule.action ? templateOf(rule.action.url, maps) : [],
  }
}

function outboundRuleOf(rule: OutboundRuleSettings, maps: readonly string[]): OutboundRule {
  return {
    ...rule,
    pattern: patternOf(rule.pattern),
    preCondition: rule.preCondition && conditionsOf(rule.preCondition, maps),
    conditions: conditionsOf(rule.conditions, maps),
    value: rule.value === undefined ? undefined : templateOf(rule.value, maps),
  }
}

function conditionsOf({ list, ...grouping }: ConditionsSettings, maps: readonly string[]): Conditions {
  return { ...grouping, list: list.map((condition) => conditionOf(condition, maps)) }
}

function conditionOf({ input, test, negate }: ConditionSettings, maps: readonly string[]): Condition {
  return { input: templateOf(input, maps), test: typeof test === 'string' ? test : patternOf(test), negate }
}

function patternOf(settings: PatternSettings): Pattern {
  const compiled = compilePattern(settings)
  if (!compiled.ok) throw new Error(`the pattern "${settings.text}" was not checked when it was read`)
  return compiled.value
}

function templateOf(text: string, maps: readonly string[]): Template {
  const read = readTemplate(text, maps)
  if (!read.ok) throw new Error(`the template "${text}" was not checked when it was read`)
  return read.value
}
