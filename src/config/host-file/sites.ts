import { bool, nonEmpty, uint } from '../../platform/schema.ts'
import type { PoolConfig, SiteConfig } from '../model.ts'
import { type Place, shown } from '../problems.ts'
import { bareElement, childrenNamed, type Kinds, type Values, type NoAttributes } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import {
  type ApplicationDefaults,
  applicationDefaultsShapes,
  applicationShapes,
  readApplicationDefaults,
  readApplications,
} from './applications.ts'
import { bindingsRules, joinCertificates, type PlacedBinding, readBinding, reviewBindings } from './bindings.ts'
import { type ElementRules, type HostFileContext, placeText, readElement } from './elements.ts'
import { noSettings, readSettings, settingsOfSite, settingsShapes, type WrittenSettings } from './site-settings.ts'

interface SiteAttributes {
  readonly name: string
  readonly id: number
  readonly serverAutoStart: boolean
}

const kinds: Kinds<SiteAttributes> = {
  name: nonEmpty('the name of the site'),
  id: uint({ min: 1, max: 4_294_967_295 }),
  serverAutoStart: bool(),
}

const meaninglessChildren = ['traceFailedRequestsLogging', 'ftpServer']
const siteDefaultsRules: ElementRules<Pick<SiteAttributes, 'serverAutoStart'>> = {
  kinds: { serverAutoStart: kinds.serverAutoStart },
  children: settingsShapes,
  meaninglessChildren: [...meaninglessChildren, 'bindings'],
}

const siteRules: ElementRules<SiteAttributes> = {
  kinds,
  required: ['name', 'id'],
  children: { ...applicationShapes, bindings: bindingsRules, ...settingsShapes },
  meaninglessChildren,
}

/** `<sites>`. */
export const sitesRules: ElementRules<NoAttributes> = {
  kinds: {},
  children: { site: siteRules, siteDefaults: siteDefaultsRules, ...applicationDefaultsShapes },
}

/** What `<sites>` says for every site that does not say otherwise. */
interface SiteDefaults {
  readonly attributes: Values<Pick<SiteAttributes, 'serverAutoStart'>>
  readonly settings: WrittenSettings
  readonly applications: ApplicationDefaults
}

/** A site with all of its bindings, also those that are not opened. */
interface WrittenSite {
  readonly config: SiteConfig
  readonly bindings: readonly PlacedBinding[]
}

/** Reads the `<sites>` elements. Sites with errors may be missing in the result. */
export function readSites(
  elements: readonly XmlElement[],
  pools: ReadonlyMap<string, PoolConfig>,
  context: HostFileContext,
): readonly SiteConfig[] {
  for (const element of elements) readElement(element, sitesRules, context)
  const defaults = readDefaults(elements, context)
  const sites: WrittenSite[] = []
  const names = new Map<string, Place>()
  for (const element of childrenNamed(elements, 'site')) {
    const site = readSite(element, defaults, pools, context)
    if (site === undefined) continue
    const { name, id } = site.config
    for (const [key, what] of [
      [`name ${name.toLowerCase()}`, `name "${shown(name)}"`],
      [`id ${String(id)}`, `id ${String(id)}`],
    ] as const) {
      const before = names.get(key)
      if (before === undefined) names.set(key, element.at)
      else {
        const text = `The site ${placeText(before, element.at)} has the ${what} too.`
        context.problems.error(element.at, text, 'Give each site a name and an id of its own.')
      }
    }
    sites.push(site)
  }
  reviewBindings(
    sites.flatMap(({ bindings }) => bindings),
    context,
  )
  return sites.map(({ config }) => config)
}

function readDefaults(elements: readonly XmlElement[], context: HostFileContext): SiteDefaults {
  const siteDefaults = childrenNamed(elements, 'siteDefaults')
  const noApplications: ApplicationDefaults = { application: {}, virtualDirectory: {} }
  return {
    attributes: Object.assign({}, ...siteDefaults.map((element) => readElement(element, siteDefaultsRules, context))),
    settings: siteDefaults.reduce((outer, element) => readSettings(element, outer, context), noSettings),
    applications: elements.reduce((outer, element) => readApplicationDefaults(element, outer, context), noApplications),
  }
}

function readSite(
  element: XmlElement,
  defaults: SiteDefaults,
  pools: ReadonlyMap<string, PoolConfig>,
  context: HostFileContext,
): WrittenSite | undefined {
  const { problems } = context
  const { name, id, serverAutoStart } = { ...defaults.attributes, ...readElement(element, siteRules, context) }
  const applicationDefaults = readApplicationDefaults(element, defaults.applications, context)
  const applications = readApplications(element, applicationDefaults, pools, context)
  const lists = childrenNamed([element], 'bindings')
  for (const list of lists) readElement(list, bindingsRules, context)
  for (const clear of childrenNamed(lists, 'clear')) readElement(clear, bareElement, context)
  const written = lists.flatMap(({ children }) => children)
  const lastClear = written.findLastIndex((child) => child.name === 'clear')
  const kept = written.slice(lastClear + 1).filter((child) => child.name === 'binding')
  const bindings = joinCertificates(kept.flatMap((binding) => readBinding(binding, context) ?? []))
  const open = bindings.filter(({ canOpen }) => canOpen)
  const siteSettings = settingsOfSite(readSettings(element, defaults.settings, context), context)
  if (name === undefined || id === undefined) return undefined
  if (/[/?\\]/.test(name.value)) {
    const text = `The name "${shown(name.value)}" of the site holds / or ?.`
    problems.error(name.at, text, 'Write another name: it is the first part of <location path>.')
  }
  if (open.length === 0 && !problems.hasErrors) {
    const text = `The site "${shown(name.value)}" has no binding that can be opened, so nobody reaches it.`
    problems.warning(element.at, text, 'Add <binding protocol="http" bindingInformation="*:80:" /> to its <bindings>.')
  }
  const config: SiteConfig = {
    name: name.value,
    id: id.value,
    ...(serverAutoStart?.value === false && { serverAutoStart: false }),
    bindings: open.map(({ config, at }) => ({ ...config, at })),
    applications,
    ...siteSettings,
  }
  return { config, bindings }
}
