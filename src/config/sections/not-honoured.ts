import { checkText, readAttributes, suggestion } from '../xml/element.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { HonouredSections } from './honoured-sections.ts'
import { type Standing, standingOf, standingText, unhonouredNames } from './unhonoured-sections.ts'

/** Elements that belong inside `<aspNetCore>` and are often put beside it. */
const childrenOfAspNetCore = [
  'environmentVariables',
  'environmentVariable',
  'handlerSettings',
  'handlerSetting',
  'recycleOnFileChange',
]

/** Children of `<configuration>` that are for .NET Framework, besides those whose names begin with `system.`. */
const frameworkSections = [
  'appSettings',
  'applicationSettings',
  'assemblyBinding',
  'configSections',
  'connectionStrings',
  'entityFramework',
  'log4net',
  'nlog',
  'runtime',
  'startup',
  'uri',
  'userSettings',
]

/** Adds a notice about a section that has no effect; `path` is its path below system.webServer. */
export type TellNotHonoured = (path: string, standing: Standing, at: Place) => void

/**
 * Reports the sections of system.webServer that have no effect. Each is named once.
 *
 * @param tell what is done about a section with which nothing is lost that its author relies on; default: a notice
 */
export function reviewWebServer(
  elements: readonly XmlElement[],
  honoured: HonouredSections,
  problems: Problems,
  tell: TellNotHonoured = (path, standing, at) => {
    problems.notice(at, standingText(path, standing), standing.cure)
  },
): void {
  const named = new Set<string>()
  for (const element of elements) {
    checkText(element, problems)
    for (const section of element.children) {
      // The reader of an honoured section itself reports the parts that it does not honour.
      if (honoured.has(section.name)) continue
      // It is for the pipeline of .NET Framework alone, and development tools write it.
      if (section.name === 'validation') continue
      if (!named.has(section.name)) reviewSection(section, honoured, problems, tell)
      named.add(section.name)
    }
    for (const security of element.children.filter(({ name }) => name === 'security'))
      reviewSecurity(security, honoured, problems, tell)
  }
}

/**
 * Reports children of `<configuration>` or `<location>` that have no effect: sections at the wrong level, misspelt
 * names, and elements that only .NET Framework reads.
 */
export function reviewConfiguration(container: XmlElement, honoured: HonouredSections, problems: Problems): void {
  checkText(container, problems)
  const known = unhonouredNames()
  const groups = container.name === 'configuration' ? ['system.webServer', 'location'] : ['system.webServer']
  const foreign: XmlElement[] = []
  for (const child of container.children) {
    const name = shown(child.name)
    if (groups.includes(child.name)) continue
    if (honoured.has(child.name) || childrenOfAspNetCore.includes(child.name)) {
      problems.error(child.at, `<${name}> stands outside <system.webServer>.`, 'Move it inside <system.webServer>.')
    } else if (known.includes(child.name)) {
      const text = `<${name}> stands outside <system.webServer>, where IIS refuses it.`
      problems.warning(child.at, text, 'Move it inside <system.webServer>, or remove it.')
    } else {
      const meant = isFramework(child.name) ? undefined : suggestion(child.name, groups)
      if (meant === undefined) foreign.push(child)
      else problems.error(child.at, `<${container.name}> may not hold <${name}>.`, `Did you mean <${meant}>?`)
    }
  }
  const first = foreign[0]
  if (first === undefined) return
  const names = [...new Set(foreign.map(({ name }) => `<${shown(name)}>`))].join(', ')
  problems.notice(first.at, `${names}: an ASP.NET Core application does not read this.`)
}

function reviewSection(
  section: XmlElement,
  honoured: HonouredSections,
  problems: Problems,
  tell: TellNotHonoured,
): void {
  const name = shown(section.name)
  if (childrenOfAspNetCore.includes(section.name)) {
    const text = `<${name}> stands beside <aspNetCore>, where IIS refuses it.`
    problems.error(section.at, text, 'Move it inside <aspNetCore>.')
    return
  }
  const standing = standingOf(section.name)
  if (standing !== undefined) {
    tell(section.name, standing, section.at)
    return
  }
  const meant = suggestion(section.name, [...honoured.names, ...unhonouredNames()])
  const text = `<system.webServer> has no section <${name}>; IIS would refuse the file.`
  if (meant !== undefined && honoured.has(meant)) problems.error(section.at, text, `Did you mean <${meant}>?`)
  else problems.warning(section.at, text, meant === undefined ? 'Remove it.' : `Did you mean <${meant}>?`)
}

function reviewSecurity(
  security: XmlElement,
  honoured: HonouredSections,
  problems: Problems,
  tell: TellNotHonoured,
): void {
  checkText(security, problems)
  readAttributes(security, {}, problems)
  const read = honoured.below('security')
  for (const child of security.children) {
    if (read.includes(child.name)) continue
    const path = `security/${child.name}`
    const standing = standingOf(path)
    if (standing !== undefined) tell(path, standing, child.at)
    else {
      const name = shown(child.name)
      const meant = suggestion(child.name, [...read, ...unhonouredNames('security')])
      const cure = meant === undefined ? 'Remove it.' : `Did you mean <${meant}>?`
      const text = `<security> may not hold <${name}>.`
      // IIS can be extended by sections, which it then takes and nobody misses here.
      if (meant === undefined) problems.warning(child.at, text, cure)
      else problems.error(child.at, text, cure)
    }
  }
}

function isFramework(name: string): boolean {
  return frameworkSections.includes(name) || (name.startsWith('system.') && name.toLowerCase() !== 'system.webserver')
}
