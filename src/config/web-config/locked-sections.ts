import type { LockedSection } from '../model.ts'
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
