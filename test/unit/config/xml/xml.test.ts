import { describe, expect, test } from 'vitest'
import { SourceText } from '../../../../src/config/source-text.ts'
import { maxAttributes, maxDepth, maxElements, parseXml, type XmlElement } from '../../../../src/config/xml/xml.ts'

function parse(text: string): XmlElement {
  const parsed = parseXml(new SourceText('f', text))
  if (!parsed.ok) throw new Error(parsed.failure.text)
  return parsed.value
}

function complaint(text: string): string {
  const parsed = parseXml(new SourceText('f', text))
  return parsed.ok ? 'none' : `${String(parsed.failure.line)}:${String(parsed.failure.column)} ${parsed.failure.text}`
}

describe('an element', () => {
  test('has its place, and those of its attributes and their values', () => {
    const text = '<a>\r\n  <b  one = "1"\n\ttwo=\'2 "\' x:three="" />\n</a>'
    const inner = parse(text).children[0]
    expect(inner?.at).toEqual({ file: 'f', line: 2, column: 3 })
    const places = [...(inner?.attributes.values() ?? [])].map(({ name, value, at, valueAt }) => {
      return [name, value, at.line, at.column, valueAt.line, valueAt.column]
    })
    expect(places).toEqual([
      ['one', '1', 2, 7, 2, 14],
      ['two', '2 "', 3, 2, 3, 7],
      ['x:three', '', 3, 12, 3, 21],
    ])
  })

  test('has the right place for each attribute, also where names and values contain each other', () => {
    const attributes = [...parse('<a b="b=" bb="a=\'b\'" c="&quot;=&#34;"/>').attributes.values()]
    expect(attributes.map(({ value, at, valueAt }) => [value, at.column, valueAt.column])).toEqual([
      ['b=', 4, 7],
      ["a='b'", 11, 15],
      ['"="', 22, 25],
    ])
  })

  test('counts columns in UTF-16 units, as editors do', () => {
    expect(parse('<a>☺😀<b/></a>').children[0]?.at.column).toBe(7)
  })

  test('has its references resolved and line ends in values replaced by blanks', () => {
    const { attributes } = parse('<a b="&lt;&gt;&amp;&quot;&apos;&#65;&#x263A;\r\n\tc"/>')
    expect(attributes.get('b')?.value).toBe('<>&"\'A☺  c')
  })

  test('has the place of text inside it, but not of blanks, comments and processing instructions', () => {
    expect(parse('<a> <!-- x --> <?p i?>\n</a>').strayText).toBeUndefined()
    expect(parse('<a><!-- x -->\n  words <b/> more</a>').strayText).toMatchObject({ line: 2, column: 3 })
    expect(parse('<a><![CDATA[ words]]></a>').strayText).toMatchObject({ line: 1 })
  })

  test('may have a name that every object has as a member', () => {
    const { attributes, children } = parse('<a __proto__="1" constructor="2"><toString/></a>')
    expect([...attributes.keys()]).toEqual(['__proto__', 'constructor'])
    expect(children.map(({ name }) => name)).toEqual(['toString'])
  })
})

describe('a file is refused', () => {
  test('when elements are nested too deep, and not one level before', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(complaint(nested(maxDepth))).toBe('none')
    expect(complaint(nested(maxDepth + 1))).toBe('1:193 <a> is nested more than 64 elements deep.')
  })

  test('when it has too many elements or attributes', () => {
    expect(complaint(`<a>${'<b/>'.repeat(maxElements - 1)}</a>`)).toBe('none')
    expect(complaint(`<a>${'<b/>'.repeat(maxElements)}</a>`)).toContain('more than 20000 elements')
    const attributes = (count: number): string => Array.from({ length: count }, (_, i) => `a${String(i)}=""`).join(' ')
    expect(complaint(`<a ${attributes(maxAttributes)}/>`)).toBe('none')
    expect(complaint(`<a ${attributes(maxAttributes + 1)}/>`)).toContain('more than 256 attributes')
  })

  test.each([
    ['<a>\n<b>\n</a>', '3:1 </a> comes while <b> of line 2 is still open.'],
    ['<a b="1" b="2"/>', '1:10 <a> has the attribute "b" twice.'],
    ['<a b="x & y"/>', '1:9 "&" is no reference that XML knows.'],
    ['<a b="x&y" c="&amp;;"/>', '1:8 "&y" is no reference that XML knows.'],
    ['<a b="&constructor;"/>', '1:7 "&constructor;" is no reference that XML knows.'],
    ['<a b="&#xD800;"/>', '1:7 "&#xD800;" is no reference that XML knows.'],
    ['<a>&undefined;</a>', '1:4 "&undefined;" is no reference that XML knows.'],
    ['<!-- a\n-- b --><a/>', '2:3 A comment holds "--".'],
    ['<a>\n <!-- never </a>', '2:2 The comment that begins here never ends.'],
    ['<a><b c="1"', '1:12 The file ends while <b> of line 1 is still open.'],
    ['<a></a><!-- x', '1:8 The comment that begins here never ends.'],
    ['<a></a><?x', '1:11 The file ends in the middle of something.'],
    ['<a><!DOCTYPE b></a>', '1:4 The file has a DOCTYPE; it is not read, because it could define entities.'],
    ['<a>]]></a>', '1:6 Not well-formed XML: the string "]]>" is disallowed in char data.'],
    [
      '<?xml version="1.0"?><?xml version="1.0"?><a/>',
      '1:22 The XML declaration is not at the very beginning of the file.',
    ],
    ['<a b="\u0001"/>', '1:7 "\\u0001" may not stand here.'],
    ['</>', '1:1 </> closes nothing.'],
    ['', '1:1 The file holds no element.'],
  ])('%j, at the place that explains it', (text, expected) => {
    expect(complaint(text)).toBe(expected)
  })
})
