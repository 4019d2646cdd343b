import { shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'
import type { HonouredSections } from '../sections/honoured-sections.ts'
import { type Standing, standingOf } from '../sections/unhonoured-sections.ts'

/** How a section stands that a file contains, as `check` shows it. */
export interface SectionReport {
  readonly file: string
  /** Its path below system.webServer, such as `security/ipSecurity`; other sections by their names in the file. */
  readonly section: string
  /** Where it is written, from 1. */
  readonly lines: readonly number[]
  /** `unknown`: IIS has no such section, unless an extension of it has. */
  readonly standing: 'honoured' | 'coming' | 'meaningless' | 'unknown'
  /** A sentence; absent for a section that is honoured. */
  readonly reason?: string
  /** What to do about it, where anything can be done. */
  readonly cure?: string
}

type Verdict = Pick<SectionReport, 'standing' | 'reason' | 'cure'>

/** Groups of IIS, whose sections stand by themselves. */
const groups = ['security']

/** What stands beside `<system.webServer>` in the host file and is read, whatever the modules are. */
const hostSections = ['applicationPools', 'sites', 'webLimits']

/** How every section of a web.config or a host file stands, in the order of the file, each once. */
export function reportSections(root: XmlElement, honoured: HonouredSections): readonly SectionReport[] {
  const found = new Map<string, SectionReport & { lines: number[] }>()
  const add = (element: XmlElement, section: string, verdict: Verdict): void => {
    const { file, line } = element.at
    const key = `${file} ${section}`
    const existing = found.get(key)
    if (existing === undefined) found.set(key, { file, section, lines: [line], ...verdict })
    else if (!existing.lines.includes(line)) existing.lines.push(line)
  }
  const visit = (container: XmlElement): void => {
    for (const child of container.children) {
      if (child.name === 'location') visit(child)
      else if (child.name === 'system.webServer') {
        for (const [path, element] of sectionsIn(child)) add(element, path, verdictOf(path, honoured))
      } else if (child.name === 'system.applicationHost') {
        for (const section of child.children) add(section, shown(section.name), ofHost(section.name))
      } else if (child.name === 'ancmd') add(child, child.name, { standing: 'honoured' })
      else if (child.name !== 'configSections') add(child, shown(child.name), besideWebServer(child.name))
    }
  }
  visit(root)
  return [...found.values()]
}

const notRead: Verdict = { standing: 'meaningless', reason: 'An ASP.NET Core application does not read it.' }

function sectionsIn(webServer: XmlElement): readonly (readonly [path: string, element: XmlElement])[] {
  return webServer.children.flatMap((section) => {
    const name = shown(section.name)
    if (!groups.includes(name)) return [[name, section] as const]
    return section.children.map((child) => [`${name}/${shown(child.name)}`, child] as const)
  })
}

function verdictOf(path: string, honoured: HonouredSections): Verdict {
  if (honoured.hasPath(path)) return { standing: 'honoured' }
  const known = standingOf(path)
  if (known === undefined) return { standing: 'unknown', reason: 'IIS has no such section.', cure: 'Remove it.' }
  return verdictBy(known)
}

function besideWebServer(name: string): Verdict {
  const known = standingOf(name)
  return known === undefined ? notRead : verdictBy(known)
}

function verdictBy({ standing, reason, cure }: Standing): Verdict {
  return { standing, reason, ...(cure !== undefined && { cure }) }
}

function ofHost(name: string): Verdict {
  if (hostSections.includes(name)) return { standing: 'honoured' }
  return { standing: 'meaningless', reason: 'It is for parts of IIS that are not here.' }
}

/** The reports as lines of text, those of a file together. */
export function sectionLines(reports: readonly SectionReport[]): readonly string[] {
  const width = Math.max(0, ...reports.map((report) => nameOf(report).length))
  return [...new Set(reports.map(({ file }) => file))].flatMap((file) => [
    `sections of ${file}`,
    ...reports
      .filter((report) => report.file === file)
      .map((report) => `  ${nameOf(report).padEnd(width)}  ${verdictText(report)}`),
  ])
}

function nameOf({ section, lines }: SectionReport): string {
  const more = lines.length > 3 ? ', …' : ''
  return `${section} (${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, 3).join(', ')}${more})`
}

function verdictText({ standing, reason, cure }: SectionReport): string {
  return [reason === undefined ? standing : `${standing}: ${reason}`, cure ?? ''].join(' ').trim()
}
