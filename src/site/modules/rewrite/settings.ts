/** `<rewrite>` as it was read; every pattern and template in it has been found valid. */
export interface RewriteSettings {
  /** globalRules first, then the rules of outer files, then those of the application. Disabled rules are left out. */
  readonly rules: readonly RuleSettings[]
  readonly outboundRules: readonly OutboundRuleSettings[]
  readonly maps: readonly MapSettings[]
}

export interface RuleSettings {
  readonly name: string
  /** A global rule sees the path within the site, any other the path within the application. */
  readonly isGlobal: boolean
  /** The part of the application that the rule was written for, whose path it does not see; absent: all of it. */
  readonly part?: string
  readonly url: PatternSettings
  readonly conditions: ConditionsSettings
  /** Header fields that the application gets, in the order in which they are set. */
  readonly serverVariables: readonly ServerVariable[]
  readonly action: ActionSettings
  readonly stopProcessing: boolean
}

export type PatternSyntax = 'ECMAScript' | 'Wildcard' | 'ExactMatch'

export interface PatternSettings {
  readonly syntax: PatternSyntax
  readonly text: string
  readonly ignoreCase: boolean
  readonly negate: boolean
}

export interface ConditionsSettings {
  /** True: one of them is enough (logicalGrouping="MatchAny"). */
  readonly isAny: boolean
  /** Whether `{C:n}` numbers the captures of all conditions on, instead of those of the last one that matched. */
  readonly tracksAllCaptures: boolean
  readonly list: readonly ConditionSettings[]
}

export interface ConditionSettings {
  /** A template. */
  readonly input: string
  readonly test: 'IsFile' | 'IsDirectory' | PatternSettings
  /** For IsFile and IsDirectory; a pattern has its own. */
  readonly negate: boolean
}

export interface ServerVariable {
  /** Such as `HTTP_X_FORWARDED_PROTO`. */
  readonly name: string
  /** A template. */
  readonly value: string
  /** False: only where the request has no such field. */
  readonly replace: boolean
  /** True: no rule may set it, so the rule cannot be applied. */
  readonly isRefused?: true
}

export type ActionSettings =
  | { readonly type: 'None' | 'AbortRequest' }
  /** `url` is a template. */
  | { readonly type: 'Rewrite'; readonly url: string; readonly appendQueryString: boolean }
  | { readonly type: 'Redirect'; readonly url: string; readonly appendQueryString: boolean; readonly status: number }
  | {
      readonly type: 'CustomResponse'
      readonly status: number
      readonly substatus: number
      readonly reason: string
      readonly description: string
    }

export interface OutboundRuleSettings {
  readonly name: string
  /** The header field of the response, in lower case. */
  readonly field: string
  readonly pattern: PatternSettings
  /** Undefined: there is no precondition. */
  readonly preCondition: ConditionsSettings | undefined
  readonly conditions: ConditionsSettings
  /** The new value, a template; undefined: nothing is changed (action None). */
  readonly value: string | undefined
  /** False: only where the response has no such field. */
  readonly replace: boolean
  readonly stopProcessing: boolean
}

export interface MapSettings {
  readonly name: string
  readonly defaultValue: string
  readonly ignoreCase: boolean
  readonly entries: readonly (readonly [key: string, value: string])[]
}
