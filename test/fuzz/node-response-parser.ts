import { HTTPParser } from './llhttp.ts'
import { passingTrailers } from './passing-trailers.ts'
import type { ReadResponse } from './our-response-reading.ts'

/** Answered to a head that has no body, whatever its fields say. */
const NO_BODY = 1

/** What llhttp makes of a response: its final head, and its body as far as it has come. */
export class NodeResponseParser {
  readonly #binding = new HTTPParser()
  #toHead = false
  #response: ReadResponse | undefined
  #isWhole = false
  #fields: string[] = []

  constructor() {
    const binding = this.#binding
    binding[HTTPParser.kOnHeaders] = (fields: string[]): void => {
      this.#fields.push(...fields)
    }
    binding[HTTPParser.kOnHeadersComplete] = (
      _major: number,
      minor: number,
      fields: string[] | undefined,
      _method: unknown,
      _target: unknown,
      status: number,
    ): number => {
      const all = fields ?? this.#fields
      this.#fields = []
      if (status < 200) return NO_BODY
      this.#response ??= { status, minor, fields: all, body: '', trailers: [] }
      return this.#toHead ? NO_BODY : 0
    }
    binding[HTTPParser.kOnBody] = (bytes: Buffer): void => {
      if (this.#response !== undefined && !this.#isWhole) this.#response.body += bytes.toString('latin1')
    }
    binding[HTTPParser.kOnMessageComplete] = (): void => {
      if (this.#response !== undefined && !this.#isWhole) {
        this.#response.trailers = passingTrailers(this.#fields)
        this.#isWhole = true
      }
      this.#fields = []
    }
  }

  /** `ends`: the connection ends behind these bytes. */
  read(bytes: Buffer, toHead: boolean, ends: boolean): { response: ReadResponse | undefined; isWhole: boolean } {
    this.#toHead = toHead
    this.#response = undefined
    this.#isWhole = false
    this.#fields = []
    this.#binding.initialize(HTTPParser.RESPONSE, {}, 65_536, HTTPParser.kLenientNone)
    const taken = this.#binding.execute(bytes)
    if (ends && !(taken instanceof Error)) this.#binding.finish()
    return { response: this.#response, isWhole: this.#isWhole }
  }
}
