import type { HostSections, LockedSection } from '../model.ts'
import { type Problems, shown } from '../problems.ts'
import { childrenNamed } from '../xml/element.ts'
import type { XmlElement } from '../xml/xml.ts'

/** Reports the sections of a web.config that the host file has locked: IIS answers 500.19 to them. */
export function reportLocked(
  webServers: readonly XmlElement[],
  locked: readonly LockedSection[],
  problems: Problems,
): void {
  for (const { section, at } of locked) {
    const path = section.split('/')
    for (const element of path.reduce(childrenNamed, webServers)) {
      const text = `${path.map((name) => `<${shown(name)}>`).join('')} is locked by ${at.file}, line ${String(at.line)}.`
      const cure = `Remove it here, or put it there into <location path="." overrideMode="Allow"><system.webServer>.`
      problems.error(element.at, text, cure)
    }
  }
}

/** Sections that IIS keeps for the host file unless somebody has unlocked them. */
const usuallyLocked = [
  'security/access',
  'security/dynamicIpSecurity',
  'security/ipSecurity',
  'serverRuntime',
  'webSocket',
  'rewrite/allowedServerVariables',
  'rewrite/globalRules',
]

/**
 * Gives one notice for the sections of a web.config that IIS does not take from there unless they are unlocked: who can
 * write this file decides here about things that the administrator decides about there.
 *
 * @param host what the host file says; undefined: there is none that could lock them
 */
export function reportUsuallyLocked(
  webServers: readonly XmlElement[],
  host: HostSections | undefined,
  problems: Problems,
): void {
  const locked = host?.locked.map(({ section }) => section) ?? []
  const open = usuallyLocked.filter((section) => !locked.includes(section))
  const written = open.flatMap((section) => {
    const elements = section.split('/').reduce(childrenNamed, webServers)
    return elements.filter((element) => !saysNothing(element)).slice(0, 1)
  })
  const [first] = written
  if (first === undefined) return
  const names = written.map(({ name }) => `<${shown(name)}>`).join(', ')
  const cure =
    host !== undefined
      ? 'To lock it, put it into <location path="." overrideMode="Deny"><system.webServer> of the host file.'
      : 'With a host file (--config) it can be locked.'
  problems.notice(
    first.at,
    `${names}: IIS takes this from a web.config only where it is unlocked; here it holds.`,
    cure,
  )
}

/** Whether it only writes out the default, as development tools do. */
function saysNothing({ name, attributes }: XmlElement): boolean {
  return name === 'access' && /^(?:none)?$/i.test(attributes.get('sslFlags')?.value ?? '')
}
