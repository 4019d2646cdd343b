/**
 * What `<security><requestFiltering>` comes to. Whatever is undefined has IIS's default, as it has without the section.
 */
export interface RequestFilteringSettings extends RequestLimits {
  /** True: a path may have escapes that are escaped again, or a `+`. Default: false, 404.11. */
  readonly allowDoubleEscaping?: true
  /** False: a path may have ASCII only, else 404.12. Default: true. */
  readonly allowHighBitCharacters?: false
  /** False: denyQueryStringSequences are looked for in the query as it was sent alone. Default: true, also decoded. */
  readonly unescapeQueryString?: false
  /** True: no response has a Server field. */
  readonly removeServerHeader?: true
  /** Methods, in their own letter case: 404.6. */
  readonly verbs?: NameFilter
  /** Extensions with their dot, in lower case; `.` is for a path without one: 404.7. */
  readonly fileExtensions?: NameFilter
  /** In lower case: 404.8. Default: `web.config`. */
  readonly hiddenSegments?: readonly string[]
  /** Whole paths, in lower case, for which denyUrlSequences do not count. */
  readonly alwaysAllowedUrls?: readonly string[]
  /** Whole queries without `?`, in lower case, for which denyQueryStringSequences do not count. */
  readonly alwaysAllowedQueryStrings?: readonly string[]
  /** In lower case: 404.5. */
  readonly denyUrlSequences?: readonly string[]
  /** In lower case: 404.18. */
  readonly denyQueryStringSequences?: readonly string[]
  /** 404.19. */
  readonly filteringRules?: readonly FilteringRule[]
}

export interface RequestLimits {
  /** The largest body, in bytes: 413.1. */
  readonly maxAllowedContentLength: number
  /** The longest path as it is sent, in bytes: 404.14. Default: 4096. */
  readonly maxUrl?: number
  /** The longest query without `?`, in bytes: 404.15. Default: 2048. */
  readonly maxQueryString?: number
  /** The longest values of header fields, in bytes, by names in lower case: 431. */
  readonly headerLimits?: readonly HeaderLimit[]
}

export interface HeaderLimit {
  readonly header: string
  readonly sizeLimit: number
}

/** A list of names that are allowed or denied; one that is not in it is allowed if `allowUnlisted`. */
export interface NameFilter {
  readonly allowUnlisted: boolean
  readonly allowed: readonly string[]
  readonly denied: readonly string[]
}

/** Texts that may not occur in some parts of some requests. */
export interface FilteringRule {
  readonly name: string
  readonly scanUrl: boolean
  readonly scanQueryString: boolean
  /** Whether all header fields, and the target as it was sent, are searched. */
  readonly scanAllRaw: boolean
  /** Whether a `%` that begins no escape is refused in what is searched. */
  readonly denyUnescapedPercent: boolean
  /** Names of header fields, in lower case. */
  readonly scanHeaders: readonly string[]
  /** Extensions with their dot, in lower case; empty: every path. */
  readonly appliesTo: readonly string[]
  /** In lower case. */
  readonly denyStrings: readonly string[]
}

/** IIS's own defaults. */
export const requestFilteringDefaults = Object.freeze({
  maxAllowedContentLength: 30_000_000,
  maxUrl: 4096,
  maxQueryString: 2048,
  hiddenSegments: Object.freeze(['web.config']),
})
