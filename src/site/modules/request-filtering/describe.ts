import type { PlanDetail } from '../../../config/sections/section-reader.ts'
import { digitGroups } from '../../../platform/digit-groups.ts'
import type { NameFilter, RequestFilteringSettings } from './settings.ts'

/** The lines of the plan: the largest body, and what is not as it is by default. */
export function describeRequestFiltering(settings: RequestFilteringSettings): readonly PlanDetail[] {
  const lines: PlanDetail[] = [['largest body', bytes(settings.maxAllowedContentLength)]]
  const say = (what: string, is: string | undefined): void => {
    if (is !== undefined) lines.push([what, is])
  }
  say('longest path', settings.maxUrl === undefined ? undefined : bytes(settings.maxUrl))
  say('longest query', settings.maxQueryString === undefined ? undefined : bytes(settings.maxQueryString))
  for (const { header, sizeLimit } of settings.headerLimits ?? []) say(`longest ${header}`, bytes(sizeLimit))
  say('verbs', filterText(settings.verbs))
  say('file extensions', filterText(settings.fileExtensions))
  say('hidden segments', settings.hiddenSegments === undefined ? undefined : listText(settings.hiddenSegments))
  say('denied in paths', settings.denyUrlSequences?.join(' '))
  say('paths where it is allowed', settings.alwaysAllowedUrls?.join(', '))
  say('denied in queries', settings.denyQueryStringSequences?.join(' '))
  say('queries where it is allowed', settings.alwaysAllowedQueryStrings?.join(', '))
  for (const { name, denyStrings } of settings.filteringRules ?? [])
    say('filtering rule', `${name}: ${denyStrings.join(' ')}`)
  say('double escapes', settings.allowDoubleEscaping === true ? 'allowed' : undefined)
  say('characters outside of ASCII', settings.allowHighBitCharacters === false ? 'denied in paths' : undefined)
  say('queries', settings.unescapeQueryString === false ? 'searched as they are sent alone' : undefined)
  say('Server field', settings.removeServerHeader === true ? 'removed' : undefined)
  return lines
}

function bytes(count: number): string {
  return `${digitGroups(count)} bytes`
}

function filterText(filter: NameFilter | undefined): string | undefined {
  if (filter === undefined) return undefined
  const { allowUnlisted, allowed, denied } = filter
  return allowUnlisted ? `all but ${denied.join(', ')}` : `${listText(allowed)} alone`
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
