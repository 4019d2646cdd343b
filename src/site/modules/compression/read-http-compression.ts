import { Problems, shown } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { childrenNamed, openElement, readAttributes, type Values } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, nonEmpty, string, uint } from '../../../platform/schema.ts'
import { isCodingName, isKnownCoding } from './encoders.ts'
import type { CompressedType, CompressionScheme, HttpCompressionSettings } from './settings.ts'

interface SchemeAttributes {
  readonly name: string
  readonly dll: string
  readonly staticCompressionLevel: number
  readonly dynamicCompressionLevel: number
}

/** The attributes that have an effect. */
const ownKinds = {
  minFileSizeForComp: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  noCompressionForHttp10: bool(),
  noCompressionForProxies: bool(),
  noCompressionForRange: bool(),
  maxConcurrentCompressions: uint({ min: 0, max: 100_000 }),
}

type OwnAttributes = Pick<HttpCompressionSettings, keyof typeof ownKinds>

/** They are for the store of compressed files, which does not exist here, and for how busy the machine is. */
const meaningless = {
  sendCacheHeaders: bool(),
  expiresHeader: string(),
  cacheControlHeader: string(),
  directory: string(),
  doDiskSpaceLimiting: bool(),
  maxDiskSpaceUsage: string(),
  staticCompressionDisableCpuUsage: string(),
  staticCompressionEnableCpuUsage: string(),
  dynamicCompressionDisableCpuUsage: string(),
  dynamicCompressionEnableCpuUsage: string(),
  staticCompressionIgnoreHitFrequency: bool(),
}

const level = uint({ min: 0, max: 11 })

const types: CollectionTable<CompressedType> = {
  what: 'media type',
  kinds: { mimeType: nonEmpty('a media type, such as text/html, text/* or */*'), enabled: bool() },
  required: ['mimeType'],
  key: ['mimeType'],
  mayRepeat: true,
  defaults: { enabled: true },
}

const schemes: CollectionTable<SchemeAttributes> = {
  what: 'scheme',
  addElement: 'scheme',
  kinds: {
    name: nonEmpty('the name of a content coding', ['br', 'gzip', 'deflate', 'zstd']),
    dll: string(),
    staticCompressionLevel: level,
    dynamicCompressionLevel: level,
  },
  required: ['name'],
  key: ['name'],
  beside: {
    dynamicTypes: collectionShape(types),
    staticTypes: collectionShape(types),
    // Development tools have written this, and IIS Express takes it.
    dynamicCompression: openElement,
  },
  defaults: { staticCompressionLevel: 7, dynamicCompressionLevel: 0 },
  attributes: {
    kinds: { ...ownKinds, ...meaningless },
    defaults: {
      minFileSizeForComp: 2700,
      noCompressionForHttp10: true,
      noCompressionForProxies: true,
      noCompressionForRange: true,
      maxConcurrentCompressions: 256,
    },
  },
}

/** `<httpCompression>`. */
export const httpCompressionShape = collectionShape(schemes)

const on = (...names: readonly string[]): readonly CompressedType[] =>
  names.map((mimeType) => ({ mimeType, enabled: true }))

const common = ['text/*', 'message/*', 'application/javascript', 'application/atom+xml', 'application/xaml+xml']
const defaultDynamicTypes = on(...common)
const defaultStaticTypes = on(...common, 'image/svg+xml')

/** What holds where no `<httpCompression>` is written. */
export const httpCompressionDefaults: HttpCompressionSettings = {
  schemes: [
    { name: 'br', dynamicLevel: 0, staticLevel: 7 },
    { name: 'gzip', dynamicLevel: 0, staticLevel: 7 },
  ],
  dynamicTypes: defaultDynamicTypes,
  staticTypes: defaultStaticTypes,
  minFileSizeForComp: 2700,
  noCompressionForHttp10: true,
  noCompressionForProxies: true,
  noCompressionForRange: true,
  maxConcurrentCompressions: 256,
}

/** Reads the `<httpCompression>` elements, outermost file first. Undefined: none is written. */
export function readHttpCompression(
  elements: readonly XmlElement[],
  problems: Problems,
): HttpCompressionSettings | undefined {
  if (elements.length === 0) return undefined
  const { schemes: usual, dynamicTypes, staticTypes, ...defaults } = httpCompressionDefaults
  let own: OwnAttributes = defaults
  for (const element of elements) {
    // What is wrong is reported with the collection of schemes.
    const written: Values<OwnAttributes> = readAttributes(element, { ...ownKinds, ...meaningless }, new Problems())
    own = {
      minFileSizeForComp: written.minFileSizeForComp?.value ?? own.minFileSizeForComp,
      noCompressionForHttp10: written.noCompressionForHttp10?.value ?? own.noCompressionForHttp10,
      noCompressionForProxies: written.noCompressionForProxies?.value ?? own.noCompressionForProxies,
      noCompressionForRange: written.noCompressionForRange?.value ?? own.noCompressionForRange,
      maxConcurrentCompressions: written.maxConcurrentCompressions?.value ?? own.maxConcurrentCompressions,
    }
  }
  for (const { at } of childrenNamed(elements, 'dynamicCompression').slice(0, 1))
    problems.warning(at, '<dynamicCompression> means nothing in <httpCompression>.', 'Write <dynamicTypes>.')
  const written = readSchemes(elements, problems)
  return {
    ...own,
    schemes: written.length === 0 ? usual : written,
    dynamicTypes: readTypes(elements, 'dynamicTypes', dynamicTypes, problems),
    staticTypes: readTypes(elements, 'staticTypes', staticTypes, problems),
  }
}

function readSchemes(elements: readonly XmlElement[], problems: Problems): readonly CompressionScheme[] {
  return readCollection(elements, schemes, problems).flatMap(({ values, at }) => {
    const { name = '', staticCompressionLevel = 7, dynamicCompressionLevel = 0 } = values
    const coding = name.toLowerCase()
    if (isCodingName(coding) && isKnownCoding(coding))
      return [{ name: coding, dynamicLevel: dynamicCompressionLevel, staticLevel: staticCompressionLevel }]
    if (at.name !== undefined) {
      const text = `The coding "${shown(name)}" is not known here, so no response is compressed with it.`
      problems.notice(at.name, text, 'Write gzip or br; zstd needs Node 22.15 or later.')
    }
    return []
  })
}

function readTypes(
  elements: readonly XmlElement[],
  name: string,
  defaults: readonly CompressedType[],
  problems: Problems,
): readonly CompressedType[] {
  return readCollection(childrenNamed(elements, name), types, problems, defaults).map(({ values }) => {
    const [essence = ''] = (values.mimeType ?? '').toLowerCase().split(';')
    const mimeType = essence.trim()
    return { mimeType: mimeType === '*/*' ? '*' : mimeType, enabled: values.enabled ?? true }
  })
}
