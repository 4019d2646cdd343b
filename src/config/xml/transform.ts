import type { Problems } from '../problems.ts'
import type { XmlAttribute, XmlElement } from './xml.ts'

const namespace = 'http://schemas.microsoft.com/XML-Document-Transform'

/** The first attribute of the transform namespace, such as `xdt:Transform`; with one, the file is a transform. */
export function transformIn(element: XmlElement, prefixes = new Set<string>()): XmlAttribute | undefined {
  const attributes = [...element.attributes.values()]
  for (const declaration of attributes.filter(isDeclaration)) prefixes.add(declaration.name.slice('xmlns:'.length))
  const used = attributes.find(({ name }) => name.includes(':') && prefixes.has(name.slice(0, name.indexOf(':'))))
  if (used !== undefined) return used
  for (const child of element.children) {
    const inside = transformIn(child, prefixes)
    if (inside !== undefined) return inside
  }
  return undefined
}

/** Adds a notice if a file that is read as a configuration declares the namespace of transforms without using it. */
export function reviewTransform(root: XmlElement, problems: Problems): void {
  const declaration = [...root.attributes.values()].find(isDeclaration)
  if (declaration === undefined) return
  const text = `${declaration.name} declares the namespace of transforms, but the file has none: it is read as a configuration.`
  problems.notice(declaration.at, text)
}

function isDeclaration({ name, value }: XmlAttribute): boolean {
  return name.startsWith('xmlns:') && value === namespace
}
