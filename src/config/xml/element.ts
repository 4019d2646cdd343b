import { nearest } from '../../platform/nearest.ts'
import type { Kind, ValueRefusal } from '../../platform/schema.ts'
import { type Place, type Problems, shown } from '../problems.ts'
import type { XmlAttribute, XmlElement } from './xml.ts'

/** The kinds of an element's attributes, by name. */
export type Kinds<T> = { readonly [N in keyof T]: Kind<T[N]> }

/**
 * What an element may contain: the table that it is read by, and from which the schema for editors is written. Children
 * may stand in any order and any number.
 */
export interface ElementShape<T extends object> {
  readonly kinds: Kinds<T>
  readonly required?: readonly (keyof T & string)[]
  /** What holds for an attribute that is not written. */
  readonly defaults?: { readonly [N in keyof T]?: T[N] | undefined }
  readonly children?: Shapes
  /** True: it may hold more than this, which is not looked at here. */
  readonly isOpen?: boolean
}

/** An element of any attributes. */
export interface AnyShape {
  readonly kinds: Readonly<Record<string, Kind<unknown>>>
  readonly required?: readonly string[]
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly children?: Shapes
  readonly isOpen?: boolean
  /** What editors show of it. */
  readonly about?: string
  /** Attributes and children that IIS knows and that mean nothing here. */
  readonly meaningless?: readonly string[]
  readonly meaninglessChildren?: readonly string[]
}

/** What Kinds are of for an element without attributes. */
export type NoAttributes = Readonly<Record<never, never>>

/** Elements by their names. */
export type Shapes = Readonly<Record<string, AnyShape>>

/** An element without attributes, such as `<clear />`, and without children. */
export const bareElement = { kinds: {} } as const satisfies AnyShape

/** An element that is known by its name, and whose contents are not looked at. */
export const openElement = { kinds: {}, isOpen: true } as const satisfies AnyShape

/** A value and where it was written. */
export interface Written<T> {
  readonly value: T
  /** As it stands in the file. */
  readonly text: string
  readonly at: Place
}

/** The attributes of an element that are written and valid. */
export type Values<T> = { readonly [N in keyof T]?: Written<T[N]> }

/** Attributes that IIS allows on every element; they concern delegation. */
export const attributesEverywhere = [
  'lockItem',
  'lockAttributes',
  'lockAllAttributesExcept',
  'lockElements',
  'lockAllElementsExcept',
]

/**
 * Reads an element's attributes by their kinds. Each unknown, missing, malformed or out-of-range attribute is an error.
 * Names must have the letter case of IIS's schema.
 */
export function readAttributes<T extends object>(
  element: XmlElement,
  kinds: Kinds<T>,
  problems: Problems,
  required: readonly (keyof T & string)[] = [],
): Values<T> {
  const values: { [N in keyof T]?: Written<T[N]> } = {}
  for (const attribute of element.attributes.values()) {
    const { name } = attribute
    if (attributesEverywhere.includes(name) || /^xmlns(?::|$)/.test(name)) continue
    if (!isKnown(kinds, name)) {
      reportUnknownAttribute(element, attribute, Object.keys(kinds), problems)
      continue
    }
    const read = kinds[name].read(attribute.value)
    if (read.ok) values[name] = { value: read.value, text: attribute.value, at: attribute.valueAt }
    else reportRefusal(attribute, read.failure, kinds[name].allowed, problems)
  }
  for (const name of required) {
    if (isMeant(element, name)) continue
    problems.error(element.at, `<${element.name}> has no ${name}.`, `Add ${name}="…".`)
  }
  return values
}

/**
 * Checks an element and reads its attributes by its shape. The children are read by their own shapes, by whoever reads
 * them.
 *
 * @param cures as checkChildren() takes them
 */
export function readShaped<T extends object>(
  element: XmlElement,
  shape: ElementShape<T>,
  problems: Problems,
  cures?: Readonly<Record<string, string>>,
): Values<T> {
  checkChildren(element, Object.keys(shape.children ?? {}), problems, cures)
  return readAttributes(element, shape.kinds, problems, shape.required)
}

/**
 * Reports children that are not allowed, and text, which is allowed nowhere.
 *
 * @param cures what to say about likely mistakes, by the name of the child
 */
export function checkChildren(
  element: XmlElement,
  allowed: readonly string[],
  problems: Problems,
  cures: Readonly<Record<string, string>> = {},
): void {
  checkText(element, problems)
  for (const child of element.children) {
    if (allowed.includes(child.name)) continue
    const meant = suggestion(child.name, allowed)
    const general =
      allowed.length === 0 ? 'Remove it.' : `It may hold ${allowed.map((name) => `<${name}>`).join(', ')}.`
    const cure = Object.hasOwn(cures, child.name) ? cures[child.name] : undefined
    problems.error(
      child.at,
      `<${element.name}> may not hold <${shown(child.name)}>.`,
      cure ?? (meant === undefined ? general : `Did you mean <${meant}>?`),
    )
  }
}

export function checkText(element: XmlElement, problems: Problems): void {
  if (element.strayText === undefined) return
  problems.warning(element.strayText, `Text inside <${element.name}> means nothing and is ignored.`, 'Remove it.')
}

export function childrenNamed(elements: readonly XmlElement[], name: string): readonly XmlElement[] {
  return elements.flatMap((element) => element.children.filter((child) => child.name === name))
}

/**
 * The candidate that was most likely meant, undefined if none is near. Candidates of a very different length are not
 * compared, which keeps hostile files cheap.
 */
export function suggestion(written: string, candidates: readonly string[]): string | undefined {
  const near = candidates.filter(({ length }) => Math.abs(length - written.length) <= Math.max(1, length / 3))
  return near.length === 0 ? undefined : nearest(written, near)
}

/** Whether the element has this attribute, perhaps misspelt; a misspelt one is reported elsewhere. */
export function isMeant(element: XmlElement, name: string): boolean {
  return [...element.attributes.keys()].some((written) => suggestion(written, [name]) !== undefined)
}

function isKnown<T extends object>(kinds: Kinds<T>, name: string): name is keyof T & string {
  return Object.hasOwn(kinds, name)
}

function reportUnknownAttribute(
  element: XmlElement,
  attribute: XmlAttribute,
  known: readonly string[],
  problems: Problems,
): void {
  const meant = suggestion(attribute.name, known)
  let cure = known.length === 0 ? 'Remove it.' : `It may have ${known.join(', ')}.`
  if (meant !== undefined) cure = `Did you mean "${meant}"?`
  if (attribute.name === 'configSource') cure = `Write <${element.name}> in web.config itself.`
  if (attribute.name === 'domainName')
    cure =
      'Write the addresses themselves in ipAddress and subnetMask: no name is asked for, because answers can be forged.'
  problems.error(attribute.at, `<${element.name}> has no attribute "${shown(attribute.name)}".`, cure)
}

function reportRefusal(attribute: XmlAttribute, why: ValueRefusal, allowed: string, problems: Problems): void {
  const complaint = attribute.value.trim() === '' ? 'empty' : why === 'malformed' ? 'malformed' : 'out of range'
  const text = `${attribute.name}="${shown(attribute.value)}" is ${complaint}.`
  problems.error(attribute.valueAt, text, `Write ${allowed}.`)
}
