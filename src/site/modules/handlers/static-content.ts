import { type Problems, shown } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import { childrenNamed, type ElementShape, readShaped, type Values } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { isFieldValue } from '../../../http/field-syntax.ts'
import { bool, choice, matching, nonEmpty, string, timeSpan } from '../../../platform/schema.ts'
import type { Module } from '../module.ts'
import { defaultMediaTypes, newerMediaTypes } from './media-types.ts'

export interface MimeMap {
  /** In lower case, with its dot; `.` for a name without extension, `.*` for every other one. */
  readonly fileExtension: string
  readonly mimeType: string
}

/** What `<staticContent>` comes to. */
export interface StaticContentSettings {
  /** Those that are written. */
  readonly mimeMaps: readonly MimeMap[]
  /** Extensions whose type by default is taken away; undefined: all of them are. */
  readonly removed: readonly string[] | undefined
  /** The values of Cache-Control and Expires; undefined: there is none. */
  readonly cacheControl?: string
  readonly expires?: string
  readonly setEtag: boolean
}

/** What holds where no `<staticContent>` is written. */
const staticContentDefaults: StaticContentSettings = { mimeMaps: [], removed: [], setEtag: true }

interface ClientCache {
  readonly cacheControlMode: 'NoControl' | 'DisableCache' | 'UseMaxAge' | 'UseExpires'
  readonly cacheControlMaxAge: number
  readonly httpExpires: string
  readonly cacheControlCustom: string
  readonly setEtag: boolean
}

const fieldValue = matching('text on one line, without control characters', isFieldValue, '[\\s\\S]*')

const clientCache: ElementShape<ClientCache> = {
  kinds: {
    cacheControlMode: choice(['NoControl', 'DisableCache', 'UseMaxAge', 'UseExpires']),
    cacheControlMaxAge: timeSpan({ min: 0, max: 8_639_913_600 }),
    httpExpires: fieldValue,
    cacheControlCustom: fieldValue,
    setEtag: bool(),
  },
  defaults: { cacheControlMode: 'NoControl', cacheControlMaxAge: 86_400_000, setEtag: true },
}

const mimeMaps: CollectionTable<MimeMap> = {
  what: 'type of the extension',
  addElement: 'mimeMap',
  kinds: {
    fileExtension: nonEmpty('an extension with its dot, such as .json'),
    mimeType: matching(
      'a media type',
      (written) => written.trim() !== '' && isFieldValue(written),
      '[\\s\\S]*\\S[\\s\\S]*',
    ),
  },
  required: ['fileExtension', 'mimeType'],
  key: ['fileExtension'],
  beside: { clientCache },
  attributes: {
    kinds: { defaultDocFooter: string(), enableDocFooter: bool(), isDocFooterFileName: bool() },
    defaults: { enableDocFooter: false, isDocFooterFileName: false },
  },
}

const section: SectionReader<StaticContentSettings> = {
  section: 'staticContent',
  shape: collectionShape(mimeMaps),
  read: (elements, { problems }) => (elements.length === 0 ? undefined : readStaticContent(elements, problems)),
  describe: ({ mimeMaps: maps, cacheControl, expires }) => [
    ...maps.map(({ fileExtension, mimeType }) => [`files ${fileExtension}`, mimeType] as const),
    ...(cacheControl === undefined ? [] : [['Cache-Control of files', cacheControl] as const]),
    ...(expires === undefined ? [] : [['Expires of files', expires] as const]),
  ],
}

/** `<staticContent>`: types and caching of the files that static handlers serve. It does nothing by itself. */
export const staticContent: Module<StaticContentSettings> = { section, create: () => ({}) }

/** The settings of an application, given those of all its sections. */
export function staticContentOf(sections: Readonly<Record<string, unknown>>): StaticContentSettings {
  return settingsOf({ sections }, section) ?? staticContentDefaults
}

/** Tells the type of a file by its name; undefined: files of this extension are not served. */
export function createMediaTypes({
  mimeMaps: written,
  removed,
}: StaticContentSettings): (name: string) => string | undefined {
  const types = removed === undefined ? new Map<string, string>() : new Map([...newerMediaTypes, ...defaultMediaTypes])
  for (const extension of removed ?? []) types.delete(extension)
  for (const { fileExtension, mimeType } of written) types.set(fileExtension, mimeType)
  return (name) => {
    const dot = name.lastIndexOf('.')
    const extension = dot < 0 ? '.' : name.slice(dot).toLowerCase()
    return types.get(extension) ?? (extension === '.' ? undefined : types.get('.*'))
  }
}

function readStaticContent(elements: readonly XmlElement[], problems: Problems): StaticContentSettings {
  const defaults = [...defaultMediaTypes].map(([fileExtension, mimeType]) => ({ fileExtension, mimeType }))
  const entries = readCollection(elements, mimeMaps, problems, defaults).map(({ values, element }) => ({
    fileExtension: (values.fileExtension ?? '').toLowerCase(),
    mimeType: (values.mimeType ?? '').trim(),
    isWritten: element !== undefined,
  }))
  for (const map of childrenNamed(elements, 'mimeMap')) {
    const written = map.attributes.get('fileExtension')
    if (written === undefined || written.value.trim() === '' || written.value.startsWith('.')) continue
    const text = `fileExtension="${shown(written.value)}" is that of no file, because extensions begin with a dot.`
    problems.warning(written.valueAt, text, `Write fileExtension=".${shown(written.value)}".`)
  }
  const left = new Set(entries.map(({ fileExtension }) => fileExtension))
  const removedNewer = childrenNamed(elements, 'remove')
    .map(({ attributes }) => attributes.get('fileExtension')?.value.toLowerCase() ?? '')
    .filter((extension) => newerMediaTypes.has(extension))
  const isCleared = childrenNamed(elements, 'clear').length > 0
  const { cacheControl, expires, setEtag } = readClientCache(childrenNamed(elements, 'clientCache'), problems)
  return {
    mimeMaps: entries.flatMap(({ isWritten, ...map }) => (isWritten ? [map] : [])),
    removed: isCleared
      ? undefined
      : [...[...defaultMediaTypes.keys()].filter((extension) => !left.has(extension)), ...new Set(removedNewer)],
    ...(cacheControl !== '' && { cacheControl }),
    ...(expires !== '' && { expires }),
    setEtag,
  }
}

function readClientCache(elements: readonly XmlElement[], problems: Problems) {
  const values: Values<ClientCache> = Object.assign(
    {},
    ...elements.map((element) => readShaped(element, clientCache, problems)),
  )
  const mode = values.cacheControlMode?.value ?? 'NoControl'
  const directives = [values.cacheControlCustom?.value.trim() ?? '']
  if (mode === 'DisableCache') directives.push('no-cache')
  if (mode === 'UseMaxAge') {
    const ageMs = values.cacheControlMaxAge?.value ?? 86_400_000
    directives.push(`max-age=${String(ageMs / 1000)}`)
  }
  const expires = mode === 'UseExpires' ? (values.httpExpires?.value.trim() ?? '') : ''
  if (mode === 'UseExpires' && Number.isNaN(Date.parse(expires))) {
    const at = (values.httpExpires ?? values.cacheControlMode)?.at
    const text = 'UseExpires needs a date in httpExpires, such as Sun, 29 Mar 2030 00:00:00 GMT.'
    if (at !== undefined) problems.warning(at, text, 'Write that date, or cacheControlMode="UseMaxAge".')
  }
  return {
    cacheControl: directives.filter((directive) => directive !== '').join(','),
    expires: Number.isNaN(Date.parse(expires)) ? '' : expires,
    setEtag: values.setEtag?.value ?? true,
  }
}
