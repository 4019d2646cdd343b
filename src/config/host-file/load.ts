import { dirname, resolve } from 'node:path'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { Environment } from '../expand.ts'
import { freezeDeep } from '../freeze.ts'
import type { WebLimits } from '../host-settings.ts'
import type { HostConfig, SiteConfig } from '../model.ts'
import { type Problem, Problems, shown } from '../problems.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { timeSpan, uint } from '../../platform/schema.ts'
import { checkText, childrenNamed, suggestion, type NoAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type ElementRules, type HostFileContext, readElement } from './elements.ts'
import { readHostFile } from './host-file.ts'
import { withHostSections } from './host-sections.ts'
import { readOwnSection } from './own-section.ts'
import { poolsRules } from './pool-attributes.ts'
import { readPools } from './pools.ts'
import { readSites, sitesRules } from './sites.ts'
import { Unused } from './unused.ts'

export interface HostFileOptions {
  /** The daemon's own environment, from which `%NAME%` is expanded. */
  readonly environment: Environment
  /** Readers of the sections of system.webServer that are honoured. */
  readonly sections: readonly SectionReader[]
}

/** What came of reading a host file. */
export interface LoadedHostFile {
  /** Frozen. It fails with every problem that was found, warnings and notices among them, if one is an error. */
  readonly config: Result<HostConfig, readonly Problem[]>
  /** The warnings and notices about a file that can be used; empty if it cannot. */
  readonly notices: readonly Problem[]
  /** Every file that was read or would be read if it appeared, absolute: the host file first. */
  readonly files: readonly string[]
}

/**
 * Reads a host file, which has the shape of IIS's applicationHost.config. Collects every problem. Looks at no folder of
 * an application: one that is missing keeps its application from running, and no other one.
 *
 * @param path absolute, or relative to the current folder
 */
export async function loadHostFileWith(path: string, options: HostFileOptions): Promise<LoadedHostFile> {
  const file = resolve(path)
  const problems = new Problems()
  const { root, files } = await readHostFile(file, problems)
  const config = root === undefined ? undefined : readConfiguration(root, files, options, problems)
  const list = freezeDeep(problems.list)
  if (config === undefined || problems.hasErrors) return { config: failed(list), notices: [], files }
  return { config: ok(freezeDeep(config)), notices: list, files }
}

function readConfiguration(
  root: XmlElement,
  files: readonly string[],
  options: HostFileOptions,
  problems: Problems,
): HostConfig {
  const { environment, sections } = options
  const unused = new Unused()
  const file = files[0] as string
  const context: HostFileContext = { folder: dirname(file), environment, problems, unused }
  const hosts = childrenNamed([root], 'system.applicationHost')
  for (const host of hosts) readElement(host, hostRules, context)
  const pools = readPools(childrenNamed(hosts, 'applicationPools'), context)
  reviewRoot(root, context)
  const sites = readSites(childrenNamed(hosts, 'sites'), pools, context)
  const writtenLimits = readWebLimits(childrenNamed(hosts, 'webLimits'), context)
  const { trustedProxies, admin, limits } = readOwnSection(
    childrenNamed([root], 'ancmd'),
    sites.flatMap(({ bindings }) => bindings),
    context,
  )
  const webLimits = { ...writtenLimits, ...limits }
  if (trustedProxies.length === 0) reportUnreachable(sites, context)
  if (sites.length === 0 && !problems.hasErrors) {
    const cure = 'Add <system.applicationHost><sites><site>…</site></sites></system.applicationHost>.'
    problems.error((hosts[0] ?? root).at, 'The file has no site.', cure)
  }
  if (sites.every(({ bindings }) => bindings.length === 0) && !problems.hasErrors) {
    const text = 'No binding of this file can be opened, so nothing would be served.'
    problems.error((hosts[0] ?? root).at, text, 'Add <binding protocol="http" bindingInformation="*:80:" /> to a site.')
  }
  const complete = withHostSections(sites, root, files, sections, context)
  unused.report(problems)
  return {
    file,
    sites: complete,
    trustedProxies,
    ...(Object.keys(webLimits).length > 0 && { webLimits }),
    ...(admin !== undefined && { admin }),
  }
}

/** Reports bindings that take connections from trusted proxies alone, where nobody is one. */
function reportUnreachable(sites: readonly SiteConfig[], { problems }: HostFileContext): void {
  for (const { proxyProtocol, at } of sites.flatMap(({ bindings }) => bindings)) {
    if (proxyProtocol !== true || at === undefined) continue
    const text = 'This binding takes connections from trusted proxies only, and none is named, so nobody reaches it.'
    problems.warning(at, text, 'Write <ancmd><trustedProxies><add ipAddress="…" /></trustedProxies></ancmd>.')
  }
}

const webLimitRules: ElementRules<{ headerWaitTimeout: number; minBytesPerSecond: number }> = {
  kinds: {
    headerWaitTimeout: timeSpan({ min: 0, max: 3_932_100 }),
    minBytesPerSecond: uint({ min: 0, max: 4_294_967_295, unit: 'bytes' }),
  },
  meaningless: [
    'connectionTimeout',
    'demandStartThreshold',
    'dynamicIdleThreshold',
    'dynamicRegistrationThreshold',
    'maxGlobalBandwidth',
  ],
}

/** `<system.applicationHost>`. */
export const hostRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { applicationPools: poolsRules, sites: sitesRules, webLimits: webLimitRules },
  meaninglessChildren: [
    'configHistory',
    'customMetadata',
    'listenerAdapters',
    'log',
    'preloadProviders',
    'serviceAutoStartProviders',
  ],
}

const rootSections = ['system.applicationHost', 'system.webServer', 'location', 'configSections', 'ancmd']
/** They are never a misspelt one of `rootSections`. */
const otherRootSections =
  /^(?:system\.(?:web|ftpServer|net|serviceModel|data|diagnostics|codedom)|configProtectedData|configPaths|webFarms|moduleProviders|appSettings|connectionStrings|runtime)$/

/** Collects the children of `<configuration>` and `<location>` that mean nothing here; a misspelt one is an error. */
function reviewRoot(root: XmlElement, { problems, unused }: HostFileContext): void {
  checkText(root, problems)
  for (const location of childrenNamed([root], 'location')) {
    for (const child of location.children) {
      if (child.name !== 'system.webServer') unused.add('meaningless', `<${shown(child.name)}>`, child.at)
    }
  }
  for (const child of root.children) {
    if (rootSections.includes(child.name)) continue
    if (Object.hasOwn(hostRules.children ?? {}, child.name)) {
      const text = `<${child.name}> stands outside <system.applicationHost>.`
      problems.error(child.at, text, 'Move it inside <system.applicationHost>.')
      continue
    }
    const meant = otherRootSections.test(child.name) ? undefined : suggestion(child.name, rootSections)
    if (meant === undefined) unused.add('meaningless', `<${shown(child.name)}>`, child.at)
    else problems.error(child.at, `<configuration> may not hold <${shown(child.name)}>.`, `Did you mean <${meant}>?`)
  }
}

function readWebLimits(elements: readonly XmlElement[], context: HostFileContext): WebLimits {
  const limits = elements.map((element): WebLimits => {
    const { headerWaitTimeout, minBytesPerSecond } = readElement(element, webLimitRules, context)
    return {
      ...(headerWaitTimeout !== undefined && { headerWaitTimeoutMs: headerWaitTimeout.value }),
      ...(minBytesPerSecond !== undefined && { minBytesPerSecond: minBytesPerSecond.value }),
    }
  })
  return Object.assign({}, ...limits) as WebLimits
}
