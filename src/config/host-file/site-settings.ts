import { bool, choice, nonEmpty, timeSpan, uint } from '../../platform/schema.ts'
import type { HstsConfig, LogFileConfig, SiteLimits } from '../host-settings.ts'
import { childrenNamed, type Kinds, type Values } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type ElementRules, type HostFileContext, readElement, readPath } from './elements.ts'

interface LimitAttributes {
  readonly connectionTimeout: number
  readonly maxConnections: number
  readonly maxUrlSegments: number
}

interface LogFileAttributes {
  readonly enabled: boolean
  readonly logFormat: 'W3C' | 'NCSA' | 'JSON' | 'IIS' | 'Custom'
  readonly directory: string
  readonly period: LogFileConfig['period']
  readonly truncateSize: number
  readonly localTimeRollover: boolean
}

interface HstsAttributes {
  readonly enabled: boolean
  readonly 'max-age': number
  readonly includeSubDomains: boolean
  readonly preload: boolean
  readonly redirectHttpToHttps: boolean
}

const limitRules: ElementRules<LimitAttributes> = {
  kinds: {
    connectionTimeout: timeSpan({ min: 0, max: 3_932_100 }),
    maxConnections: uint({ min: 0, max: 4_294_967_295 }),
    maxUrlSegments: uint({ min: 0, max: 16_383 }),
  },
  meaningless: ['maxBandwidth'],
}

const logFileKinds: Kinds<LogFileAttributes> = {
  enabled: bool(),
  logFormat: choice(['W3C', 'NCSA', 'JSON', 'IIS', 'Custom']),
  directory: nonEmpty('a folder'),
  period: choice(['Hourly', 'Daily', 'Weekly', 'Monthly', 'MaxSize']),
  truncateSize: uint({ min: 1_048_576, max: 4_294_967_295, unit: 'bytes' }),
  localTimeRollover: bool(),
}

const logFileRules: ElementRules<LogFileAttributes> = {
  kinds: logFileKinds,
  meaningless: [
    'logExtFileFlags',
    'customLogPluginClsid',
    'logTargetW3C',
    'logSiteId',
    'flushByEntryCountW3CLog',
    'maxLogLineLength',
  ],
  meaninglessChildren: ['customFields'],
}

const hstsRules: ElementRules<HstsAttributes> = {
  kinds: {
    enabled: bool(),
    'max-age': uint({ min: 0, max: 4_294_967_295, unit: 'seconds' }),
    includeSubDomains: bool(),
    preload: bool(),
    redirectHttpToHttps: bool(),
  },
}

/** The elements of settings that `<site>` and `<siteDefaults>` have in common. */
export const settingsShapes = { limits: limitRules, logFile: logFileRules, hsts: hstsRules }

/** The attributes of the elements that `<site>` and `<siteDefaults>` have in common. */
export interface WrittenSettings {
  readonly limits: Values<LimitAttributes>
  readonly logFile: Values<LogFileAttributes>
  readonly hsts: Values<HstsAttributes>
}

export const noSettings: WrittenSettings = { limits: {}, logFile: {}, hsts: {} }

/** Reads the settings of a site or of the defaults; what is not written there is taken from `outer`. */
export function readSettings(element: XmlElement, outer: WrittenSettings, context: HostFileContext): WrittenSettings {
  const merged = <T extends object>(from: Values<T>, name: string, rules: ElementRules<T>): Values<T> =>
    Object.assign({}, from, ...childrenNamed([element], name).map((child) => readElement(child, rules, context)))
  return {
    limits: merged(outer.limits, 'limits', limitRules),
    logFile: merged(outer.logFile, 'logFile', logFileRules),
    hsts: merged(outer.hsts, 'hsts', hstsRules),
  }
}

export interface SiteSettings {
  readonly limits?: SiteLimits
  readonly logFile?: LogFileConfig
  readonly hsts?: HstsConfig
}

export function settingsOfSite(written: WrittenSettings, context: HostFileContext): SiteSettings {
  const limits = limitsOf(written.limits)
  const logFile = logFileOf(written.logFile, context)
  const hsts = hstsOf(written.hsts)
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(logFile !== undefined && { logFile }),
    ...(hsts !== undefined && { hsts }),
  }
}

function limitsOf({ connectionTimeout, maxConnections, maxUrlSegments }: Values<LimitAttributes>): SiteLimits {
  return {
    ...(connectionTimeout !== undefined && { connectionTimeoutMs: connectionTimeout.value }),
    ...(maxConnections !== undefined && { maxConnections: maxConnections.value }),
    ...(maxUrlSegments !== undefined && { maxUrlSegments: maxUrlSegments.value }),
  }
}

/** The access log is off unless `enabled` is written, because real files write a directory that exists on Windows only. */
function logFileOf(written: Values<LogFileAttributes>, context: HostFileContext): LogFileConfig | undefined {
  if (written.enabled?.value !== true) return undefined
  const format = written.logFormat?.value ?? 'W3C'
  if (written.logFormat !== undefined && (format === 'IIS' || format === 'Custom')) {
    const text = `logFormat="${written.logFormat.text}" is not written here, but W3C.`
    context.problems.warning(written.logFormat.at, text, 'Write logFormat="W3C", "NCSA" or "JSON".')
  }
  const { directory } = written
  return {
    logFormat: format === 'IIS' || format === 'Custom' ? 'W3C' : format,
    directory: directory === undefined ? undefined : readPath('directory', directory, context),
    period: written.period?.value ?? 'Daily',
    truncateSize: written.truncateSize?.value ?? 20_971_520,
    localTimeRollover: written.localTimeRollover?.value ?? false,
  }
}

function hstsOf(written: Values<HstsAttributes>): HstsConfig | undefined {
  if (written.enabled?.value !== true) return undefined
  return {
    maxAge: written['max-age']?.value ?? 0,
    includeSubDomains: written.includeSubDomains?.value ?? false,
    preload: written.preload?.value ?? false,
    redirectHttpToHttps: written.redirectHttpToHttps?.value ?? false,
  }
}
