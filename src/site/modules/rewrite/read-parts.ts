import { type Place, Problems, shown } from '../../../config/problems.ts'
import { type Entry, readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed, readAttributes } from '../../../config/xml/element.ts'
import type { SectionContext } from '../../../config/sections/section-context.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { compilePattern } from './pattern.ts'
import type { ConditionsSettings, ConditionSettings, MapSettings, PatternSettings, PatternSyntax } from './settings.ts'
import { preConditionEntries } from './outbound-tables.ts'
import { mapEntryTable, mapTable } from './rewrite-shape.ts'
import { conditionsKinds, conditionTable, type WrittenCondition } from './tables.ts'
import { readTemplate, type Template, variablesIn } from './template.ts'

/** What the reader of a rule knows besides its element. */
export interface RuleContext {
  readonly problems: Problems
  /** The names of the rewrite maps. */
  readonly maps: readonly string[]
  /** Whether a rule of this kind may use this variable, which is in capitals. */
  readonly isVariable: (name: string) => boolean
  readonly partOf?: SectionContext['partOf']
}

/** Checks a template; undefined, with an error, if it cannot be used. */
export function checkTemplate(
  text: string,
  at: Place,
  { problems, maps, isVariable }: RuleContext,
): Template | undefined {
  const read = readTemplate(text, maps)
  if (!read.ok) {
    problems.error(
      at,
      `"${shown(text)}" cannot be read. ${read.failure}`,
      'Write references such as {R:1}, {C:1} or {HTTP_HOST}.',
    )
    return undefined
  }
  for (const name of new Set(variablesIn(read.value))) {
    if (!isVariable(name))
      problems.warning(at, `There is no server variable {${shown(name)}} here: it is always empty.`, undefined)
  }
  return read.value
}

/** Checks that a pattern can be compiled; an error if not. */
export function checkPattern(pattern: PatternSettings, at: Place, problems: Problems): void {
  const compiled = compilePattern(pattern)
  if (compiled.ok) return
  if (compiled.failure.why === 'malformed') {
    const text = `"${shown(pattern.text)}" is no regular expression: ${compiled.failure.reason}.`
    problems.error(at, text, 'Mend it, or write patternSyntax="Wildcard" if it is not meant as one.')
    return
  }
  problems.error(
    at,
    `Some requests could keep the daemon busy for ever with "${shown(pattern.text)}".`,
    'Write it without look-around ((?=, (?!, (?<), back references and repetitions of repetitions; a condition with negate="true" does what (?!…) does.',
  )
}

/** The conditions of a rule. */
export function readConditions(rule: XmlElement, syntax: PatternSyntax, context: RuleContext): ConditionsSettings {
  const elements = childrenNamed([rule], 'conditions')
  const list = readCollection(elements, conditionTable, context.problems)
  // The collection has reported what is wrong with its attributes.
  const [attributes = {}] = elements.map((element) => readAttributes(element, conditionsKinds, new Problems()))
  const { logicalGrouping, trackAllCaptures } = attributes
  return {
    isAny: logicalGrouping?.value === 'MatchAny',
    tracksAllCaptures: trackAllCaptures?.value === true,
    list: list.flatMap((entry) => conditionOf(entry, syntax, context) ?? []),
  }
}

/** The conditions that a precondition consists of. */
export function readPreCondition(
  element: XmlElement,
  { isAny, syntax }: { readonly isAny: boolean; readonly syntax: PatternSyntax },
  context: RuleContext,
): ConditionsSettings {
  const list = readCollection([element], preConditionEntries, context.problems)
  return { isAny, tracksAllCaptures: false, list: list.flatMap((entry) => conditionOf(entry, syntax, context) ?? []) }
}

function conditionOf(
  { values, at, element }: Entry<WrittenCondition>,
  syntax: PatternSyntax,
  context: RuleContext,
): ConditionSettings | undefined {
  const { input, matchType = 'Pattern', pattern, ignoreCase = true, negate = false } = values
  if (input === undefined || element === undefined) return undefined
  checkTemplate(input, at.input ?? element.at, context)
  if (matchType !== 'Pattern') return { input, test: matchType, negate }
  if (pattern === undefined) {
    context.problems.warning(
      element.at,
      '<add> has no pattern, so it matches everything.',
      'Add pattern="…", or matchType="IsFile".',
    )
    return undefined
  }
  const test = { syntax, text: pattern, ignoreCase, negate }
  checkPattern(test, at.pattern ?? element.at, context.problems)
  return { input, test, negate: false }
}

/** `<rewriteMaps>`, those of outer files first. */
export function readMaps(rewrites: readonly XmlElement[], problems: Problems): readonly MapSettings[] {
  const maps = readCollection(childrenNamed(rewrites, 'rewriteMaps'), mapTable, problems)
  return maps.flatMap(({ values, element }): readonly MapSettings[] => {
    const { name, defaultValue = '', ignoreCase = true } = values
    if (name === undefined || element === undefined) return []
    const entries = readCollection([element], mapEntryTable, problems)
    return [
      {
        name,
        defaultValue,
        ignoreCase,
        entries: entries.map((entry) => [entry.values.key ?? '', entry.values.value ?? ''] as const),
      },
    ]
  })
}
