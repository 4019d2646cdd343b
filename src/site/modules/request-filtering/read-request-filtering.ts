import { Problems, shown } from '../../../config/problems.ts'
import {
  type CollectionTable,
  collectionShape,
  type Entry,
  readCollection,
} from '../../../config/sections/collection.ts'
import { type AnyShape, childrenNamed, readAttributes, readShaped } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, nonEmpty } from '../../../platform/schema.ts'
import { filteringRules, readFilteringRules } from './filtering-rules.ts'
import { readRequestLimits, requestLimitsShape } from './request-limits.ts'
import { fold } from './spellings.ts'
import { type NameFilter, requestFilteringDefaults, type RequestFilteringSettings } from './settings.ts'

const filterKinds = { allowUnlisted: bool(), applyToWebDAV: bool() }
const filterDefaults = { allowUnlisted: true, applyToWebDAV: true }

interface Verb {
  readonly verb: string
  readonly allowed: boolean
}

const verbs: CollectionTable<Verb> = {
  what: 'verb',
  kinds: { verb: nonEmpty('a method'), allowed: bool() },
  required: ['verb', 'allowed'],
  key: ['verb'],
  attributes: { kinds: filterKinds, defaults: filterDefaults },
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
  attributes: { kinds: filterKinds, defaults: filterDefaults },
}

const hiddenSegments: CollectionTable<{ readonly segment: string }> = {
  what: 'hidden segment',
  kinds: { segment: nonEmpty('one segment of a path') },
  required: ['segment'],
  key: ['segment'],
  attributes: { kinds: { applyToWebDAV: bool() }, defaults: { applyToWebDAV: true } },
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

const sectionKinds = {
  allowDoubleEscaping: bool(),
  allowHighBitCharacters: bool(),
  unescapeQueryString: bool(),
  removeServerHeader: bool(),
}

type SectionAttribute = keyof typeof sectionKinds

/** `<requestFiltering>`. */
export const requestFilteringShape = {
  kinds: sectionKinds,
  defaults: {
    allowDoubleEscaping: false,
    allowHighBitCharacters: true,
    unescapeQueryString: true,
    removeServerHeader: false,
  },
  children: {
    fileExtensions: collectionShape(fileExtensions),
    requestLimits: requestLimitsShape,
    verbs: collectionShape(verbs),
    hiddenSegments: collectionShape(hiddenSegments),
    alwaysAllowedUrls: collectionShape(alwaysAllowedUrls),
    alwaysAllowedQueryStrings: collectionShape(alwaysAllowedQueryStrings),
    denyUrlSequences: collectionShape(sequences),
    denyQueryStringSequences: collectionShape(sequences),
    filteringRules: collectionShape(filteringRules),
  },
} satisfies AnyShape

/**
 * Reads the `<security><requestFiltering>` elements, outermost file first. In the result a setting is left out where it
 * is IIS's default.
 */
export function readRequestFiltering(elements: readonly XmlElement[], problems: Problems): RequestFilteringSettings {
  const attributes: { [N in SectionAttribute]?: boolean } = {}
  for (const element of elements) {
    const written = readShaped<Readonly<Record<SectionAttribute, boolean>>>(element, requestFilteringShape, problems)
    for (const name of Object.keys(written) as SectionAttribute[]) attributes[name] = written[name]?.value ?? false
  }
  const named = (name: string): readonly XmlElement[] => childrenNamed(elements, name)
  const hidden = readCollection(
    named('hiddenSegments'),
    hiddenSegments,
    problems,
    requestFilteringDefaults.hiddenSegments.map((segment) => ({ segment })),
  )
  warnOfSegments(hidden, problems)
  const lists = {
    hiddenSegments: valuesOf(hidden, 'segment'),
    alwaysAllowedUrls: valuesOf(readCollection(named('alwaysAllowedUrls'), alwaysAllowedUrls, problems), 'url'),
    alwaysAllowedQueryStrings: valuesOf(
      readCollection(named('alwaysAllowedQueryStrings'), alwaysAllowedQueryStrings, problems),
      'queryString',
    ).map((query) => query.replace(/^\?/, '')),
    denyUrlSequences: valuesOf(readCollection(named('denyUrlSequences'), sequences, problems), 'sequence'),
    denyQueryStringSequences: valuesOf(
      readCollection(named('denyQueryStringSequences'), sequences, problems),
      'sequence',
    ),
  }
  const verbFilter = readVerbs(named('verbs'), problems)
  const extensionFilter = readExtensions(named('fileExtensions'), problems)
  const rules = readFilteringRules(named('filteringRules'), problems)
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
    readAllowUnlisted(elements),
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
    readAllowUnlisted(elements),
    entries.map(({ values }) => [(values.fileExtension ?? '').toLowerCase(), values.allowed === true] as const),
  )
}

/** The nearest element that has allowUnlisted decides. What is wrong has been reported with the collection. */
function readAllowUnlisted(elements: readonly XmlElement[]): boolean {
  let allowUnlisted = true
  for (const element of elements) {
    allowUnlisted = readAttributes(element, filterKinds, new Problems()).allowUnlisted?.value ?? allowUnlisted
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
