import { type Problems, shown } from '../../../config/problems.ts'
import { type CollectionTable, type Entry, readCollection } from '../../../config/sections/collection.ts'
import { checkChildren, childrenNamed, type Kinds, readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, nonEmpty } from '../../../platform/schema.ts'
import { readFilteringRules } from './filtering-rules.ts'
import { readRequestLimits } from './request-limits.ts'
import { fold } from './spellings.ts'
import { type NameFilter, requestFilteringDefaults, type RequestFilteringSettings } from './settings.ts'

interface SectionAttributes {
  readonly allowDoubleEscaping: boolean
  readonly allowHighBitCharacters: boolean
  readonly unescapeQueryString: boolean
  readonly removeServerHeader: boolean
}

const sectionKinds: Kinds<SectionAttributes> = {
  allowDoubleEscaping: bool(),
  allowHighBitCharacters: bool(),
  unescapeQueryString: bool(),
  removeServerHeader: bool(),
}

interface FilterAttributes {
  readonly allowUnlisted: boolean
  readonly applyToWebDAV: boolean
}

const filterKinds: Kinds<FilterAttributes> = { allowUnlisted: bool(), applyToWebDAV: bool() }
const segmentListKinds: Kinds<Pick<FilterAttributes, 'applyToWebDAV'>> = { applyToWebDAV: bool() }

interface Verb {
  readonly verb: string
  readonly allowed: boolean
}

const verbs: CollectionTable<Verb> = {
  what: 'verb',
  kinds: { verb: nonEmpty('a method'), allowed: bool() },
  required: ['verb', 'allowed'],
  key: ['verb'],
  keysHaveCase: true,
}

interface FileExtension {
  readonly fileExtension: string
  readonly allowed: boolean
}

const fileExtensions: CollectionTable<FileExtension> = {
  what: 'file extension',
  kinds: { fileExtension: nonEmpty('an extension with its dot'), allowed: bool() },
  required: ['fileExtension', 'allowed'],
  key: ['fileExtension'],
}

const hiddenSegments: CollectionTable<{ readonly segment: string }> = {
  what: 'hidden segment',
  kinds: { segment: nonEmpty('one segment of a path') },
  required: ['segment'],
  key: ['segment'],
}

const alwaysAllowedUrls: CollectionTable<{ readonly url: string }> = {
  what: 'URL',
  kinds: { url: nonEmpty('a path') },
  required: ['url'],
  key: ['url'],
}

const alwaysAllowedQueryStrings: CollectionTable<{ readonly queryString: string }> = {
  what: 'query string',
  kinds: { queryString: nonEmpty('a query') },
  required: ['queryString'],
  key: ['queryString'],
}

const sequences: CollectionTable<{ readonly sequence: string }> = {
  what: 'sequence',
  kinds: { sequence: nonEmpty('the characters that are denied') },
  required: ['sequence'],
  key: ['sequence'],
}

/**
 * Reads the `<security><requestFiltering>` elements, outermost file first. In the result a setting is left out where it
 * is IIS's default.
 */
export function readRequestFiltering(elements: readonly XmlElement[], problems: Problems): RequestFilteringSettings {
  const attributes: { -readonly [N in keyof SectionAttributes]?: boolean } = {}
  for (const element of elements) {
    checkChildren(element, childNames, problems)
    const written = readAttributes(element, sectionKinds, problems)
    for (const name of Object.keys(written) as (keyof SectionAttributes)[]) {
      attributes[name] = written[name]?.value ?? false
    }
  }
  const named = (name: string): readonly XmlElement[] => childrenNamed(elements, name)
  const plain = (name: string): readonly XmlElement[] => {
    for (const list of named(name)) readAttributes(list, {}, problems)
    return named(name)
  }
  const segments = named('hiddenSegments')
  for (const list of segments) readAttributes(list, segmentListKinds, problems)
  const hidden = readCollection(
    segments,
    hiddenSegments,
    problems,
    requestFilteringDefaults.hiddenSegments.map((segment) => ({ segment })),
  )
  warnOfSegments(hidden, problems)
  const lists = {
    hiddenSegments: valuesOf(hidden, 'segment'),
    alwaysAllowedUrls: valuesOf(readCollection(plain('alwaysAllowedUrls'), alwaysAllowedUrls, problems), 'url'),
    alwaysAllowedQueryStrings: valuesOf(
      readCollection(plain('alwaysAllowedQueryStrings'), alwaysAllowedQueryStrings, problems),
      'queryString',
    ).map((query) => query.replace(/^\?/, '')),
    denyUrlSequences: valuesOf(readCollection(plain('denyUrlSequences'), sequences, problems), 'sequence'),
    denyQueryStringSequences: valuesOf(
      readCollection(plain('denyQueryStringSequences'), sequences, problems),
      'sequence',
    ),
  }
  const verbFilter = readVerbs(named('verbs'), problems)
  const extensionFilter = readExtensions(named('fileExtensions'), problems)
  const rules = readFilteringRules(plain('filteringRules'), problems)
  return {
    ...readRequestLimits(named('requestLimits'), problems),
    ...(attributes.allowDoubleEscaping === true && { allowDoubleEscaping: true }),
    ...(attributes.allowHighBitCharacters === false && { allowHighBitCharacters: false }),
    ...(attributes.unescapeQueryString === false && { unescapeQueryString: false }),
    ...(attributes.removeServerHeader === true && { removeServerHeader: true }),
    ...(verbFilter !== undefined && { verbs: verbFilter }),
    ...(extensionFilter !== undefined && { fileExtensions: extensionFilter }),
    ...Object.fromEntries(
      Object.entries(lists).filter(([name, list]) => {
        return name === 'hiddenSegments' ? !isDefault(list) : list.length > 0
      }),
    ),
    ...(rules.length > 0 && { filteringRules: rules }),
  }
}

const childNames = [
  'fileExtensions',
  'requestLimits',
  'verbs',
  'hiddenSegments',
  'alwaysAllowedUrls',
  'alwaysAllowedQueryStrings',
  'denyUrlSequences',
  'denyQueryStringSequences',
  'filteringRules',
]

function isDefault(segments: readonly string[]): boolean {
  return segments.join('/') === requestFilteringDefaults.hiddenSegments.join('/')
}

function readVerbs(elements: readonly XmlElement[], problems: Problems): NameFilter | undefined {
  const entries = readCollection(elements, verbs, problems)
  for (const { values, at } of entries) {
    if (at.verb === undefined || !/[,;\s]/.test(values.verb ?? '')) continue
    const text = `verb="${shown(values.verb ?? '')}" stands for one method of this name, which no request has.`
    problems.warning(at.verb, text, 'Write one <add> for each method.')
  }
  return filterOf(
    readAllowUnlisted(elements, problems),
    entries.map(({ values }) => [values.verb ?? '', values.allowed === true] as const),
  )
}

function readExtensions(elements: readonly XmlElement[], problems: Problems): NameFilter | undefined {
  const entries = readCollection(elements, fileExtensions, problems)
  for (const { values, at } of entries) {
    const extension = values.fileExtension ?? ''
    if (at.fileExtension === undefined || /^\.[^./\\]*$/.test(extension)) continue
    const text = `fileExtension="${shown(extension)}" is the extension of no path.`
    problems.warning(at.fileExtension, text, 'Write one dot and what follows the last dot of the path, such as ".cs".')
  }
  return filterOf(
    readAllowUnlisted(elements, problems),
    entries.map(({ values }) => [(values.fileExtension ?? '').toLowerCase(), values.allowed === true] as const),
  )
}

/** The nearest element that has allowUnlisted decides. */
function readAllowUnlisted(elements: readonly XmlElement[], problems: Problems): boolean {
  let allowUnlisted = true
  for (const element of elements) {
    allowUnlisted = readAttributes(element, filterKinds, problems).allowUnlisted?.value ?? allowUnlisted
  }
  return allowUnlisted
}

/** Undefined: everything is allowed. */
function filterOf(
  allowUnlisted: boolean,
  entries: readonly (readonly [name: string, allowed: boolean])[],
): NameFilter | undefined {
  const allowed = entries.filter(([, isAllowed]) => isAllowed).map(([name]) => name)
  const denied = entries.filter(([, isAllowed]) => !isAllowed).map(([name]) => name)
  return allowUnlisted && denied.length === 0 ? undefined : { allowUnlisted, allowed, denied }
}

function valuesOf<T extends object>(entries: readonly Entry<T>[], name: keyof T): readonly string[] {
  return entries.map(({ values }) => fold(String(values[name])))
}

/** A segment with a slash is no segment of any path, so its author relies on something that is not there. */
function warnOfSegments(entries: readonly Entry<{ readonly segment: string }>[], problems: Problems): void {
  for (const { values, at } of entries) {
    if (at.segment === undefined || !/[/\\]/.test(values.segment ?? '')) continue
    const text = `segment="${shown(values.segment ?? '')}" has a slash, so no segment of a path is like it.`
    problems.warning(at.segment, text, 'Write one segment, or use <denyUrlSequences>.')
  }
}
