import { digitGroups } from '../../../platform/digit-groups.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GateAnswer } from '../module.ts'
import type { FilteringRule, RequestFilteringSettings } from './settings.ts'
import { requestFilteringDefaults } from './settings.ts'
import {
  extensionOf,
  hasUnescapedPercent,
  pathSpellings,
  querySpellings,
  segmentSpellings,
  valueSpellings,
} from './spellings.ts'
import { allowedBy, answer, createSequenceCheck, createUrlFilter } from './url-filter.ts'

type Gate = (exchange: Exchange) => GateAnswer | undefined

/**
 * The gate of request filtering: every filter that is configured, in IIS's order. Refusals are prepared when the
 * configuration is read. Under the defaults a request costs two comparisons and one search in its path.
 */
export function createFilters(settings: RequestFilteringSettings, bodyLimit: Gate): Gate {
  const verbs = createVerbFilter(settings)
  const lengths = createLengthFilter(settings)
  const headers = createHeaderFilter(settings)
  const url = createUrlFilter(settings)
  const late = [...createQueryFilter(settings), ...(settings.filteringRules ?? []).map(createRule)]
  return (exchange) => {
    const refused = verbs?.(exchange) ?? lengths(exchange.target) ?? bodyLimit(exchange) ?? headers?.(exchange)
    if (refused !== undefined) return refused
    const refusedUrl = url(exchange.target, exchange.path)
    if (refusedUrl !== undefined || late.length === 0) return refusedUrl
    for (const filter of late) {
      const found = filter(exchange)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function createVerbFilter({ verbs }: RequestFilteringSettings): Gate | undefined {
  if (verbs === undefined) return undefined
  const isAllowed = allowedBy(verbs)
  return ({ method, upgrade }) => {
    // A WebSocket over HTTP/2 is a CONNECT, which the application gets as the GET that it is over HTTP/1.1.
    const verb = upgrade === undefined ? method : 'GET'
    return isAllowed(verb) ? undefined : answer('verb-denied', `<verbs> "${verb}"`)
  }
}

function createLengthFilter({
  maxUrl = requestFilteringDefaults.maxUrl,
  maxQueryString = requestFilteringDefaults.maxQueryString,
}: RequestFilteringSettings): (target: string) => GateAnswer | undefined {
  const urlTooLong = answer('url-too-long', `maxUrl="${String(maxUrl)}"`)
  const queryTooLong = answer('query-too-long', `maxQueryString="${String(maxQueryString)}"`)
  const harmless = Math.min(maxUrl, maxQueryString)
  return (target) => {
    if (target.length <= harmless) return undefined
    const mark = target.indexOf('?')
    const end = mark < 0 ? target.length : mark
    if (end > maxUrl) return urlTooLong
    return target.length - end - 1 > maxQueryString ? queryTooLong : undefined
  }
}

function createHeaderFilter({ headerLimits = [] }: RequestFilteringSettings): Gate | undefined {
  if (headerLimits.length === 0) return undefined
  const limits = headerLimits.map(({ header, sizeLimit }) => {
    return {
      header,
      sizeLimit,
      tooLong: answer('header-too-long', `<headerLimits> "${header}" ${digitGroups(sizeLimit)}`),
    }
  })
  return ({ headers }) => {
    for (const { header, sizeLimit, tooLong } of limits) {
      const value = headers.get(header)
      if (value !== undefined && value.length > sizeLimit) return tooLong
    }
    return undefined
  }
}

/** The filter of the query; an empty list without one. */
function createQueryFilter({
  denyQueryStringSequences = [],
  alwaysAllowedQueryStrings = [],
  unescapeQueryString,
}: RequestFilteringSettings): readonly Gate[] {
  if (denyQueryStringSequences.length === 0) return []
  const check = createSequenceCheck(denyQueryStringSequences, 'denyQueryStringSequences', 'query-sequence-denied')
  const allowed = new Set(alwaysAllowedQueryStrings)
  const filter: Gate = ({ target }) => {
    const query = queryOf(target)
    if (query === '' || allowed.has(query.toLowerCase())) return undefined
    for (const spelling of querySpellings(query, unescapeQueryString !== false)) {
      const refused = check(spelling)
      if (refused !== undefined) return refused
    }
    return undefined
  }
  return [filter]
}

function createRule(rule: FilteringRule): Gate {
  const refused = answer('filtering-rule', `<filteringRule> "${rule.name}"`)
  const appliesTo = new Set(rule.appliesTo)
  const scanned = new Set(rule.scanHeaders)
  const denies = (raw: string, spellings: readonly string[]): boolean =>
    (rule.denyUnescapedPercent && hasUnescapedPercent(raw)) ||
    spellings.some((spelling) => rule.denyStrings.some((text) => spelling.includes(text)))
  return ({ target, path, headers }) => {
    const paths = pathSpellings(target, path)
    if (appliesTo.size > 0 && !paths.some((spelling) => hasExtension(spelling, appliesTo))) return undefined
    const query = queryOf(target)
    const rawPath = target.slice(0, target.length - query.length)
    if ((rule.scanUrl || rule.scanAllRaw) && denies(rawPath, [...paths, rawPath.toLowerCase()])) return refused
    if (rule.scanQueryString && denies(query, querySpellings(query, true))) return refused
    if (rule.scanAllRaw && denies(query, [query.toLowerCase()])) return refused
    if (scanned.size === 0 && !rule.scanAllRaw) return undefined
    let isDenied = false as boolean
    headers.each((name, value) => {
      if (isDenied || (!rule.scanAllRaw && !scanned.has(name.toLowerCase()))) return
      isDenied = denies(value, valueSpellings(value))
    })
    return isDenied ? refused : undefined
  }
}

function hasExtension(path: string, extensions: ReadonlySet<string>): boolean {
  const last = path.slice(path.lastIndexOf('/') + 1)
  return segmentSpellings(last).some((name) => extensions.has(extensionOf(name)))
}

/** Without `?`; '' without a query. */
function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark < 0 ? '' : target.slice(mark + 1)
}
