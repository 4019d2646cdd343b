import { collapseSlashes } from '../../../http/decode-path.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { readTarget } from '../../../http/target.ts'
import { restBelow } from '../rest-below.ts'
import { type Asking, type Conditions, meets } from './conditions.ts'
import { fillTemplate, fillUrl, type RewriteMaps, type TemplateValues } from './fill-template.ts'
import type { Pattern } from './pattern.ts'
import type { ActionSettings } from './settings.ts'
import type { Template } from './template.ts'
import { type CurrentUrl, type VariableFacts, variableOf } from './variables.ts'

/** A rule of requests, compiled. */
export interface Rule {
  readonly name: string
  readonly isGlobal: boolean
  readonly part?: string
  readonly url: Pattern
  readonly conditions: Conditions
  /** The header fields that it sets, by their lower-case names, and the variables that they are set by. */
  readonly fields: readonly {
    readonly variable: string
    readonly value: Template
    readonly replace: boolean
    readonly isRefused: boolean
  }[]
  readonly action: ActionSettings
  /** The template of the action's URL; empty without one. */
  readonly actionUrl: Template
  readonly stopProcessing: boolean
}

/** What the rules do to a request. */
export type RewriteOutcome =
  | {
      readonly kind: 'passes'
      /** The target to forward; undefined: it is unchanged. */
      readonly target: string | undefined
      /** The header fields that were set, by the names of their variables. */
      readonly fields: ReadonlyMap<string, string>
    }
  | { readonly kind: 'redirect'; readonly rule: string; readonly status: number; readonly location: string }
  | { readonly kind: 'respond'; readonly rule: string; readonly action: ActionSettings & { type: 'CustomResponse' } }
  | { readonly kind: 'abort'; readonly rule: string }
  /** The rule makes an address that cannot be served; `why` completes "the rule …". */
  | { readonly kind: 'fault'; readonly rule: string; readonly why: string }

const otherServer = 'forwards to another server, which only Application Request Routing can do'

/** Applies the rules to one request. Life: that of the call of run(). */
export class RuleRun {
  readonly #exchange: Exchange
  readonly #facts: VariableFacts
  readonly #maps: RewriteMaps
  readonly #fields = new Map<string, string>()
  #url: CurrentUrl
  #isRewritten = false

  constructor(exchange: Exchange, facts: VariableFacts, maps: RewriteMaps) {
    this.#exchange = exchange
    this.#facts = facts
    this.#maps = maps
    this.#url = currentUrl(exchange.target, exchange.path)
  }

  *run(rules: readonly Rule[]): Asking<RewriteOutcome> {
    for (const rule of rules) {
      const input = this.#inputOf(rule)
      const ruleCaptures = input === undefined ? undefined : rule.url.match(input)
      if (ruleCaptures === undefined) continue
      const before = this.#values(ruleCaptures, { captures: [], areDecoded: false })
      const captured = yield* meets(rule.conditions, before, this.#facts.physicalPath)
      if (captured === undefined) continue
      const values = this.#values(ruleCaptures, captured)
      const refused = rule.fields.find(({ isRefused }) => isRefused)
      if (refused !== undefined)
        return {
          kind: 'fault',
          rule: rule.name,
          why: `sets the server variable ${refused.variable}, which no rule may set`,
        }
      this.#setFields(rule, values)
      const end = this.#act(rule, values)
      if (end !== undefined) return end
      if (rule.stopProcessing) break
    }
    return { kind: 'passes', target: this.#isRewritten ? this.#url.target : undefined, fields: this.#fields }
  }

  /**
   * The path that a rule sees: below the site, the application or a part of it, without a slash before it. A run of
   * slashes is one, as in IIS, so that no request gets past a rule by doubling them. Undefined: an earlier rule has led
   * out of that part.
   */
  #inputOf(rule: Rule): string | undefined {
    return restBelow(collapseSlashes(this.#url.path), this.#folderOf(rule))
  }

  /** The virtual path that a rule is relative to, without a slash at its end. */
  #folderOf({ isGlobal, part }: Rule): string {
    const { applicationPath } = this.#facts
    return isGlobal || (part ?? applicationPath) === '/' ? '' : (part ?? applicationPath)
  }

  #values(
    ruleCaptures: readonly string[],
    { captures, areDecoded }: { readonly captures: readonly string[]; readonly areDecoded: boolean },
  ): TemplateValues {
    const variable = (name: string): string =>
      this.#fields.get(name) ?? variableOf(name, this.#exchange, this.#url, this.#facts)
    const maps = this.#maps
    return { ruleCaptures, conditionCaptures: captures, areConditionsDecoded: areDecoded, maps, variable }
  }

  #setFields({ fields }: Rule, values: TemplateValues): void {
    for (const { variable, value, replace } of fields) {
      if (!replace && values.variable(variable) !== '') continue
      this.#fields.set(variable, fillTemplate(value, values))
    }
  }

  /** Undefined: the request goes on. */
  #act(rule: Rule, values: TemplateValues): RewriteOutcome | undefined {
    const { action, name } = rule
    switch (action.type) {
      case 'None':
        return undefined
      case 'AbortRequest':
        return { kind: 'abort', rule: name }
      case 'CustomResponse':
        return { kind: 'respond', rule: name, action }
      case 'Redirect': {
        const written = this.#fromRoot(rule, fillUrl(rule.actionUrl, values, true))
        const url = namesHost(rule.actionUrl) ? written : oneSlash(written)
        const location = action.appendQueryString ? withQuery(url, this.#url.query) : url
        return { kind: 'redirect', rule: name, status: action.status, location }
      }
      case 'Rewrite': {
        const url = this.#fromRoot(rule, fillUrl(rule.actionUrl, values, false))
        const why = this.#goTo(action.appendQueryString ? withQuery(url, this.#url.query) : url)
        return why === undefined ? undefined : { kind: 'fault', rule: name, why }
      }
    }
  }

  /** Makes a URL that is relative to the rule's folder begin at the root of the site. */
  #fromRoot(rule: Rule, url: string): string {
    return url.startsWith('/') || isAbsoluteUrl(url) ? url : `${this.#folderOf(rule)}/${url}`
  }

  /** Returns what is wrong with the new address. */
  #goTo(written: string): string | undefined {
    if (isAbsoluteUrl(written)) return otherServer
    const read = readTarget(this.#exchange.method, oneSlash(written))
    if (!read.ok) return 'makes an address that no request may have'
    const { target, path } = read.value
    const { applicationPath, leadsOn } = this.#facts
    const isOwn = restBelow(path, applicationPath === '/' ? '' : applicationPath) !== undefined
    if (!isOwn && leadsOn?.(this.#exchange, path) !== true) return 'leads out of its application'
    this.#url = currentUrl(target, path)
    this.#isRewritten = true
    return undefined
  }
}

function currentUrl(target: string, path: string): CurrentUrl {
  const at = target.indexOf('?')
  return { target, path, query: at === -1 ? '' : target.slice(at + 1) }
}

function isAbsoluteUrl(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url)
}

/** Whether the rule itself, and not what a client sends, names another host without a scheme: `//cdn.example.org/{R:1}`. */
function namesHost([first, second]: Template): boolean {
  if (typeof first !== 'string') return false
  if (/^\/\/[^/\\]/.test(first)) return true
  return first === '//' && typeof second === 'object' && second.kind === 'variable' && second.name === 'HTTP_HOST'
}

/** Two slashes at the beginning would name another host, and come from a path with a doubled slash. */
function oneSlash(url: string): string {
  return url.replace(/^\/[/\\]+/, '/')
}

/** Adds the query of the request behind the one that the rule has written. */
function withQuery(url: string, query: string): string {
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}
