import { failed, ok, type Result } from '../../../platform/result.ts'

/** A text with references in braces, such as `/{R:1}?q={UrlEncode:{C:2}}`. */
export type Template = readonly TemplatePart[]

export type TemplatePart =
  | string
  | { readonly kind: 'rule-capture' | 'condition-capture'; readonly index: number }
  /** `name` in capitals. */
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: TemplateFunction; readonly argument: Template }
  | { readonly kind: 'map'; readonly map: string; readonly key: Template }

export type TemplateFunction = 'ToLower' | 'UrlEncode' | 'UrlDecode'

const functions: readonly TemplateFunction[] = ['ToLower', 'UrlEncode', 'UrlDecode']

/** How deep references may stand within each other. */
const MAX_DEPTH = 20

/**
 * Reads a template; the failure is a sentence about what is wrong with it.
 *
 * @param maps the names of the rewrite maps
 */
export function readTemplate(text: string, maps: readonly string[]): Result<Template, string> {
  const reader = new TemplateReader(text, maps)
  const parts = reader.read(0)
  return reader.fault === undefined ? ok(parts) : failed(reader.fault)
}

/** Reads one template. Life: that of the call of read() from outside. */
class TemplateReader {
  fault: string | undefined
  readonly #text: string
  readonly #maps: readonly string[]
  #at = 0

  constructor(text: string, maps: readonly string[]) {
    this.#text = text
    this.#maps = maps
  }

  /** Reads to the end, or, within a reference, to the brace that closes it. */
  read(depth: number): Template {
    const parts: TemplatePart[] = []
    let literal = ''
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at)
      if (character === '}' && depth > 0) break
      this.#at++
      if (character !== '{') {
        literal += character
        continue
      }
      if (literal !== '') parts.push(literal)
      literal = ''
      parts.push(this.#reference(depth + 1))
      if (this.fault !== undefined) return parts
    }
    if (literal !== '') parts.push(literal)
    return parts
  }

  /** Reads a reference behind its opening brace. */
  #reference(depth: number): TemplatePart {
    if (depth > MAX_DEPTH) return this.#fail(`It has more than ${String(MAX_DEPTH)} braces within each other.`)
    const name = /[^:{}]*/y
    name.lastIndex = this.#at
    const word = name.exec(this.#text)?.[0] ?? ''
    this.#at += word.length
    const next = this.#text.charAt(this.#at)
    if (next === '}') {
      this.#at++
      return word === '' ? this.#fail('It has an empty {}.') : { kind: 'variable', name: word.toUpperCase() }
    }
    if (next !== ':') return this.#fail('It has a { that no } closes.')
    this.#at++
    const argument = this.read(depth)
    if (this.fault !== undefined) return ''
    if (this.#text.charAt(this.#at) !== '}') return this.#fail('It has a { that no } closes.')
    this.#at++
    return this.#partOf(word, argument)
  }

  #partOf(word: string, argument: Template): TemplatePart {
    const same = (name: string): boolean => name.toLowerCase() === word.toLowerCase()
    const map = this.#maps.find(same)
    if (map !== undefined) return { kind: 'map', map, key: argument }
    const known = functions.find(same)
    if (known !== undefined) return { kind: 'function', name: known, argument }
    const kind = same('R') ? 'rule-capture' : 'condition-capture'
    if (kind === 'condition-capture' && !same('C'))
      return this.#fail(`There is no function and no rewrite map "${word}".`)
    const [index] = argument
    if (argument.length === 1 && typeof index === 'string' && /^[0-9]{1,2}$/.test(index))
      return { kind, index: Number(index) }
    return this.#fail(`{${word}:…} needs the number of a capture.`)
  }

  #fail(fault: string): TemplatePart {
    this.fault ??= fault
    return ''
  }
}

/** The names of the variables that a template uses, in capitals. */
export function variablesIn(template: Template): readonly string[] {
  return template.flatMap((part) => {
    if (typeof part === 'string') return []
    if (part.kind === 'variable') return [part.name]
    if (part.kind === 'function') return variablesIn(part.argument)
    return part.kind === 'map' ? variablesIn(part.key) : []
  })
}
