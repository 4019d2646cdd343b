import type { Problems } from './problems.ts'
import type { XmlAttribute, XmlElement } from './xml.ts'

const namespace = 'http://schemas.microsoft.com/XML-Document-Transform'

/** The first attribute of the transform namespace, such as `xdt:Transform`: the file changes another one. */
export function transformIn(root: XmlElement): XmlAttribute | undefined {
  const prefixes = new Set<string>()
  const pending = [root]
  for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
    const attributes = [...element.attributes.values()]
    for (const attribute of attributes)
      if (isDeclaration(attribute)) prefixes.add(attribute.name.slice('xmlns:'.length))
    const used = attributes.find(({ name }) => name.includes(':') && prefixes.has(name.slice(0, name.indexOf(':'))))
    if (used !== undefined) return used
    pending.push(...element.children.toReversed())
  }
  return undefined
}

/** A file that declares the namespace and never uses it is a configuration; some are kept so. */
export function reviewTransform(root: XmlElement, problems: Problems): void {
  const declaration = [...root.attributes.values()].find(isDeclaration)
  if (declaration === undefined) return
  const text = `${declaration.name} declares the namespace of transforms, but the file has none: it is read as a configuration.`
  problems.notice(declaration.at, text)
}

function isDeclaration({ name, value }: XmlAttribute): boolean {
  return name.startsWith('xmlns:') && value === namespace
}
