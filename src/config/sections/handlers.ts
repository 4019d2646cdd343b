import { bool, choice, list, nonEmpty, string, uint } from '../../platform/schema.ts'
import { bareElement, type ElementShape, readShaped } from '../xml/element.ts'
import type { HandlerConfig, ProcessConfig, StaticModules } from '../model.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'

/** A handler of `<handlers>` and where it was added. */
export interface MappedHandler {
  readonly config: HandlerConfig
  readonly at: Place
  /** The section that says how to run the application; undefined for a handler that does not lead to it. */
  readonly section: ProcessConfig['kind'] | undefined
}

interface AddAttributes {
  readonly name: string
  readonly path: string
  readonly verb: readonly string[]
  readonly modules: string
  readonly resourceType: NonNullable<HandlerConfig['resourceType']> | 'Unspecified'
  readonly requireAccess: string
  readonly preCondition: string
  readonly scriptProcessor: string
  readonly type: string
  readonly allowPathInfo: boolean
  readonly responseBufferLimit: number
}

const addShape: ElementShape<AddAttributes> = {
  required: ['name', 'path', 'verb'],
  kinds: {
    name: nonEmpty('a name'),
    path: nonEmpty('a path pattern, such as *'),
    verb: list('* or verbs with commas between them'),
    modules: string(),
    resourceType: choice(['Unspecified', 'File', 'Directory', 'Either']),
    requireAccess: string(),
    preCondition: string(),
    scriptProcessor: string(),
    type: string(),
    allowPathInfo: bool(),
    responseBufferLimit: uint({ min: 0, max: 4_294_967_295 }),
  },
  defaults: { modules: 'ManagedPipelineHandler', resourceType: 'Unspecified' },
}

const removeShape: ElementShape<{ name: string }> = {
  kinds: { name: nonEmpty('the name of a handler') },
  required: ['name'],
}

/** `<handlers>`. */
export const handlersShape = {
  kinds: { accessPolicy: string() },
  children: { add: addShape, remove: removeShape, clear: bareElement },
} as const satisfies ElementShape<{ accessPolicy: string }>

/** The native modules that pass requests to a process, in lower case, and the section that each one reads. */
const ownModules: Readonly<Record<string, ProcessConfig['kind']>> = {
  aspnetcoremodule: 'aspNetCore',
  aspnetcoremodulev2: 'aspNetCore',
  httpplatformhandler: 'httpPlatform',
}

/**
 * Reads the `<handlers>` elements, outermost file first. As in IIS, the handlers that a file adds come before the
 * inherited ones, in file order; `<remove>` and `<clear/>` act on both; each name may occur once, in any letter case.
 */
export function readHandlers(elements: readonly XmlElement[], problems: Problems): readonly MappedHandler[] {
  let handlers: readonly MappedHandler[] = []
  for (const element of elements) {
    readShaped(element, handlersShape, problems)
    handlers = readLevel(element, handlers, problems)
  }
  return handlers
}

/** What to do instead of a handler of a module that is not here. */
const cures: readonly (readonly [modules: RegExp, cure: string])[] = [
  [/iisnode/i, 'Run Node by <httpPlatform>, as an application of its own, with %HTTP_PLATFORM_PORT% as its port.'],
  [/cgi/i, 'Run a program that listens on %HTTP_PLATFORM_PORT% by <httpPlatform>, as an application of its own.'],
  [/isapi|managedpipeline/i, 'Only IIS loads libraries and handlers of .NET Framework.'],
]

/**
 * Warns of handlers that come before the application's catch-all handler and take requests away from it: those of modules
 * that are not here, whose requests get 404, and one for files that leaves nothing to the application.
 */
export function reviewHandlers(handlers: readonly MappedHandler[], problems: Problems): void {
  for (const { config, at } of handlers) {
    const takesAll = config.path === '*' && config.verbs.includes('*') && config.resourceType === undefined
    if (config.ours && takesAll) return
    const name = `The handler "${shown(config.name)}" (${shown(config.modules)})`
    if (config.content !== undefined && takesAll) {
      const text = `${name} takes every request, so the application gets none of those that come after it.`
      problems.warning(at, text, 'Write resourceType="File".')
    }
    if (config.ours || config.content !== undefined) continue
    const text = `${name} is not honoured: requests for ${shown(config.path)} get 404.`
    const cure = cures.find(([module]) => module.test(config.modules))?.[1]
    problems.warning(at, text, `${cure === undefined ? '' : `${cure} `}Remove it, and the application gets them.`)
  }
}

/** The handler that passes every request to the application; assumed for a section that has no handler. */
export function catchAll(section: ProcessConfig['kind'], at: Place): MappedHandler {
  const modules = section === 'aspNetCore' ? 'AspNetCoreModuleV2' : 'httpPlatformHandler'
  return { config: { name: section, path: '*', verbs: ['*'], ours: true, modules }, at, section }
}

function readLevel(
  element: XmlElement,
  inherited: readonly MappedHandler[],
  problems: Problems,
): readonly MappedHandler[] {
  const above = new Map(inherited.map((handler) => [comparableName(handler.config.name), handler]))
  const own = new Map<string, MappedHandler>()
  for (const child of element.children) {
    if (child.name === 'clear') {
      readShaped(child, bareElement, problems)
      above.clear()
      own.clear()
    }
    if (child.name === 'remove') {
      const removed = comparableName(readShaped(child, removeShape, problems).name?.value ?? '')
      above.delete(removed)
      own.delete(removed)
    }
    if (child.name !== 'add') continue
    const added = readAdd(child, problems)
    if (added === undefined) continue
    const name = comparableName(added.config.name)
    const existing = own.get(name) ?? above.get(name)
    if (existing === undefined) own.set(name, added)
    else reportDuplicate(added, existing, problems)
  }
  return [...own.values(), ...above.values()]
}

function readAdd(element: XmlElement, problems: Problems): MappedHandler | undefined {
  const { name, path, verb, modules, resourceType } = readShaped(element, addShape, problems)
  if (name === undefined || path === undefined || verb === undefined) return undefined
  const words = (modules?.value ?? addShape.defaults?.modules ?? '').split(',').map((word) => word.trim())
  const own = words.find((word) => Object.hasOwn(ownModules, word.toLowerCase()))
  const section = own === undefined ? undefined : ownModules[own.toLowerCase()]
  const needs = resourceType?.value ?? 'Unspecified'
  const content = section === undefined ? staticModulesOf(words) : undefined
  const config = {
    name: name.value,
    path: path.value,
    verbs: verb.value.map((word) => word.toUpperCase()),
    ours: section !== undefined,
    modules: words.join(','),
    ...(needs !== 'Unspecified' && { resourceType: needs }),
    ...(content !== undefined && { content }),
  }
  return { config, at: element.at, section }
}

function staticModulesOf(modules: readonly string[]): StaticModules | undefined {
  const named = modules.map((word) => word.toLowerCase())
  const [files, documents] = [named.includes('staticfilemodule'), named.includes('defaultdocumentmodule')]
  return files || documents || named.includes('directorylistingmodule') ? { files, documents } : undefined
}

function reportDuplicate(added: MappedHandler, existing: MappedHandler, problems: Problems): void {
  const name = shown(added.config.name)
  if (added.at.file === existing.at.file) {
    const text = `There is a handler "${name}" on line ${String(existing.at.line)} already.`
    problems.error(added.at, text, 'Remove one of the two, or give it another name.')
    return
  }
  problems.error(
    added.at,
    `The handler "${name}" is inherited from ${existing.at.file}, line ${String(existing.at.line)}, already.`,
    `Put <remove name="${name}" /> before it, or <location path="." inheritInChildApplications="false"> around it there.`,
  )
}

/** Two names are the same if they differ only in letter case. */
function comparableName(name: string): string {
  return name.toUpperCase()
}
