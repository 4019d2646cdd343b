import { isFieldValue } from '../../../http/field-syntax.ts'
import type { Answer } from '../../../http/answer.ts'
import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, Exchange, Reply, ResponseHead } from '../../../http/exchange.ts'
import { pairsOf, RawHeaders } from '../../../http/headers.ts'
import { type Conditions, meets } from './conditions.ts'
import { fillTemplate, type RewriteMaps, type TemplateValues } from './fill-template.ts'
import type { Pattern } from './pattern.ts'
import type { Template } from './template.ts'
import { fieldOf, type VariableFacts, variableOf } from './variables.ts'

/** An outbound rule, compiled. */
export interface OutboundRule {
  /** The header field of the response, in lower case. */
  readonly field: string
  readonly pattern: Pattern
  readonly preCondition: Conditions | undefined
  readonly conditions: Conditions
  /** Undefined: nothing is changed. */
  readonly value: Template | undefined
  readonly replace: boolean
  readonly stopProcessing: boolean
}

/** What the rules of one application need besides the response. */
export interface OutboundFacts {
  readonly rules: readonly OutboundRule[]
  readonly maps: RewriteMaps
  readonly facts: VariableFacts
}

/** Applies the outbound rules to the head of each response. Life: that of the wrapped reply. */
export class OutboundReply extends ReplyView {
  readonly #exchange: Exchange
  readonly #outbound: OutboundFacts

  constructor(reply: Reply, exchange: Exchange, outbound: OutboundFacts) {
    super(reply)
    this.#exchange = exchange
    this.#outbound = outbound
  }

  override begin(head: ResponseHead): ByteSink {
    return this.behind.begin({ ...head, headers: this.#applied(head.status, head.headers) })
  }

  override answer(answer: Answer): void {
    this.behind.answer({ ...answer, headers: this.#applied(answer.status, answer.headers) })
  }

  #applied(status: number, before: readonly string[]): readonly string[] {
    let headers = before
    for (const rule of this.#outbound.rules) {
      const { field, stopProcessing } = rule
      // Lines of Set-Cookie cannot be joined (RFC 9110 5.3), so a rule is applied to each of them.
      const lines = field === 'set-cookie' ? linesOf(headers, field) : []
      const old = lines.length > 1 ? lines : [new RawHeaders(headers).get(field)]
      const made = old.map((line) =>
        this.#valueBy(rule, status, line === undefined ? headers : only(headers, field, line)),
      )
      if (made.every((value) => value === undefined)) continue
      if (made.some((value, i) => value !== undefined && value !== old[i])) {
        headers = withField(
          headers,
          field,
          made.map((value, i) => value ?? old[i] ?? ''),
        )
      }
      if (stopProcessing) break
    }
    return headers
  }

  /** What a rule makes of its field, which may be what it was; undefined: the rule does not match. */
  #valueBy(rule: OutboundRule, status: number, headers: readonly string[]): string | undefined {
    const { maps, facts } = this.#outbound
    const exchange = this.#exchange
    const { path, target } = exchange
    const mark = target.indexOf('?')
    const url = { path, target, query: mark < 0 ? '' : target.slice(mark + 1) }
    const variable = (name: string): string => {
      if (name === 'RESPONSE_STATUS') return String(status)
      if (name.startsWith('RESPONSE_')) return new RawHeaders(headers).get(fieldOf(name)) ?? ''
      return variableOf(name, exchange, url, facts)
    }
    const none: TemplateValues = {
      ruleCaptures: [],
      conditionCaptures: [],
      areConditionsDecoded: false,
      maps,
      variable,
    }
    const { field, pattern, preCondition, conditions, value, replace } = rule
    if (preCondition !== undefined && !hold(preCondition, none, facts)) return undefined
    const old = new RawHeaders(headers).get(field)
    const ruleCaptures = pattern.match(old ?? '')
    if (ruleCaptures === undefined) return undefined
    const met = meets(conditions, { ...none, ruleCaptures }, facts.physicalPath).next()
    // Files are not asked for while a response is on its way.
    if (met.done !== true || met.value === undefined) return undefined
    if (value === undefined || (!replace && old !== undefined)) return old ?? ''
    return fillTemplate(value, { ...none, ruleCaptures, conditionCaptures: met.value.captures })
  }
}

function hold(conditions: Conditions, values: TemplateValues, { physicalPath }: VariableFacts): boolean {
  const met = meets(conditions, values, physicalPath).next()
  return met.done === true && met.value !== undefined
}

function linesOf(headers: readonly string[], field: string): readonly string[] {
  return pairsOf(headers).flatMap(([name, value]) => (name.toLowerCase() === field ? [value] : []))
}

/** The fields with one line of this name instead of all that it had. */
function only(headers: readonly string[], field: string, line: string): readonly string[] {
  return [...without(headers, field), [field, line] as const].flat()
}

function without(headers: readonly string[], field: string): [name: string, value: string][] {
  return pairsOf(headers).filter(([name]) => name.toLowerCase() !== field)
}

/** The fields with these lines instead of all that it had, at the place of the first; an empty value is left out. */
function withField(headers: readonly string[], field: string, values: readonly string[]): readonly string[] {
  const pairs = pairsOf(headers)
  const at = pairs.findIndex(([name]) => name.toLowerCase() === field)
  const others = without(headers, field)
  const lines = values.map((value) => value.trim()).filter((text) => text !== '' && isFieldValue(text))
  const place = at === -1 ? others.length : at
  const name = pairs[at]?.[0] ?? field
  return others.toSpliced(place, 0, ...lines.map((text): [string, string] => [name, text])).flat()
}
