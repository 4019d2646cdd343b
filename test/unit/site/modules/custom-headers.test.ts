import { describe, expect, test } from 'vitest'
import { problemLine, Problems } from '../../../../src/config/problems.ts'
import { SourceText } from '../../../../src/config/source-text.ts'
import { childrenNamed } from '../../../../src/config/xml/element.ts'
import { parseXml } from '../../../../src/config/xml/xml.ts'
import type { ApplicationFacts } from '../../../../src/site/modules/module.ts'
import { customHeaders } from '../../../../src/site/modules/custom-headers/custom-headers.ts'

/** What the files come to, outermost first; each is what stands inside `<httpProtocol>`, or a whole element. */
function read(...files: readonly string[]) {
  const problems = new Problems()
  const elements = files.map((inside, i) => {
    const text = inside.startsWith('<httpProtocol') ? inside : `<httpProtocol>${inside}</httpProtocol>`
    const parsed = parseXml(new SourceText(`${String(i)}.config`, `<a>${text}</a>`))
    if (!parsed.ok) throw new Error(parsed.failure.text)
    return childrenNamed([parsed.value], 'httpProtocol')[0] as Exclude<typeof parsed.value, undefined>
  })
  const settings = customHeaders.section?.read(elements, { physicalPath: '/srv', environment: {}, problems })
  return {
    headers: settings?.customHeaders.map(({ name, value }) => `${name}: ${value}`),
    settings,
    lines: problems.list.map(problemLine),
  }
}

const headers = (...inside: readonly string[]) => `<customHeaders>${inside.join('')}</customHeaders>`
const add = (name: string, value = '1') => `<add name="${name}" value="${value}" />`

describe('<customHeaders>', () => {
  test('are added in file order, also empty ones, without the blanks around them', () => {
    const { headers: found, lines } = read(headers(add('X-B', ' b  c '), add('X-A', 'a'), '<add name="X-Empty" />'))
    expect(found).toEqual(['X-B: b  c', 'X-A: a', 'X-Empty: '])
    expect(lines).toEqual([])
  })

  test('of several lines in the file are one line, as XML reads them', () => {
    expect(read(headers(add('Content-Security-Policy', "default-src 'self';\n  img-src *"))).headers).toEqual([
      "Content-Security-Policy: default-src 'self';   img-src *",
    ])
  })

  test('without an entry give no settings', () => {
    expect(read().settings).toBeUndefined()
    expect(read(headers('<clear />', '<remove name="X-Powered-By" />'))).toMatchObject({
      settings: undefined,
      lines: [],
    })
    expect(read('')).toMatchObject({ settings: undefined, lines: [] })
  })

  test('are inherited; an inner file can remove one in any letter case, clear all, and add others', () => {
    const outer = headers(add('X-A'), add('X-B'))
    expect(read(outer, headers(add('X-C'))).headers).toEqual(['X-A: 1', 'X-B: 1', 'X-C: 1'])
    expect(read(outer, headers('<remove name="x-a" />', add('X-A', '2'))).headers).toEqual(['X-B: 1', 'X-A: 2'])
    expect(read(outer, headers('<clear />', add('X-A', '3'))).headers).toEqual(['X-A: 3'])
    expect(read(outer, headers('<clear />')).headers).toBeUndefined()
  })

  test('added twice are an error, with the cure', () => {
    expect(read(headers(add('X-A'), add('x-a'))).lines).toEqual([
      '0.config:1:61: error: The custom header "x-a" is added on line 1 already. Remove one of the two; several values of one field go into one, with commas.',
    ])
    expect(read(headers(add('X-A')), headers(add('x-a'))).lines).toEqual([
      '1.config:1:33: error: The custom header "x-a" is added in 0.config, line 1, already. Put <remove name="x-a" /> before it.',
    ])
  })

  test.each([
    'Connection',
    'content-length',
    'Date',
    'Host',
    'Keep-Alive',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'MS-ASPNETCORE-TOKEN',
    'ms_aspnetcore_anything',
    'Sec-WebSocket-Accept',
  ])('may not set %s', (name) => {
    const { lines, settings } = read(headers(add(name)))
    expect(lines).toEqual([`0.config:1:44: error: The header "${name}" is written by the server alone. Remove it.`])
    expect(settings).toBeUndefined()
  })

  test.each([
    'Dates',
    'X-Upgrade',
    'Server',
    'Set-Cookie',
    'Strict-Transport-Security',
    'X-MS-ASPNETCORE',
  ])('may set %s', (name) => {
    expect(read(headers(add(name)))).toMatchObject({ headers: [`${name}: 1`], lines: [] })
  })

  test.each(['X A', 'X:', ' X', 'X&#10;Y', 'Ä'])('take no name such as %j', (name) => {
    const { lines } = read(headers(add(name)))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^0\.config:1:44: error: .* is no name of a header field\. Write /)
  })

  test.each([
    'a&#13;b',
    'a&#10;',
    '&#10;X-Evil: 1',
    'a&#127;',
    'a\u20ac',
    '\u{1f600}',
  ])('may not have the value %j', (value) => {
    const { lines } = read(headers(add('X-A', value)))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^0\.config:1:56: error: value=".*" cannot stand in a header field\. Write it on one line/)
  })

  test('may have every value that a field may have', () => {
    expect(read(headers(add('X-A', 'a&#9;\xe4&quot;,;'))).headers).toEqual(['X-A: a\t\xe4",;'])
  })

  test.each([
    ['<customHeaders><add value="1" /></customHeaders>', '<add> has no name'],
    ['<customHeaders><remove /></customHeaders>', '<remove> has no name'],
    ['<customHeaders><add name="" value="1" /></customHeaders>', 'name="" is empty'],
    ['<customHeaders><add name="X" valu="1" /></customHeaders>', '<add> has no attribute "valu"'],
    ['<customHeaders><header name="X" /></customHeaders>', '<customHeaders> may not hold <header>'],
    ['<customHeader />', '<httpProtocol> may not hold <customHeader>'],
    ['<httpProtocol keepAlive="true" />', '<httpProtocol> has no attribute "keepAlive"'],
  ])('are refused in any other form: %s', (inside, text) => {
    const { lines } = read(inside)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`error: ${text}`)
  })
})

describe('the other settings of <httpProtocol>', () => {
  test('are redirectHeaders and allowKeepAlive', () => {
    const { settings, lines } = read(
      '<httpProtocol allowKeepAlive="False"><redirectHeaders><add name="X" /></redirectHeaders></httpProtocol>',
    )
    expect(lines).toEqual([])
    expect(settings).toEqual({ customHeaders: [], redirectHeaders: [{ name: 'X', value: '' }], allowKeepAlive: false })
    expect(read('<httpProtocol allowKeepAlive="false" />', '<httpProtocol allowKeepAlive="true" />').settings).toBe(
      undefined,
    )
    expect(
      read('<httpProtocol allowKeepAlive="true"><redirectHeaders><clear /></redirectHeaders></httpProtocol>').settings,
    ).toBeUndefined()
  })

  test('check the fields of redirects as they check the others', () => {
    expect(read('<redirectHeaders><add name="Content-Length" value="1" /></redirectHeaders>').lines).toHaveLength(1)
    const twice = '<redirectHeaders><add name="X" value="1" /><add name="x" value="1" /></redirectHeaders>'
    expect(read(twice).lines.join()).toContain('is added on line 1 already')
    expect(read(`${headers(add('X'))}<redirectHeaders>${add('X')}</redirectHeaders>`).lines).toEqual([])
  })
})

test('the module has response fields and no other step', () => {
  const settings = {
    customHeaders: [
      { name: 'X-A', value: '1' },
      { name: 'X-B', value: '\xe4' },
    ],
  }
  expect(customHeaders.create(settings, {} as ApplicationFacts)).toEqual({
    responseFields: { flat: ['X-A', '1', 'X-B', '\xe4'], lines: 'X-A: 1\r\nX-B: \xe4\r\n' },
  })
  expect(customHeaders.section?.describe(settings)).toEqual([
    ['response header', 'X-A: 1'],
    ['response header', 'X-B: \xe4'],
  ])
})
