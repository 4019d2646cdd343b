import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import { type ElementShape, readShaped } from '../../../config/xml/element.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { bool } from '../../../platform/schema.ts'
import type { Module } from '../module.ts'
import { TypeTable } from './coded-head.ts'
import { type Compression, CompressingReply, type CompressionRules } from './compressing-reply.ts'
import { encodersOf } from './encoders.ts'
import { withPlainTags } from './plain-tags.ts'
import { httpCompressionDefaults, httpCompressionShape, readHttpCompression } from './read-http-compression.ts'
import type { CompressedType, HttpCompressionSettings, UrlCompressionSettings } from './settings.ts'

interface UrlCompressionAttributes {
  readonly doStaticCompression: boolean
  readonly doDynamicCompression: boolean
  readonly dynamicCompressionBeforeCache: boolean
}

const shape: ElementShape<UrlCompressionAttributes> = {
  kinds: { doStaticCompression: bool(), doDynamicCompression: bool(), dynamicCompressionBeforeCache: bool() },
  defaults: { doStaticCompression: true, doDynamicCompression: false },
}

const urlSection: SectionReader<UrlCompressionSettings> = {
  section: 'urlCompression',
  shape,
  read: (elements, { problems }) => {
    let [isStatic, dynamic] = [elements.length > 0, false]
    for (const element of elements) {
      const written = readShaped(element, shape, problems)
      isStatic = written.doStaticCompression?.value ?? isStatic
      dynamic = written.doDynamicCompression?.value ?? dynamic
    }
    return isStatic || dynamic ? { dynamic, static: isStatic } : undefined
  },
  describe: (settings) => [
    ['compression', [settings.dynamic && 'responses', settings.static && 'static files'].filter(Boolean).join(', ')],
  ],
}

const httpSection: SectionReader<HttpCompressionSettings> = {
  section: 'httpCompression',
  shape: httpCompressionShape,
  read: (elements, { problems }) => readHttpCompression(elements, problems),
  describe: ({ schemes, minFileSizeForComp }) => [
    ['compression schemes', schemes.map(({ name }) => name).join(', ')],
    ['compressed from', `${String(minFileSizeForComp)} bytes`],
  ],
}

/**
 * `<urlCompression>`: compresses responses on their way to the client, those of the application only where
 * doDynamicCompression="true" is written, because IIS has its module only where it is installed.
 */
export const compression: Module<UrlCompressionSettings> = {
  section: urlSection,
  nativeName: 'DynamicCompressionModule',
  create: (wanted, { handlers, sections = {} }) => {
    if (!wanted.dynamic && handlers.every(({ content }) => content === undefined)) return {}
    const settings = settingsOf({ sections }, httpSection) ?? httpCompressionDefaults
    const rules = rulesOf(wanted, settings)
    return {
      ...(wanted.dynamic && { rewrite: withPlainTags }),
      wrapReply: (exchange, reply, _execute, hold) =>
        new CompressingReply(reply, exchange, rules, mayCode(exchange, settings), hold),
    }
  },
}

/** `<httpCompression>`: how responses are compressed. It does nothing by itself. */
export const compressionSchemes: Module<HttpCompressionSettings> = { section: httpSection, create: () => ({}) }

function rulesOf(wanted: UrlCompressionSettings, settings: HttpCompressionSettings): CompressionRules {
  const { schemes, dynamicTypes, staticTypes, minFileSizeForComp, maxConcurrentCompressions } = settings
  const named = (types: readonly CompressedType[], level: 'dynamicLevel' | 'staticLevel'): Compression => ({
    types: new TypeTable(types),
    names: schemes.map(({ name }) => name),
    encoders: new Map(schemes.map((scheme) => [scheme.name, encodersOf(scheme.name, scheme[level])])),
  })
  let free = maxConcurrentCompressions
  return {
    dynamic: wanted.dynamic ? named(dynamicTypes, 'dynamicLevel') : undefined,
    static: wanted.static ? named(staticTypes, 'staticLevel') : undefined,
    minBytes: minFileSizeForComp,
    take: () => {
      if (free === 0) return false
      free -= 1
      return true
    },
    giveBack: () => {
      free += 1
    },
  }
}

/** Whether a response to this request may be compressed, whatever the response is. */
function mayCode({ method, headers, httpVersion, upgrade }: Exchange, settings: HttpCompressionSettings): boolean {
  if (method === 'HEAD' || method === 'CONNECT' || upgrade !== undefined) return false
  if (httpVersion === '1.0' && settings.noCompressionForHttp10) return false
  if (settings.noCompressionForProxies && headers.get('via') !== undefined) return false
  if (settings.noCompressionForRange && headers.get('range') !== undefined) return false
  return !/(?:^|[,\s])no-transform(?:$|[,\s])/i.test(headers.get('cache-control') ?? '')
}
