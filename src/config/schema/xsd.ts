import type { Kind, TextForm } from '../../platform/schema.ts'
import { type AnyShape, attributesEverywhere, type Shapes } from '../xml/element.ts'

/** What a schema document is made from. */
export interface SchemaContents {
  /** For the reader of the file: what it is for. */
  readonly about: string
  /** Elements that may hold `elements`, one another, and any other element; the first one is the root. */
  readonly containers: Shapes
  readonly elements: Shapes
  /** Attributes that every element may have besides its own and those that IIS allows everywhere. */
  readonly everywhere?: readonly string[]
}

/**
 * Writes a document of XML Schema 1.0. It accepts everything that the shapes allow. It also accepts what these cannot
 * say: times out of range, and an element that must stand only once.
 */
export function schemaText({ about, containers, elements, everywhere = [] }: SchemaContents): string {
  const types = new NamedTypes()
  const globals = [
    ...Object.entries(containers).map(([name, shape]) => element(name, shape, types, knownElements)),
    ...Object.entries(elements).map(([name, shape]) => element(name, shape, types)),
  ]
  const locks = [...attributesEverywhere, ...everywhere].map((name) => tag('xs:attribute', { name, type: 'xs:string' }))
  const body = [
    ...documentation(about),
    ...globals.flat(),
    ...tag('xs:attributeGroup', { name: 'everywhere' }, locks.flat()),
    ...types.lines,
  ]
  const lines = tag('xs:schema', { 'xmlns:xs': 'http://www.w3.org/2001/XMLSchema', version: '1.0' }, body)
  return `${['<?xml version="1.0" encoding="utf-8"?>', ...lines].join('\n')}\n`
}

/** The contents of a container: the elements of the schema, and others, which are accepted as they are. */
const knownElements = tag(
  'xs:sequence',
  {},
  tag('xs:any', { processContents: 'lax', minOccurs: '0', maxOccurs: 'unbounded' }),
)

const anything = [
  ...tag('xs:sequence', {}, tag('xs:any', { processContents: 'skip', minOccurs: '0', maxOccurs: 'unbounded' })),
  ...tag('xs:anyAttribute', { processContents: 'skip' }),
]

function element(name: string, shape: AnyShape, types: NamedTypes, contents = contentsOf(shape, types)): Lines {
  const inner =
    shape.isOpen === true
      ? anything
      : [...contents, ...attributesOf(shape, types), ...tag('xs:attributeGroup', { ref: 'everywhere' })]
  return tag('xs:element', { name }, [...documentation(shape.about), ...tag('xs:complexType', {}, inner)])
}

function contentsOf({ children = {}, meaninglessChildren = [] }: AnyShape, types: NamedTypes): Lines {
  const lines = [
    ...Object.entries(children).flatMap(([name, child]) => element(name, child, types)),
    ...meaninglessChildren.flatMap((name) => element(name, { kinds: {}, isOpen: true, about: meansNothing }, types)),
  ]
  return lines.length === 0 ? [] : tag('xs:choice', { minOccurs: '0', maxOccurs: 'unbounded' }, lines)
}

const anyText = 'xs:string'

const meansNothing = 'Means nothing here.'

function attributesOf({ kinds, required = [], defaults = {}, meaningless = [] }: AnyShape, types: NamedTypes): Lines {
  const own = Object.entries(kinds).flatMap(([name, kind]) => {
    const byDefault = defaults[name]
    const attributes = {
      name,
      type: types.nameOf(kind),
      ...(required.includes(name) && { use: 'required' }),
      ...(byDefault !== undefined && !required.includes(name) && { default: kind.text(byDefault) }),
    }
    const about = attributes.type === anyText ? undefined : sentence(kind.allowed)
    return tag('xs:attribute', attributes, documentation(about))
  })
  const others = meaningless.flatMap((name) =>
    tag('xs:attribute', { name, type: 'xs:string' }, documentation(meansNothing)),
  )
  return [...own, ...others]
}

/** The types of the attributes, each once. Life: the writing of one document. */
class NamedTypes {
  readonly #names = new Map<string, string>()
  readonly #lines: string[] = []

  get lines(): Lines {
    return this.#lines
  }

  /** Its name says what is allowed, because editors show it where a value is refused. */
  nameOf({ allowed, form }: Kind<unknown>): string {
    if (form.numbers === undefined && form.words === undefined && form.pattern === undefined) return anyText
    const key = JSON.stringify([allowed, form])
    const existing = this.#names.get(key)
    if (existing !== undefined) return existing
    const base = allowed.replaceAll(/[^\p{L}0-9]+/gu, '-').replaceAll(/^-|-$/g, '')
    const taken = [...this.#names.values()]
    const name = taken.includes(base) ? `${base}-${String(taken.length)}` : base
    this.#names.set(key, name)
    this.#lines.push(...tag('xs:simpleType', { name }, typeOf(form)))
    return name
  }
}

function typeOf({ numbers, words, pattern }: TextForm): Lines {
  if (numbers !== undefined) {
    return tag('xs:restriction', { base: 'xs:integer' }, [
      ...tag('xs:minInclusive', { value: String(numbers.min) }),
      ...tag('xs:maxInclusive', { value: String(numbers.max) }),
    ])
  }
  const restriction = (facets: Lines): Lines => tag('xs:restriction', { base: 'xs:string' }, facets)
  const byPattern = pattern === undefined ? [] : restriction(tag('xs:pattern', { value: pattern }))
  if (words === undefined) return byPattern
  const byWord = restriction(words.flatMap((value) => tag('xs:enumeration', { value })))
  if (pattern === undefined) return byWord
  return tag('xs:union', {}, [...tag('xs:simpleType', {}, byWord), ...tag('xs:simpleType', {}, byPattern)])
}

type Lines = readonly string[]

function documentation(text: string | undefined): Lines {
  if (text === undefined) return []
  return tag('xs:annotation', {}, [`<xs:documentation>${escaped(text)}</xs:documentation>`])
}

function tag(name: string, attributes: Readonly<Record<string, string>>, inner: Lines = []): Lines {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`)
  const start = `<${name}${written.join('')}`
  return inner.length === 0 ? [`${start}/>`] : [`${start}>`, ...inner.map((line) => `  ${line}`), `</${name}>`]
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
