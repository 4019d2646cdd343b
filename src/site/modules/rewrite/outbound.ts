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
    const { rules, maps, facts } = this.#outbound
    const exchange = this.#exchange
    let headers = before
    const url = { path: exchange.path, target: exchange.target, query: exchange.target.split('?')[1] ?? '' }
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
    for (const { field, pattern, preCondition, conditions, value, replace, stopProcessing } of rules) {
      if (preCondition !== undefined && !hold(preCondition, none, facts)) continue
      const old = new RawHeaders(headers).get(field)
      const ruleCaptures = pattern.match(old ?? '')
      if (ruleCaptures === undefined) continue
      const met = meets(conditions, { ...none, ruleCaptures }, facts.physicalPath).next()
      // Files are not asked for while a response is on its way.
      if (met.done !== true || met.value === undefined) continue
      if (value !== undefined && (replace || old === undefined)) {
        const text = fillTemplate(value, { ...none, ruleCaptures, conditionCaptures: met.value.captures })
        headers = withField(headers, field, text)
      }
      if (stopProcessing) break
    }
    return headers
  }
}

function hold(conditions: Conditions, values: TemplateValues, { physicalPath }: VariableFacts): boolean {
  const met = meets(conditions, values, physicalPath).next()
  return met.done === true && met.value !== undefined
}

/** The fields with this one instead of all lines that it had, at the place of the first; an empty value takes it out. */
function withField(headers: readonly string[], field: string, value: string): readonly string[] {
  const text = value.trim()
  const pairs = pairsOf(headers)
  const at = pairs.findIndex(([name]) => name.toLowerCase() === field)
  const others = pairs.filter(([name]) => name.toLowerCase() !== field)
  if (text === '' || !isFieldValue(text)) return others.flat()
  const place = at === -1 ? others.length : at
  return others.toSpliced(place, 0, [at === -1 ? field : (pairs[at]?.[0] ?? field), text]).flat()
}
