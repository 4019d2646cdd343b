import type { AnyShape } from '../../src/config/xml/element.ts'
import type { Kind } from '../../src/platform/schema.ts'

/** An element of a table, and how to write a file in which it stands. */
export interface ShapeUse {
  /** The names of the elements from the root down to it. */
  readonly path: readonly string[]
  readonly shape: AnyShape
  /** A file with the element, its attributes and its contents, on line 2. */
  write(attributes: Readonly<Record<string, string>>, contents?: string): string
}

/** Every element below `shape`, itself first; none below an element that is not looked at. */
export function usesOf(
  shape: AnyShape,
  path: readonly string[],
  around: (inner: string) => string,
): readonly ShapeUse[] {
  if (shape.isOpen === true) return []
  const name = path.at(-1) as string
  const write: ShapeUse['write'] = (attributes, contents = '') => around(`\n${element(name, attributes, contents)}`)
  const below = Object.entries(shape.children ?? {}).flatMap(([child, its]) =>
    usesOf(its, [...path, child], (inner) => around(element(name, requiredOf(shape), inner))),
  )
  return [{ path, shape, write }, ...below]
}

function element(name: string, attributes: Readonly<Record<string, string>>, contents: string): string {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`)
  return `<${name}${written.join('')}>${contents}</${name}>`
}

/** Attributes that another file may have instead, or an element of defaults, but that one of them must have. */
const neededSomewhere = ['processPath', 'physicalPath']

/** A good value for each attribute that must be written. */
export function requiredOf({ kinds, required = [] }: AnyShape): Readonly<Record<string, string>> {
  const names = [...required, ...neededSomewhere.filter((name) => Object.hasOwn(kinds, name))]
  return Object.fromEntries(names.map((name) => [name, goodValue(name, kinds[name] as Kind<unknown>)]))
}

const virtualDirectory = '<virtualDirectory path="/" physicalPath="www" />'
const application = `<application path="/">${virtualDirectory}</application>`
const bindings = '<bindings><binding protocol="http" bindingInformation="*:8080:" /></bindings>'

/** What an element must contain, by its name. */
export const neededContents: Readonly<Record<string, string>> = {
  application: virtualDirectory,
  site: `${application}${bindings}`,
  'system.applicationHost': `<sites><site name="www" id="1">${application}${bindings}</site></sites>`,
}

/** Values for attributes of which more is asked than their kind says. */
const examples: Readonly<Record<string, string>> = {
  address: '127.0.0.1:8081',
  applicationPool: 'DefaultAppPool',
  bindingInformation: '*:8080:',
  idleTimeout: '00:20:00',
  ipAddress: '10.0.0.0/8',
  ldapBase: 'dc=example,dc=org',
  ldapServer: 'ldaps://dc1.example.org',
  name: 'shop',
  origin: '*',
  path: '/',
  protocol: 'https',
  rapidFailProtectionInterval: '00:05:00',
  resetInterval: '00:05:00',
  service: 'HTTP@www.example.org',
  time: '1.05:00:00',
  value: '03:00:00',
}

export function goodValue(name: string, kind: Kind<unknown>): string {
  const { numbers, words = [] } = kind.form
  const candidates = [
    ...(examples[name] === undefined ? [] : [examples[name]]),
    ...(numbers === undefined ? [] : [String(numbers.min)]),
    ...words.filter((word) => word !== ''),
    'text',
    '00:01:00',
    '192.0.2.1',
    '255.255.255.0',
    '.text',
  ]
  const found = candidates.find((candidate) => kind.read(candidate).ok)
  if (found === undefined) throw new Error(`no value is known for ${name}: ${kind.allowed}`)
  return found
}

/** Values that the kind refuses; none where every text is allowed. */
export function badValues(kind: Kind<unknown>): readonly string[] {
  const { numbers } = kind.form
  const beyond = numbers === undefined ? [] : [String(numbers.max + 1), String(numbers.min - 1)]
  return ['no such word', ' ', ...beyond].filter((candidate) => !kind.read(candidate).ok)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** The whole files among the examples of the README, each with its schema. */
export function examplesOf(readme: string): readonly { readonly schema: string; readonly text: string }[] {
  return Array.from(readme.matchAll(/^```xml\n(<configuration>[^]*?)^```$/gm), ([, text = '']) => ({
    schema: text.includes('<system.applicationHost>') ? 'ancmd.config.xsd' : 'web.config.xsd',
    text,
  }))
}
