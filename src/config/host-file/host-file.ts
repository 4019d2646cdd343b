import { isAbsolute, join, dirname } from 'node:path'
import { failed, ok, type Result } from '../../platform/result.ts'
import { type Place, type Problem, problemAt, type Problems, shown, wholeFile } from '../problems.ts'
import { readXmlFile } from '../xml/xml-file.ts'
import type { XmlAttribute, XmlElement } from '../xml/xml.ts'

/** A host file with the files that it includes. */
export interface HostFileText {
  /** `<configuration>`, each `configSource` replaced by the element that it names; undefined if it cannot be read. */
  readonly root: XmlElement | undefined
  /** Every file that was read or looked for, absolute; the host file first. */
  readonly files: readonly string[]
}

/** Reads a host file and what it includes; what keeps it from being read is an error in `problems`. */
export async function readHostFile(file: string, problems: Problems): Promise<HostFileText> {
  const files = [file]
  const read = await readFile(file, wholeFile(file), 'Give --config the path of a file.')
  const document = read.ok ? asHostFile(read.value) : read
  if (!document.ok) {
    problems.add(document.failure)
    return { root: undefined, files }
  }
  const includer = new Includer(dirname(file), files, problems)
  const root = await includer.replaceIn(document.value, true)
  reportEncrypted(root, problems)
  return { root, files }
}

/** @param at the place that names the file */
async function readFile(file: string, at: Place, cure: string): Promise<Result<XmlElement, Problem>> {
  try {
    return await readXmlFile(file, cure)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT') return failed(problemAt('error', at, `There is no file ${shown(file)}.`, cure))
    const right =
      code === 'EACCES' ? 'Give the user that ancmd runs as the right to read it.' : 'Look at the file system.'
    return failed(problemAt('error', at, `The file ${shown(file)} cannot be read (${code}).`, right))
  }
}

function asHostFile(root: XmlElement): Result<XmlElement, Problem> {
  if (root.name === 'configuration') return ok(root)
  const text = `The file begins with <${shown(root.name)}>, not with <configuration>.`
  const cure = 'Write <configuration><system.applicationHost><sites>…</sites></system.applicationHost></configuration>.'
  return failed(problemAt('error', root.at, text, cure))
}

/** Replaces the elements with `configSource` by those of other files. Life: the reading of one host file. */
class Includer {
  readonly #folder: string
  readonly #files: string[]
  readonly #problems: Problems

  constructor(folder: string, files: string[], problems: Problems) {
    this.#folder = folder
    this.#files = files
    this.#problems = problems
  }

  /** @param mayInclude false in an included file, which may not include another one */
  async replaceIn(element: XmlElement, mayInclude: boolean): Promise<XmlElement> {
    const source = element.attributes.get('configSource')
    if (source !== undefined) return mayInclude ? this.#include(element, source) : this.#refuseNested(element, source)
    const children: XmlElement[] = []
    for (const child of element.children) children.push(await this.replaceIn(child, mayInclude))
    return children.every((child, i) => child === element.children[i]) ? element : { ...element, children }
  }

  async #include(element: XmlElement, source: XmlAttribute): Promise<XmlElement> {
    const empty = without(element)
    const refuse = (text: string, cure: string): XmlElement => {
      this.#problems.error(source.valueAt, `configSource="${shown(source.value)}" ${text}`, cure)
      return empty
    }
    const path = source.value.replaceAll('\\', '/')
    const isBelow =
      path.trim() !== '' && !isAbsolute(path) && !/^[A-Za-z]:/.test(path) && !path.split('/').includes('..')
    if (!isBelow) return refuse('is no path below the folder of this file.', 'Write a relative path without "..".')
    if (element.attributes.size > 1 || element.children.length > 0) {
      return refuse('stands beside other contents.', `Move all of <${element.name}> into that file.`)
    }
    const file = join(this.#folder, path)
    if (!this.#files.includes(file)) this.#files.push(file)
    const read = await readFile(file, source.valueAt, 'Write the path of a file below the folder of this file.')
    if (!read.ok) {
      this.#problems.add(read.failure)
      return empty
    }
    if (read.value.name === element.name) return this.replaceIn(read.value, false)
    this.#problems.error(
      read.value.at,
      `The file begins with <${shown(read.value.name)}>, not with <${element.name}>.`,
      `Write <${element.name}>…</${element.name}>, which line ${String(source.at.line)} of ${source.at.file} includes.`,
    )
    return empty
  }

  #refuseNested(element: XmlElement, source: XmlAttribute): XmlElement {
    this.#problems.error(source.at, 'An included file may not include another one.', 'Name that file in the host file.')
    return without(element)
  }
}

/** The element without attributes and children. */
function without(element: XmlElement): XmlElement {
  return { ...element, attributes: new Map(), children: [] }
}

/** Reports values that only Windows can decrypt. The values themselves are never shown. */
function reportEncrypted(element: XmlElement, problems: Problems): void {
  const provider = element.attributes.get('configProtectionProvider')
  if (provider !== undefined) {
    const text = `<${shown(element.name)}> is encrypted with ${shown(provider.value)}, which only Windows can decrypt.`
    problems.error(provider.at, text, 'Write the section in plain text, or remove it.')
  }
  for (const { name, value, at } of element.attributes.values()) {
    if (!/^\s*\[enc:/i.test(value)) continue
    const text = `The value of ${shown(name)} of <${shown(element.name)}> is encrypted, and only Windows can decrypt it.`
    problems.error(
      at,
      text,
      'Remove the attribute, or write the value in a file that only ancmd can read, where it takes one.',
    )
  }
  for (const child of element.children) reportEncrypted(child, problems)
}
