import { childrenNamed } from '../xml/element.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'

/** Something that a section asks for and that nobody does here. */
export interface LostFeature {
  readonly at: Place
  /** The names of what is lost, as written. */
  readonly names: readonly string[]
  /** What they are: `headers`, `rules`. */
  readonly what: string
  /** Whoever wrote it relies on it for safety. */
  readonly restrictsAccess: boolean
}

/** Sections of system.webServer that nobody reads, for which it can be told what of them is lost; what only takes something away is no loss. */
const lostFeaturesOf: Readonly<Record<string, (section: XmlElement) => readonly LostFeature[]>> = {
  modules: (section) => lostByName('modules', childrenNamed([section], 'add'), 'name'),
  rewrite: (section) => {
    const rules = childrenNamed(
      section.children.filter(({ name }) => ['rules', 'globalRules', 'outboundRules'].includes(name)),
      'rule',
    ).filter((rule) => !isFalse(rule, 'enabled'))
    return [
      ...lostByName('rules that refuse requests', rules.filter(refusesRequests), 'name', true),
      ...lostByName(
        'rules',
        rules.filter((rule) => !refusesRequests(rule)),
        'name',
      ),
    ]
  },
  // Settings for .NET Framework's pipeline, and listings that are off here anyway.
  validation: () => [],
  directoryBrowse: (section) => (isTrue(section, 'enabled') ? [lostFeature('settings', [section], ['enabled'])] : []),
}

export function knowsLostFeatures(name: string): boolean {
  return Object.hasOwn(lostFeaturesOf, name)
}

/** Names what a section would do under IIS and nobody does here; says nothing where that is nothing. */
export function reportLostFeatures(section: XmlElement, problems: Problems): void {
  for (const lost of lostFeaturesOf[section.name]?.(section) ?? [])
    reportLostFeature(`<${section.name}>`, lost, problems)
}

export function reportLostFeature(
  section: string,
  { at, names, what, restrictsAccess }: LostFeature,
  problems: Problems,
): void {
  const more = names.length > 10 ? ` and ${String(names.length - 10)} more` : ''
  const list = names.slice(0, 10).map((name) => `"${shown(name)}"`)
  const text = `${section} is not honoured; lost: ${what} ${list.join(', ')}${more}.`
  if (restrictsAccess) problems.warning(at, text, 'Let the application do it, or what stands before ancmd.')
  else problems.notice(at, text, applicationCure)
}

/** For what is only not done here. */
export const applicationCure = 'Where it matters, the application has to do it.'

/** One loss for all elements, by an attribute that names them; none for no elements. */
export function lostByName(
  what: string,
  elements: readonly XmlElement[],
  attribute: string,
  restrictsAccess = false,
): readonly LostFeature[] {
  if (elements.length === 0) return []
  const names = elements.map((element) => written(element, attribute) ?? `<${element.name}>`)
  return [{ ...lostFeature(what, elements, names), restrictsAccess }]
}

export function isTrue(element: XmlElement, attribute: string): boolean {
  return written(element, attribute)?.toLowerCase() === 'true'
}

export function isFalse(element: XmlElement, attribute: string): boolean {
  return written(element, attribute)?.toLowerCase() === 'false'
}

/** A rule of the URL Rewrite module that answers 403 and the like, or closes the connection. */
function refusesRequests(rule: XmlElement): boolean {
  return childrenNamed([rule], 'action').some((action) => {
    return /^(?:AbortRequest|CustomResponse)$/i.test(written(action, 'type') ?? '')
  })
}

function lostFeature(what: string, elements: readonly XmlElement[], names: readonly string[]): LostFeature {
  return { at: (elements[0] as XmlElement).at, names: [...new Set(names)], what, restrictsAccess: false }
}

function written(element: XmlElement, attribute: string): string | undefined {
  return element.attributes.get(attribute)?.value
}
