import { applicationCure } from './unhonoured-sections.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlElement } from '../xml/xml.ts'

/** Features that a section asks for and that ancmd does not have. */
export interface LostFeature {
  readonly at: Place
  /** Their names as written, such as the names of rules. */
  readonly names: readonly string[]
  /** What kind of things they are, in the plural: `headers`, `rules`. */
  readonly what: string
  /** Whether they keep requests out, so that the author of the file relies on them for security. */
  readonly restrictsAccess: boolean
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

/** One LostFeature for all `elements`, each named by an attribute; an empty list for no elements. */
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

function lostFeature(what: string, elements: readonly XmlElement[], names: readonly string[]): LostFeature {
  return { at: (elements[0] as XmlElement).at, names: [...new Set(names)], what, restrictsAccess: false }
}

function written(element: XmlElement, attribute: string): string | undefined {
  return element.attributes.get(attribute)?.value
}
