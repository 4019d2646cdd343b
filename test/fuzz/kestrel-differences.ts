import { isUtf8 } from 'node:buffer'
import type { KestrelReading } from './kestrel.ts'
import { askKestrel, type KestrelAnswer } from './kestrel-client.ts'
import { hasSizeLineBlanks } from './size-line-blanks.ts'

/** One request for Kestrel, and what we take it for. */
export interface Asked {
  /** Latin-1. */
  readonly bytes: string
  readonly method: string
  readonly target: string
  readonly version: string
  /** Flat. */
  readonly fields: readonly string[]
  readonly body: string
  /** It ends the connection. */
  readonly ends: boolean
}

export interface KestrelTally {
  read: number
  answered: number
  /** Refused by Kestrel, as expected; see expectedRefusal(). */
  refused: number
}

/** So many requests go over one connection, one behind the other. */
const AT_ONCE = 32

/** Kestrel's own limits: fields, and bytes of a request line. */
const MAX_FIELDS = 100
const MAX_LINE = 8_192

/** Asks Kestrel about requests, many on one connection, and compares its readings with ours. */
export class KestrelDifferences {
  readonly tally: KestrelTally = { read: 0, answered: 0, refused: 0 }
  readonly #port: number
  #waiting: Asked[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Rejects at the first difference. */
  async ask(asked: Asked): Promise<void> {
    if (isElsewhere(asked.target)) return
    if (expectedRefusal(asked) !== undefined) {
      await this.#askTogether([asked])
      return
    }
    this.#waiting.push(asked)
    if (asked.ends || this.#waiting.length >= AT_ONCE) await this.finish()
  }

  /** Asks about what is waiting. */
  async finish(): Promise<void> {
    const together = this.#waiting
    this.#waiting = []
    if (together.length > 0) await this.#askTogether(together)
  }

  async #askTogether(together: readonly Asked[]): Promise<void> {
    const bytes = together.map((asked) => asked.bytes).join('')
    try {
      const sent = { bytes, methods: together.map(({ method }) => method), ends: together.at(-1)?.ends === true }
      const answers = await askKestrel(this.#port, sent)
      for (const [i, asked] of together.entries()) this.#compare(asked, answers[i])
    } catch (cause) {
      throw new Error(`${String(cause)}\nthe bytes: ${JSON.stringify(bytes)}`, { cause })
    }
  }

  #compare(asked: Asked, answer: KestrelAnswer | undefined): void {
    if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(asked)}`)
    switch (answer.kind) {
      case 'refused':
        if (answer.status !== expectedRefusal(asked)) {
          throw new Error(`${String(answer.status)} to ${JSON.stringify(asked)}`)
        }
        this.tally.refused++
        break
      case 'answered':
        this.tally.answered++
        break
      case 'read':
        if (!isSame(asked, answer.reading)) {
          throw new Error(`Kestrel reads ${JSON.stringify(answer.reading)}\nand we read ${JSON.stringify(asked)}`)
        }
        this.tally.read++
    }
  }
}

/** The app has paths on which it does not tell what it has read. */
export function isElsewhere(target: string): boolean {
  return /plaintext|16k|1m|chunked|upload/i.test(target)
}

/** The status with which Kestrel refuses what has one reading, because it is stricter or has less room. */
export function expectedRefusal(asked: Asked): number | undefined {
  const { method, target, version, fields, bytes } = asked
  if (method.length + target.length + 11 >= MAX_LINE) return 414
  if (fields.length / 2 > MAX_FIELDS) return 431
  // It takes values for UTF-8, and refuses what is none.
  if (!fields.every((text) => isUtf8(Buffer.from(text, 'latin1')))) return 400
  // It wants an absolute form to name the same authority as Host, where RFC 9112 3.2.2 has the Host ignored.
  const authority = /^https?:\/\/([^/?#]*)/i.exec(target)?.[1]
  if (authority !== undefined && authority !== valueOf(fields, 'host')) return 400
  // It wants digits in a port, and no blanks in the size lines of chunks, where the RFCs have them read.
  if (valueOf(fields, 'host')?.endsWith(':') === true || hasSizeLineBlanks(bytes, 0)) return 400
  // It wants a length from HTTP/1.0, where RFC 9112 6.3 takes none for a body of nothing.
  const needsLength = version === '1.0' && (method === 'POST' || method === 'PUT')
  if (needsLength && valueOf(fields, 'content-length') === undefined) return 400
  // In a trailer that is found when the app reads so far.
  const isChunked = valueOf(fields, 'transfer-encoding') !== undefined
  return isChunked && !isUtf8(Buffer.from(bytes, 'latin1')) ? 500 : undefined
}

function isSame(asked: Asked, { method, target, fields, body }: KestrelReading): boolean {
  if (asked.method !== method || asked.target !== target || asked.body !== body) return false
  return comparable(asked.fields, fromLatin1) === comparable(fields.flat(), (text) => text)
}

/** By name, repeated values in one line, and lengths as numbers. Kestrel has its own way to write Connection down. */
function comparable(flat: readonly string[], decode: (text: string) => string): string {
  const byName = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase()
    const value = decode(flat[i + 1] as string)
    const before = byName.get(name)
    if (name === 'content-length') byName.set(name, String(Number(value)))
    else if (name !== 'connection') byName.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return [...byName]
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join('\n')
}

function fromLatin1(text: string): string {
  return Buffer.from(text, 'latin1').toString()
}

function valueOf(fields: readonly string[], lowerCaseName: string): string | undefined {
  const at = fields.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === lowerCaseName)
  return at < 0 ? undefined : fields[at + 1]
}
