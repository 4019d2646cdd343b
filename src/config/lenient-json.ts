import { failed, ok, type Result } from '../platform/result.ts'

/** A value in a JSON document that is neither an object nor an array. */
export interface JsonLeaf {
  /** The names of the object members and the indexes of the array items that lead to it, outermost first. */
  readonly path: readonly string[]
  readonly value: string | number | boolean | null
  /** Index in the text of the name of the innermost member. */
  readonly at: number
}

/** The same limit as in System.Text.Json. */
const maxDepth = 64

/**
 * Reads JSON as .NET's configuration does, with comments of both kinds and with commas before a closing bracket.
 * Succeeds with every leaf, or fails with the index of the first character that is not allowed.
 *
 * @param text without its byte order mark
 */
export function readLenientJson(text: string): Result<readonly JsonLeaf[], number> {
  return new LenientReader(text).read()
}

/** Thrown at any depth of nesting and caught in read(). */
class Unreadable extends Error {}

class LenientReader {
  readonly #text: string
  readonly #leaves: JsonLeaf[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Result<readonly JsonLeaf[], number> {
    try {
      this.#skip()
      this.#value([], this.#at)
      this.#skip()
      return this.#at < this.#text.length ? failed(this.#at) : ok(this.#leaves)
    } catch (error) {
      if (error instanceof Unreadable) return failed(this.#at)
      throw error
    }
  }

  #value(path: readonly string[], at: number): void {
    if (path.length > maxDepth) throw new Unreadable()
    const first = this.#text[this.#at]
    if (first === '{') this.#members(path)
    else if (first === '[') this.#items(path, at)
    else this.#leaves.push({ path, value: this.#scalar(), at })
  }

  #members(path: readonly string[]): void {
    this.#at++
    for (this.#skip(); this.#text[this.#at] !== '}'; this.#skip()) {
      const at = this.#at
      if (this.#text[at] !== '"') throw new Unreadable()
      const name = String(this.#scalar())
      this.#skip()
      this.#expect(':')
      this.#skip()
      this.#value([...path, name], at)
      this.#skip()
      if (this.#text[this.#at] !== '}') this.#expect(',')
    }
    this.#at++
  }

  #items(path: readonly string[], at: number): void {
    this.#at++
    this.#skip()
    for (let index = 0; this.#text[this.#at] !== ']'; index++) {
      this.#value([...path, String(index)], at)
      this.#skip()
      if (this.#text[this.#at] !== ']') this.#expect(',')
      this.#skip()
    }
    this.#at++
  }

  #scalar(): JsonLeaf['value'] {
    const form = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y
    form.lastIndex = this.#at
    const [written] = form.exec(this.#text) ?? []
    if (written === undefined) throw new Unreadable()
    let value: JsonLeaf['value']
    try {
      value = JSON.parse(written) as JsonLeaf['value']
    } catch {
      throw new Unreadable()
    }
    this.#at += written.length
    return value
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new Unreadable()
    this.#at++
  }

  /** Skips blanks and comments. */
  #skip(): void {
    const passed = /(?:[ \t\r\n]|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y
    passed.lastIndex = this.#at
    this.#at += passed.exec(this.#text)?.[0].length ?? 0
  }
}
