import { failed, ok, type Result } from '../platform/result.ts'
import { type Place, type Problem, problemAt, shown, wholeFile } from './problems.ts'

/** A larger file is refused before it is parsed; real ones have a few kilobytes. */
export const maxBytes = 1_000_000

/** The text of one file, without its byte order mark; knows line and column of each index. */
export class SourceText {
  readonly file: string
  readonly text: string
  readonly #lineStarts: readonly number[]

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    this.#lineStarts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)]
  }

  place(index: number): Place {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] as number) <= index) low = middle
      else high = middle - 1
    }
    return { file: this.file, line: low + 1, column: index - (this.#lineStarts[low] as number) + 1 }
  }
}

/**
 * Decodes the bytes of a file. The encoding is told by the byte order mark (UTF-8, UTF-16 LE and BE), else by the zero
 * byte that UTF-16 has beside `<`, else by the XML declaration (UTF-8, or one of the names of Windows' western code
 * page), else it is UTF-8. Fails with the place of the first byte that is not valid in the encoding.
 */
export function decodeSource(file: string, bytes: Uint8Array): Result<SourceText, Problem> {
  if (bytes.length > maxBytes) return failed(tooLarge(file))
  const marked = markedEncoding(bytes)
  const declared = marked ?? declaredEncoding(bytes)
  if (westernNames.includes(declared)) return ok(new SourceText(file, decodeWestern(bytes)))
  // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
  const encoding = marked ?? (declared.startsWith('utf-16') ? 'utf-8' : declared)
  if (marked === undefined && encoding !== 'utf-8') {
    const text = `The XML declaration names the encoding "${shown(declared)}", which is not read here.`
    return failed(problemAt('error', { file, line: 1, column: 1 }, text, 'Save the file as UTF-8.'))
  }
  const source = new SourceText(file, new TextDecoder(encoding).decode(bytes))
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    const at = source.place(Math.max(0, source.text.indexOf('\ufffd')))
    return failed(problemAt('error', at, `A byte here is not ${encoding.toUpperCase()}.`, 'Save the file as UTF-8.'))
  }
  return ok(source)
}

export function tooLarge(file: string): Problem {
  return problemAt('error', wholeFile(file), 'The file is larger than 1 MB.', 'Remove what does not belong there.')
}

function markedEncoding(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  return undefined
}

function declaredEncoding(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
}

/** Encodings that are all read as windows-1252, as on Windows; it has letters where ISO 8859-1 has control codes. */
const westernNames = ['windows-1252', 'iso-8859-1', 'latin1', 'us-ascii']
const c1Letters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** Decodes windows-1252 without TextDecoder, which in some versions of Node decodes it as ISO 8859-1. */
function decodeWestern(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  return text.replaceAll(/[\u0080-\u009f]/g, (c) => c1Letters.charAt(c.charCodeAt(0) - 0x80))
}
