import { describe, expect, test } from 'vitest'
import { codedHead, couldBeCoded, TypeTable } from '../../../../src/site/modules/compression/coded-head.ts'
import { compression, compressionSchemes } from '../../../../src/site/modules/compression/compression.ts'
import { withPlainTags, withWeakTag } from '../../../../src/site/modules/compression/plain-tags.ts'
import { httpCompressionDefaults } from '../../../../src/site/modules/compression/read-http-compression.ts'
import { readSection, requestFor } from './section.ts'

describe('urlCompression', () => {
  test('compresses responses only where doDynamicCompression="true" is written, and files wherever it stands', () => {
    expect(readSection(compression).settings).toBeUndefined()
    expect(readSection(compression, '<urlCompression />').settings).toEqual({ dynamic: false, static: true })
    const both = readSection(compression, '<urlCompression />', '<urlCompression doDynamicCompression="True" />')
    expect(both).toEqual({ settings: { dynamic: true, static: true }, lines: [] })
    const off = '<urlCompression doStaticCompression="false" />'
    expect(readSection(compression, '<urlCompression doDynamicCompression="false" />', off).settings).toBeUndefined()
  })
})

describe('httpCompression', () => {
  const read = (inner: string, attributes = '') =>
    readSection(compressionSchemes, `<httpCompression ${attributes}>${inner}</httpCompression>`)

  test('without a scheme has br and gzip, and with schemes those in file order', () => {
    expect(read('').settings).toEqual(httpCompressionDefaults)
    expect(readSection(compressionSchemes).settings).toBeUndefined()
    const { settings, lines } = read(
      '<scheme name="GZip" dll="%Windir%\\system32\\inetsrv\\gzip.dll" /><scheme name="br" dynamicCompressionLevel="5" />',
    )
    expect(lines).toEqual([])
    expect(settings?.schemes).toEqual([
      { name: 'gzip', dynamicLevel: 0, staticLevel: 7 },
      { name: 'br', dynamicLevel: 5, staticLevel: 7 },
    ])
  })

  test('keeps what IIS has for its own store of compressed files out of it', () => {
    const attributes = 'directory="%TEMP%" staticCompressionIgnoreHitFrequency="true" minFileSizeForComp="1024"'
    expect(read('', attributes)).toEqual({
      settings: { ...httpCompressionDefaults, minFileSizeForComp: 1024 },
      lines: [],
    })
  })

  test('says that a coding is not known', () => {
    expect(read('<scheme name="xpress" />').lines.join()).toContain('The coding "xpress" is not known here')
  })

  test('refuses an attribute and an element that there are not', () => {
    expect(read('', 'minFileSizeForCom="3"').lines.join()).toContain('Did you mean "minFileSizeForComp"?')
    expect(read('<types />').lines.join()).toContain('<httpCompression> may not hold <types>')
    expect(read('<scheme name="gzip" /><scheme name="GZIP" />').lines.join()).toContain('is added on line 1 already')
  })

  test.each([
    ['text/html; charset=utf-8', true],
    ['TEXT/CSS', true],
    ['application/javascript', true],
    ['application/json', false],
    ['image/png', false],
    ['text/event-stream', false],
    ['application/grpc', false],
    ['application/grpc-web+proto', false],
    ['', false],
  ])('by default %s: %s', (type, isCoded) => {
    expect(new TypeTable(httpCompressionDefaults.dynamicTypes).has(type)).toBe(isCoded)
  })

  test('takes a type that is written twice, and an element that development tools write', () => {
    const twice =
      '<dynamicTypes><add mimeType="a/b" enabled="true" /><add mimeType="a/b" enabled="false" /></dynamicTypes>'
    const { settings, lines } = read(`${twice}<dynamicCompression><add mimeType="a/b" /></dynamicCompression>`)
    expect(new TypeTable(settings?.dynamicTypes ?? []).has('a/b')).toBe(false)
    expect(lines).toEqual([expect.stringMatching(/^0\.config:1:\d+: warning: .* Write <dynamicTypes>\.$/)])
  })

  test('has the type before its group, and that before every type', () => {
    const { settings } = read(
      '<dynamicTypes><clear /><add mimeType="*/*" enabled="true" /><add mimeType="image/*" enabled="false" />' +
        '<add mimeType="image/svg+xml; charset=utf-8" enabled="true" /></dynamicTypes>',
    )
    const types = new TypeTable(settings?.dynamicTypes ?? [])
    expect(['image/svg+xml', 'image/png', 'application/x', 'text/event-stream'].map((type) => types.has(type))).toEqual(
      [true, false, true, false],
    )
  })
})

describe('a response', () => {
  const types = new TypeTable(httpCompressionDefaults.dynamicTypes)
  const head = (status: number, ...headers: readonly string[]) => ({
    status,
    reason: '',
    headers: ['Content-Type', 'text/html', ...headers],
  })

  test.each([
    ['of unknown length', head(200), 'now'],
    ['of 2700 bytes', head(200, 'Content-Length', '2700'), 'now'],
    ['of 2699 bytes', head(200, 'Content-Length', '2699'), 'another'],
    ['that is an error', head(404, 'Content-Length', '5000'), 'now'],
    ['that is compressed already', head(200, 'Content-Encoding', 'br'), 'never'],
    ['that must not be changed', head(200, 'Cache-Control', 'private, no-transform'), 'never'],
    ['without content', head(204), 'never'],
    // The whole would depend on Accept-Encoding, and a part has to say so too (RFC 9110 15.3.7).
    ['that is a part', head(206, 'Content-Range', 'bytes 0-1/2'), 'another'],
    ['that is the part of an image', { ...head(206), headers: ['Content-Type', 'image/png'] }, 'never'],
    ['that is not modified', head(304), 'another'],
    ['of another type', { status: 200, reason: '', headers: ['Content-Type', 'image/png'] }, 'never'],
    ['without a type', { status: 200, reason: '', headers: [] }, 'never'],
  ])('%s', (_what, given, verdict) => {
    expect(couldBeCoded(given, types, 2700)).toBe(verdict)
  })

  test('loses what is true of the plain body only', () => {
    const { headers } = codedHead(
      head(200, 'Content-Length', '9', 'Accept-Ranges', 'bytes', 'Content-MD5', 'x', 'Repr-Digest', 'y', 'ETag', '"a"'),
      'gzip',
    )
    expect(headers).toEqual([
      ...['Content-Type', 'text/html', 'ETag', 'W/"a"', 'Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding'],
    ])
  })

  test('that stays plain says that it depends on Accept-Encoding, once', () => {
    expect(codedHead(head(200, 'ETag', '"a"'), undefined).headers).toEqual([
      ...['Content-Type', 'text/html', 'ETag', '"a"', 'Vary', 'Accept-Encoding'],
    ])
    for (const vary of ['Origin, accept-encoding', '*'])
      expect(codedHead(head(200, 'Vary', vary), undefined).headers.filter((name) => name === 'Vary')).toHaveLength(1)
  })

  test('that is not modified has the tag by which the client knows it', () => {
    const tagOf = (ifNoneMatch?: string, status = 304) =>
      withWeakTag(head(status, 'ETag', '"a"'), ifNoneMatch).headers[3]
    expect(tagOf('"b", W/"a"')).toBe('W/"a"')
    expect(tagOf('"a", W/"a"')).toBe('"a"')
    expect([tagOf('W/"ab"'), tagOf(), tagOf('W/"a"', 200)]).toEqual(['"a"', '"a"', '"a"'])
  })

  test('is asked for by the weak tag that the client has, and by the strong one that the app knows', () => {
    const request = requestFor('/', { headers: ['If-None-Match', 'W/"a", "b"', 'X', 'W/"c"'] })
    if (request === undefined) throw new Error('refused')
    const { headers } = withPlainTags(request)
    expect([headers.get('if-none-match'), headers.get('x')]).toEqual(['W/"a", "a", "b"', 'W/"c"'])
    const plain = requestFor('/', { headers: ['If-None-Match', '"b"'] })
    if (plain === undefined) throw new Error('refused')
    expect(withPlainTags(plain)).toBe(plain)
  })
})
