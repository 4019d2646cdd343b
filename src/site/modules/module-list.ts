import type { WebConfig } from '../../config/model.ts'
import { type Problems, shown } from '../../config/problems.ts'
import { lostByName, reportLostFeature } from '../../config/sections/lost-features.ts'
import { type SectionReader, settingsOf } from '../../config/sections/section-reader.ts'
import { type AnyShape, type ElementShape, readShaped } from '../../config/xml/element.ts'
import type { XmlElement } from '../../config/xml/xml.ts'
import { bool, nonEmpty, string } from '../../platform/schema.ts'
import type { Module } from './module.ts'

export interface ModuleListSettings {
  /** IIS's names of the modules that are switched off, at least one, in lower case. */
  readonly removed: readonly string[]
}

interface AddAttributes {
  readonly name: string
  readonly type: string
  readonly preCondition: string
}

const addShape: ElementShape<AddAttributes> = {
  kinds: { name: nonEmpty('the name of a module'), type: string(), preCondition: string() },
  required: ['name'],
}
const removeShape: ElementShape<Pick<AddAttributes, 'name'>> = {
  kinds: { name: addShape.kinds.name },
  required: ['name'],
}
const shape = {
  kinds: { runAllManagedModulesForAllRequests: bool(), runManagedModulesForWebDavRequests: bool() },
  defaults: { runAllManagedModulesForAllRequests: false, runManagedModulesForWebDavRequests: false },
  children: { add: addShape, remove: removeShape },
} satisfies AnyShape

/** Modules that keep clients out. Leaving one out would make an application weaker than its file says elsewhere. */
const guards =
  /^(?:requestfilteringmodule|(?:dynamic)?iprestrictionmodule|urlauthorizationmodule|(?:[a-z]*)authenticationmodule)$/

/** Modules of IIS that are honoured here and that an application may do without. */
const removable = [
  'rewritemodule',
  'httpredirectionmodule',
  'customerrormodule',
  'dynamiccompressionmodule',
  'corsmodule',
  'applicationinitializationmodule',
]

const section: SectionReader<ModuleListSettings> = {
  section: 'modules',
  shape,
  read: (elements, { problems }) => {
    const removed = new Set<string>()
    for (const element of elements) readList(element, removed, problems)
    return removed.size === 0 ? undefined : { removed: [...removed] }
  },
  describe: ({ removed }) => [['modules switched off', removed.join(', ')]],
}

/**
 * `<modules>`: which of IIS's modules an application does without. Removing a module of .NET Framework, or one that is
 * not here (WebDAVModule), changes nothing.
 */
export const moduleList: Module<ModuleListSettings> = { section, create: () => ({}) }

/** Whether the file has removed the module of this name. */
export function isRemoved(web: Pick<WebConfig, 'sections'> | undefined, nativeName: string | undefined): boolean {
  if (web === undefined || nativeName === undefined) return false
  return settingsOf(web, section)?.removed.includes(nativeName.toLowerCase()) === true
}

function readList(list: XmlElement, removed: Set<string>, problems: Problems): void {
  readShaped(list, shape, problems, {
    clear: 'Write <remove name="…" /> for each module that is not wanted: some of them keep clients out.',
  })
  const foreign: XmlElement[] = []
  for (const child of list.children) {
    if (child.name === 'remove') {
      const name = readShaped(child, removeShape, problems).name
      if (name !== undefined) remove(name.value.toLowerCase(), child, removed, problems)
    } else if (child.name === 'add') {
      const { name, type } = readShaped(child, addShape, problems)
      removed.delete((name?.value ?? '').toLowerCase())
      if (isForeign(type?.value)) foreign.push(child)
    }
  }
  for (const lost of lostByName('modules', foreign, 'name')) reportLostFeature('<modules>', lost, problems)
}

function remove(name: string, element: XmlElement, removed: Set<string>, problems: Problems): void {
  if (removable.includes(name)) removed.add(name)
  if (!guards.test(name)) return
  const text = `<remove name="${shown(name)}" /> would take away what keeps clients out.`
  problems.error(element.at, text, 'Remove it, and set what is wanted in the section of that module.')
}

/** Whether a module is code of the application; those of ASP.NET itself have their likes in ASP.NET Core. */
function isForeign(type: string | undefined): boolean {
  return type !== undefined && type.trim() !== '' && !/^\s*System\.(?:Web|ServiceModel)\./.test(type)
}
