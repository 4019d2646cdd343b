import { shapeInHostFile } from '../host-file/host-sections.ts'
import { hostRules } from '../host-file/load.ts'
import { ownSectionRules } from '../host-file/own-section.ts'
import { aspNetCore } from '../sections/asp-net-core.ts'
import { handlersShape } from '../sections/handlers.ts'
import { httpPlatform } from '../sections/http-platform.ts'
import type { SectionReader } from '../sections/section-reader.ts'
import { standingText, unhonouredSections } from '../sections/unhonoured-sections.ts'
import { locationShape } from '../web-config/location.ts'
import { type AnyShape, bareElement, openElement, type Shapes } from '../xml/element.ts'
import { schemaText } from './xsd.ts'

/** The schemas that editors use, by the names of their files. */
export function configSchemas(readers: readonly SectionReader[]): Readonly<Record<string, string>> {
  return { 'web.config.xsd': webConfigSchema(readers), 'ancmd.config.xsd': hostFileSchema(readers) }
}

const containers = { configuration: bareElement, location: locationShape }

function webConfigSchema(readers: readonly SectionReader[]): string {
  return schemaText({
    about:
      'The web.config of an application that ancmd hosts. Sections that are not honoured are accepted as they are.',
    containers,
    elements: { configSections: openElement, 'system.webServer': webServerShape(readers, (_, shape) => shape) },
  })
}

function hostFileSchema(readers: readonly SectionReader[]): string {
  return schemaText({
    about: 'The host file of ancmd, in the shape of the applicationHost.config of IIS.',
    containers,
    elements: {
      configSections: openElement,
      'system.applicationHost': hostRules,
      ancmd: ownSectionRules,
      'system.webServer': webServerShape(readers, shapeInHostFile),
    },
    everywhere: ['configSource'],
  })
}

/**
 * `<system.webServer>`: the sections that are honoured, by their tables, and those that IIS has besides.
 *
 * @param change what is different about a section in this file
 */
export function webServerShape(
  readers: readonly SectionReader[],
  change: (section: string, shape: AnyShape) => AnyShape,
): AnyShape {
  const always = [aspNetCore, httpPlatform].map(({ name, shape }) => ({ section: name, shape: shape }))
  const honoured = [...always, { section: 'handlers', shape: handlersShape }, ...readers]
  const others = Object.entries(unhonouredSections).map(([section, standing]) => {
    const about = [standingText(section, standing), standing.cure ?? ''].join(' ').trim()
    return [section, { ...openElement, about }] as const
  })
  const sections = [
    ...honoured.map(({ section, shape }) => [section, change(section, shape)] as const),
    ...others.filter(([section]) => honoured.every((other) => other.section !== section)),
  ]
  return sections.reduce(
    (tree, [section, shape]) => withSection(tree, section.split('/'), shape),
    bareElement as AnyShape,
  )
}

/** The tree with the section at its path; the elements on the way hold sections only. */
function withSection(tree: AnyShape, [name = '', ...below]: readonly string[], shape: AnyShape): AnyShape {
  const children: Shapes = tree.children ?? {}
  const here = Object.hasOwn(children, name) ? (children[name] as AnyShape) : bareElement
  return { ...tree, children: { ...children, [name]: below.length === 0 ? shape : withSection(here, below, shape) } }
}
