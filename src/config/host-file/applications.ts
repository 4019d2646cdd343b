import { bool, nonEmpty, string } from '../../platform/schema.ts'
import type { ApplicationConfig, PoolConfig } from '../model.ts'
import { type Place, shown } from '../problems.ts'
import { childrenNamed, isMeant, type Kinds, suggestion, type Values } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type ElementRules, type HostFileContext, placeText, readElement, readPath } from './elements.ts'

interface ApplicationAttributes {
  readonly path: string
  readonly applicationPool: string
  readonly preloadEnabled: boolean
}

interface VirtualDirectoryAttributes {
  readonly path: string
  readonly physicalPath: string
}

const applicationKinds: Kinds<ApplicationAttributes> = {
  path: string(),
  applicationPool: nonEmpty('the name of an application pool'),
  preloadEnabled: bool(),
}

const virtualDirectoryKinds: Kinds<VirtualDirectoryAttributes> = { path: string(), physicalPath: string() }

const applicationRules: ElementRules<ApplicationAttributes> = {
  kinds: applicationKinds,
  meaningless: ['enabledProtocols', 'serviceAutoStartEnabled', 'serviceAutoStartProvider', 'serviceAutoStartMode'],
}

const virtualDirectoryRules: ElementRules<VirtualDirectoryAttributes> = {
  kinds: virtualDirectoryKinds,
  meaningless: ['userName', 'password', 'logonMethod', 'allowSubDirConfig'],
}

const applicationOfSiteRules: ElementRules<ApplicationAttributes> = {
  ...applicationRules,
  required: ['path'],
  children: {
    virtualDirectory: { ...virtualDirectoryRules, required: ['path'] },
    virtualDirectoryDefaults: virtualDirectoryRules,
  },
}

/** `<applicationDefaults>` and `<virtualDirectoryDefaults>`, which `<sites>` and `<site>` may have. */
export const applicationDefaultsShapes = {
  applicationDefaults: applicationRules,
  virtualDirectoryDefaults: virtualDirectoryRules,
}

/** The elements of a site that say what it hosts. */
export const applicationShapes = { application: applicationOfSiteRules, ...applicationDefaultsShapes }

/** `<applicationDefaults>` and `<virtualDirectoryDefaults>`: what an application has that does not say otherwise. */
export interface ApplicationDefaults {
  readonly application: Values<ApplicationAttributes>
  readonly virtualDirectory: Values<VirtualDirectoryAttributes>
}

/** Reads the two elements of defaults among the children of `<sites>` or `<site>`; what they lack is taken from `outer`. */
export function readApplicationDefaults(
  container: XmlElement,
  outer: ApplicationDefaults,
  context: HostFileContext,
): ApplicationDefaults {
  const merged = <T extends object>(from: Values<T>, name: string, rules: ElementRules<T>): Values<T> =>
    Object.assign({}, from, ...childrenNamed([container], name).map((element) => readElement(element, rules, context)))
  return {
    application: merged(outer.application, 'applicationDefaults', applicationRules),
    virtualDirectory: merged(outer.virtualDirectory, 'virtualDirectoryDefaults', virtualDirectoryRules),
  }
}

/** Reads the `<application>` elements of a site. */
export function readApplications(
  site: XmlElement,
  defaults: ApplicationDefaults,
  pools: ReadonlyMap<string, PoolConfig>,
  context: HostFileContext,
): readonly ApplicationConfig[] {
  const { problems } = context
  const places = new Map<string, Place>()
  const applications = childrenNamed([site], 'application').flatMap((element): readonly ApplicationConfig[] => {
    const written = readElement(element, applicationOfSiteRules, context)
    const physicalPath = readFolder(element, defaults, context)
    const { applicationPool, preloadEnabled } = { ...defaults.application, ...written }
    const path = written.path === undefined ? undefined : checkedPath(written.path.value, written.path.at, context)
    if (path === undefined) return []
    const before = places.get(path.toLowerCase())
    if (before !== undefined) {
      const text = `The site has an application "${shown(path)}" ${placeText(before, element.at)} already.`
      problems.error(element.at, text, 'Remove one of the two, or give it another path.')
      return []
    }
    places.set(path.toLowerCase(), element.at)
    const poolName = applicationPool?.value ?? defaultPool
    const pool = pools.get(poolName.toLowerCase())
    if (pool === undefined) {
      const meant = suggestion(
        poolName,
        [...pools.values()].map(({ name }) => name),
      )
      const cure =
        meant === undefined
          ? `Add <add name="${shown(poolName)}" /> to <applicationPools>.`
          : `Did you mean "${meant}"?`
      problems.error(applicationPool?.at ?? element.at, `There is no application pool "${shown(poolName)}".`, cure)
    }
    if (physicalPath === undefined || pool === undefined) return []
    return [{ path, physicalPath, pool, ...(preloadEnabled?.value === true && { preloadEnabled: true }) }]
  })
  if (!places.has('/') && !problems.hasErrors) {
    problems.error(site.at, 'The site has no application for "/".', 'Add <application path="/"> with its folder.')
  }
  return applications
}

/** The pool of an application that names none. */
export const defaultPool = 'DefaultAppPool'

function checkedPath(path: string, at: Place, { problems }: HostFileContext): string | undefined {
  const segments = path.slice(1).split('/')
  const isPath =
    path === '/' ||
    (path.startsWith('/') && segments.every((segment) => /^(?!\.{1,2}$)[^\\?#%*:<>"|\p{Cc}]+$/u.test(segment)))
  if (isPath) return path
  const cure = 'Write / or a path such as /shop or /shop/api, without a slash at its end.'
  problems.error(at, `path="${shown(path)}" is no path of an application.`, cure)
  return undefined
}

/** The folder of the application, which is that of its virtual directory `/`. */
function readFolder(
  application: XmlElement,
  defaults: ApplicationDefaults,
  context: HostFileContext,
): string | undefined {
  const { problems } = context
  const outer = readApplicationDefaults(application, defaults, context).virtualDirectory
  const found = new Map<string, { readonly folder: string | undefined; readonly at: Place }>()
  for (const element of childrenNamed([application], 'virtualDirectory')) {
    const written = readElement(element, { ...virtualDirectoryRules, required: ['path'] }, context)
    const { physicalPath } = { ...outer, ...written }
    const path = written.path === undefined ? undefined : checkedPath(written.path.value, written.path.at, context)
    if (path === undefined) continue
    const before = found.get(path.toLowerCase())
    if (before !== undefined) {
      const text = `The application has a virtual directory "${shown(path)}" ${placeText(before.at, element.at)} already.`
      problems.error(element.at, text, 'Remove one of the two.')
      continue
    }
    if (path !== '/') {
      const text = `The virtual directory "${shown(path)}" is not honoured: the application gets its requests.`
      problems.notice(element.at, text, 'Let the application serve its files, or make an <application> of it.')
      found.set(path.toLowerCase(), { folder: undefined, at: element.at })
      continue
    }
    if (physicalPath === undefined && !isMeant(element, 'physicalPath'))
      problems.error(element.at, '<virtualDirectory> has no physicalPath.', 'Add physicalPath="…".')
    const folder = physicalPath === undefined ? undefined : readPath('physicalPath', physicalPath, context)
    found.set('/', { folder, at: element.at })
  }
  if (!found.has('/')) {
    const cure = 'Add <virtualDirectory path="/" physicalPath="…" />, with the folder that dotnet publish made.'
    problems.error(application.at, 'The application has no folder.', cure)
  }
  return found.get('/')?.folder
}
