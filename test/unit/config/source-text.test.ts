import { describe, expect, test } from 'vitest'
import { decodeSource, maxBytes, SourceText } from '../../../src/config/source-text.ts'

describe('the place of a character', () => {
  test('counts lines by every kind of line end, and columns from 1', () => {
    const source = new SourceText('f', 'a\nb\r\ncd\re')
    const at = (index: number): string => {
      const { line, column } = source.place(index)
      return `${String(line)}:${String(column)}`
    }
    expect(['a', 'b', 'c', 'd', 'e'].map((letter) => at(source.text.indexOf(letter)))).toEqual([
      '1:1',
      '2:1',
      '3:1',
      '3:2',
      '4:1',
    ])
    expect(at(source.text.length)).toBe('4:2')
  })
})

describe('bytes become text', () => {
  const decode = (bytes: Uint8Array): string => {
    const decoded = decodeSource('f', bytes)
    return decoded.ok
      ? decoded.value.text
      : `${String(decoded.failure.line)}:${String(decoded.failure.column)} ${decoded.failure.text}`
  }
  const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

  test('of UTF-8 with and without a byte order mark', () => {
    expect(decode(Buffer.from('\ufeff<ü/>'))).toBe('<ü/>')
    expect(decode(Buffer.from('<ü/>'))).toBe('<ü/>')
  })

  test('of UTF-16 with and without a byte order mark', () => {
    expect(decode(Buffer.from('\ufeff<ü/>', 'utf16le'))).toBe('<ü/>')
    expect(decode(utf16be('\ufeff<ü/>'))).toBe('<ü/>')
    expect(decode(Buffer.from('<ü/>', 'utf16le'))).toBe('<ü/>')
    expect(decode(utf16be('<ü/>'))).toBe('<ü/>')
  })

  test('of windows-1252, where the declaration names it', () => {
    const declared = '<?xml version="1.0" encoding="Windows-1252"?>'
    expect(decode(Buffer.from(`${declared}\x80\xfc`, 'latin1'))).toBe(`${declared}€ü`)
  })

  test('but not with a byte that the encoding does not have, which is refused with its place', () => {
    expect(decode(Buffer.from('<a>\n \xfc</a>', 'latin1'))).toBe('2:2 A byte here is not UTF-8.')
    expect(decode(Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x00, 0xd8]))).toBe('1:2 A byte here is not UTF-16LE.')
  })

  test('but not of an unknown encoding', () => {
    expect(decode(Buffer.from('<?xml version="1.0" encoding="shift_jis"?>'))).toContain(
      '"shift_jis", which is not read',
    )
  })

  test('but not of more than 1 MB', () => {
    expect(decode(Buffer.alloc(maxBytes, ' '))).toHaveLength(maxBytes)
    expect(decode(Buffer.alloc(maxBytes + 1, ' '))).toBe('0:0 The file is larger than 1 MB.')
  })
})
