import { SaxesParser } from 'saxes'
import { failed, ok, type Result } from '../../platform/result.ts'
import type { ConfigAttribute, ConfigElement } from '../config-element.ts'
import { type Place, type Problem, problemAt, shown } from '../problems.ts'
import type { SourceText } from '../source-text.ts'
import { complaintOf } from './xml-complaints.ts'

/**
 * The limits for the depth of nesting, the elements of a file and the attributes of an element. No real web.config
 * comes near them; they keep a hostile file from occupying the daemon.
 */
export const maxDepth = 64
export const maxElements = 20_000
export const maxAttributes = 256

export type XmlAttribute = ConfigAttribute
export type XmlElement = ConfigElement

interface OpenElement extends XmlElement {
  readonly attributes: Map<string, XmlAttribute>
  readonly children: XmlElement[]
  strayText: Place | undefined
}

/** Thrown through the parser to stop it at the first error, because what it reports after that is unreliable. */
class Malformed extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.text)
    this.problem = problem
  }
}

/**
 * Parses XML 1.0 into elements with their places. A DOCTYPE is an error, so the only entities are XML's own five and
 * numeric ones. Comments and processing instructions are left out. Fails with the first error.
 */
export function parseXml(source: SourceText): Result<XmlElement, Problem> {
  try {
    return ok(new ElementReader(source).read())
  } catch (error) {
    if (error instanceof Malformed) return failed(error.problem)
    throw error
  }
}

class ElementReader {
  readonly #source: SourceText
  readonly #parser = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' })
  readonly #open: OpenElement[] = []
  #root: OpenElement | undefined
  #elements = 0
  #lastClosed: OpenElement | undefined
  /** Index after the last tag, comment or the like, where the following text begins. */
  #textStart = 0
  /** Index after the last tag, attribute, comment or the like. */
  #parsedUntil = 0

  constructor(source: SourceText) {
    this.#source = source
    const parser = this.#parser
    parser.on('error', (error) => this.#refuse(error.message))
    parser.on('doctype', () => this.#refuse('doctype'))
    parser.on('opentagstart', ({ name }) => this.#start(name))
    parser.on('attribute', ({ name, value }) => this.#attribute(name, value))
    parser.on('opentag', () => {
      this.#textStart = parser.position
    })
    parser.on('closetag', () => {
      this.#textStart = parser.position
      this.#lastClosed = this.#open.pop()
    })
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
    parser.on('comment', () => {
      // The parser reports a comment before it has read the closing `>`.
      this.#textStart = parser.position + 1
    })
    parser.on('processinginstruction', () => {
      this.#textStart = parser.position
    })
    parser.on('xmldecl', () => {
      this.#textStart = parser.position
    })
  }

  read(): XmlElement {
    this.#parser.write(this.#source.text).close()
    return this.#root as XmlElement
  }

  #start(name: string): void {
    // The parser has read one character behind the name.
    const at = this.#source.place(this.#source.text.lastIndexOf('<', this.#parser.position - 2))
    if (this.#open.length === maxDepth) {
      const text = `<${shown(name)}> is nested more than ${String(maxDepth)} elements deep.`
      throw new Malformed(problemAt('error', at, text, 'Remove the nesting; no web.config needs it.'))
    }
    this.#elements += 1
    if (this.#elements > maxElements) {
      const text = `The file has more than ${String(maxElements)} elements.`
      throw new Malformed(problemAt('error', at, text, 'Remove what does not belong there.'))
    }
    const element: OpenElement = { name, at, attributes: new Map(), children: [], strayText: undefined }
    this.#open.at(-1)?.children.push(element)
    this.#root ??= element
    this.#open.push(element)
  }

  #attribute(name: string, value: string): void {
    const { text } = this.#source
    // The parser has just read the closing quote. The value cannot contain this quote; before it are only `=`, blanks
    // and the name.
    const closing = this.#parser.position - 1
    const opening = text.lastIndexOf(text[closing] as string, closing - 1)
    const at = this.#source.place(text.lastIndexOf(name, text.lastIndexOf('=', opening) - name.length))
    const { attributes, name: elementName } = this.#open.at(-1) as OpenElement
    if (attributes.has(name)) {
      const complaint = `<${shown(elementName)}> has the attribute "${shown(name)}" twice.`
      throw new Malformed(problemAt('error', at, complaint, 'Keep one of them.'))
    }
    if (attributes.size === maxAttributes) {
      const complaint = `<${shown(elementName)}> has more than ${String(maxAttributes)} attributes.`
      throw new Malformed(problemAt('error', at, complaint, 'Remove what does not belong there.'))
    }
    this.#parsedUntil = this.#parser.position
    attributes.set(name, { name, value, at, valueAt: this.#source.place(opening + 1) })
  }

  #text(text: string): void {
    const element = this.#open.at(-1)
    if (element === undefined || element.strayText !== undefined || text.trim() === '') return
    element.strayText = this.#source.place(this.#firstNonBlank())
  }

  #firstNonBlank(): number {
    const { text } = this.#source
    const found = text.slice(this.#textStart).search(/\S/)
    return found < 0 ? text.length : this.#textStart + found
  }

  #refuse(message: string): never {
    const complaint = complaintOf(message, {
      text: this.#source.text,
      position: this.#parser.position,
      parsedUntil: Math.max(this.#parsedUntil, this.#textStart),
      firstNonBlank: this.#firstNonBlank(),
      rootSeen: this.#root !== undefined,
      open: this.#open.at(-1),
      lastClosed: this.#lastClosed,
    })
    throw new Malformed(problemAt('error', this.#source.place(complaint.index), complaint.text, complaint.cure))
  }
}
