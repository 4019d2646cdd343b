import { describe, expect, test } from 'vitest'
import { requestFiltering } from '../../../../../src/site/modules/request-filtering/request-filtering.ts'
import { readSection, type Request, stepsFor, verdict } from '../section.ts'

type Row = [configuration: string, request: string, expected: string, more?: Request]

const denied = (name: string, inner: string, attributes = ''): string => `<${name} ${attributes}>${inner}</${name}>`
const segment = (name: string): string => denied('hiddenSegments', `<add segment="${name}" />`)
const extension = (name: string, allowed = false): string =>
  `<add fileExtension="${name}" allowed="${String(allowed)}" />`
const limits = (attributes: string, inner = ''): string => denied('requestLimits', inner, attributes)

const ask = (configuration: string, target: string, more?: Request): string => {
  const [, attributes = '', inner = ''] = /^(?:\[(.*?)\])?(.*)$/s.exec(configuration) ?? []
  const xml = `<requestFiltering ${attributes}>${inner}</requestFiltering>`
  return verdict(stepsFor(requestFiltering, configuration === '' ? [] : [xml]), target, more)
}

const getOnly = denied('verbs', '<add verb="GET" allowed="true" />', 'allowUnlisted="false"')
const sequences = denied('denyUrlSequences', '<add sequence="--" />')
const backslash = denied('denyUrlSequences', '<add sequence="\\" />')
const dots = denied('denyUrlSequences', '<add sequence=".." />')
const folder = denied('denyUrlSequences', '<add sequence="/api/x" />')
const exempt = denied('alwaysAllowedUrls', '<add url="/a--b" />')
const queries = denied('denyQueryStringSequences', '<add sequence="&lt;" />')
const alone = denied('fileExtensions', extension('.html', true) + extension('.', true), 'allowUnlisted="false"')
const oneHeader = limits('', denied('headerLimits', '<add header="X" sizeLimit="3" />'))
const rule = denied(
  'filteringRules',
  `<filteringRule name="bots" scanUrl="false"><scanHeaders><add requestHeader="User-Agent" /></scanHeaders>` +
    `<appliesTo><add fileExtension=".jpg" /></appliesTo><denyStrings><add string="bad" /></denyStrings></filteringRule>`,
)

describe('requestFiltering', () => {
  test.each<Row>([
    ['', '/a%252Fb', '404.11'],
    ['', '/a+b', '404.11'],
    ['', '/x?q=a+b%252B', 'passes'],
    ['[allowDoubleEscaping="True"]', '/a+b', 'passes'],
    ['[allowDoubleEscaping="True"]', '/a%252Fb', 'passes'],
    ['', '/WEB.CONFIG', '404.8'],
    ['', '/a/web.config/b', '404.8'],
    ['', '/web%2Econfig', '404.8'],
    [segment('bin'), '/api/bin', '404.8'],
    [segment('bin'), '/binary', 'passes'],
    [segment('bin'), '/?x=/bin/', 'passes'],
    [segment('bin'), '/web.config', '404.8'],
    [limits('maxQueryString="10"'), '/?12345678901', '404.15'],
    [limits('maxQueryString="10"'), '/?1234567890', 'passes'],
    [limits('maxUrl="8"'), '/12345678', '404.14'],
    [limits('maxUrl="8"'), '/1234567?and-a-query-of-any-length', 'passes'],
    [denied('fileExtensions', extension('.cs')), '/a.CS', '404.7'],
    [denied('fileExtensions', extension('.cs')), '/a.cs/b', 'passes'],
    [denied('fileExtensions', extension('.cs')), '/a.css', 'passes'],
    [alone, '/a.html', 'passes'],
    [alone, '/a', 'passes'],
    [alone, '/a.js', '404.7'],
    [getOnly, '/', '404.6', { method: 'get' }],
    [getOnly, '/', '404.6', { method: 'POST' }],
    [getOnly, '/', 'passes'],
    [sequences + exempt, '/a--b', 'passes'],
    [backslash, '/a\\b', '404.5'],
    [backslash, '/a%5Cb', '404.5'],
    [backslash, '/a%C1%9Cb', '404.5'],
    [backslash, '/a/b?c\\d%5C', 'passes'],
    [sequences, '/a\\b', 'passes'],
    [dots, '/a/../b', 'passes'],
    [dots, '/a..b', '404.5'],
    [dots, '/../b', '400'],
    [sequences + exempt, '/a--bc', '404.5'],
    [folder, '/api/x', '404.5'],
    [folder, '//api//x', '404.5'],
    [folder, '/a//apix', 'passes'],
    [queries, '/?q=%3C', '404.18'],
    [`[unescapeQueryString="false"]${queries}`, '/?q=%3C', 'passes'],
    [oneHeader, '/', '431.0', { headers: ['X', '1234'] }],
    [oneHeader, '/', 'passes', { headers: ['X', '123'] }],
    [rule, '/a.jpg', '404.19', { headers: ['user-agent', 'BAD'] }],
    [rule, '/a', 'passes', { headers: ['User-Agent', 'BAD'] }],
    [rule, '/a.jpg', 'passes', { headers: ['User-Agent', 'good'] }],
    ['[allowHighBitCharacters="false"]', '/%C3%A4', '404.12'],
    ['', '/%C3%A4', 'passes'],
  ])('with %s answers a request for %s by %s', (configuration, request, expected, more) => {
    expect(ask(configuration, request, more)).toBe(expected)
  })

  test('removes and adds one segment, as a real file does', () => {
    const lists = '<remove segment="ClearScript.V8" /><add segment="ClearScript.V8" />'
    const { settings, lines } = readSection(
      requestFiltering,
      `<requestFiltering>${denied('hiddenSegments', lists)}</requestFiltering>`,
    )
    expect(lines).toEqual([])
    expect(settings?.hiddenSegments).toEqual(['web.config', 'clearscript.v8'])
  })

  test('lets 3 GiB pass below 4294967295, and counts what is chunked', () => {
    const limit = limits('maxAllowedContentLength="4294967295"')
    const counted: number[] = []
    const body = (length: number | undefined) =>
      ({ length, limit: (bytes: number) => counted.push(bytes) }) as unknown as Exclude<Request['body'], undefined>
    expect(ask(limit, '/', { method: 'POST', body: body(3 * 1024 ** 3) })).toBe('passes')
    expect(ask(limit, '/', { method: 'POST', body: body(4_294_967_296) })).toBe('413.1')
    expect(ask(limit, '/', { method: 'POST', body: body(undefined) })).toBe('passes')
    expect(counted).toEqual([4_294_967_295])
  })

  test.each<Row>([
    ['', '/', 'passes', { method: 'FOO' }],
    [denied('verbs', '<add verb="TRACE" allowed="false" />'), '/', '404.6', { method: 'TRACE' }],
    [`${getOnly}${limits('maxUrl="1" maxQueryString="1"')}`, '/longer?longer', '404.6', { method: 'POST' }],
    [limits('maxUrl="1" maxQueryString="1"'), '/longer?longer', '404.14'],
    [`${limits('maxQueryString="1"')}${segment('a')}`, '/a+?longer', '404.15'],
    [`${oneHeader}${segment('a')}`, '/a+', '431.0', { headers: ['X', '1234'] }],
    [`[allowHighBitCharacters="false"]${segment('a')}`, '/a/%C3%A4+', '404.11'],
    [`[allowHighBitCharacters="false"]${sequences}`, '/--%C3%A4', '404.12'],
    [`${sequences}${segment('--')}`, '/--', '404.5'],
    [`${segment('a.cs')}${denied('fileExtensions', extension('.cs'))}`, '/a.cs', '404.8'],
    [`${denied('fileExtensions', extension('.cs'))}${queries}`, '/a.cs?%3C', '404.7'],
    [`${queries}${rule}`, '/a.jpg?%3C', '404.18', { headers: ['User-Agent', 'bad'] }],
  ])('with %s answers a request for %s with the first of its refusals, %s', (configuration, request, expected, more) => {
    expect(ask(configuration, request, more)).toBe(expected)
  })
})

describe('collections of requestFiltering', () => {
  const read = (...inner: readonly string[]) =>
    readSection(requestFiltering, ...inner.map((text) => `<requestFiltering>${text}</requestFiltering>`))

  test('inherit the entries of outer files, without letter case', () => {
    const { settings, lines } = read(segment('Bin'), denied('hiddenSegments', '<remove segment="BIN" />'))
    expect([settings, lines]).toEqual([{ maxAllowedContentLength: 30_000_000 }, []])
    expect(read(segment('Bin'), segment('App')).settings?.hiddenSegments).toEqual(['web.config', 'bin', 'app'])
  })

  test('are empty after <clear/>, the default too', () => {
    const { settings, lines } = read(denied('hiddenSegments', '<clear /><add segment="a" />'))
    expect([settings?.hiddenSegments, lines]).toEqual([['a'], []])
    expect(
      verdict(
        stepsFor(requestFiltering, ['<requestFiltering><hiddenSegments><clear /></hiddenSegments></requestFiltering>']),
        '/web.config',
      ),
    ).toBe('passes')
  })

  test('refuse a second add, in one file and in two', () => {
    expect(read(denied('fileExtensions', extension('.a') + extension('.A'))).lines).toEqual([
      '0.config:1:78: error: The file extension ".A" is added on line 1 already. Remove one <add> of the two.',
    ])
    expect(read(segment('a'), segment('A')).lines).toEqual([
      '1.config:1:36: error: The hidden segment "A" is added in 0.config, line 1, already. Put <remove segment="A" /> before it.',
    ])
  })

  test('let a default entry be added, as it is in a host file of IIS', () => {
    expect(read(segment('web.config'))).toEqual({ settings: { maxAllowedContentLength: 30_000_000 }, lines: [] })
  })

  test('tell verbs apart by letter case, and say what matches nothing', () => {
    const add = (verb: string) => `<add verb="${verb}" allowed="true" />`
    expect(read(denied('verbs', add('get') + add('GET'))).lines).toEqual([])
    expect(read(denied('verbs', add('GET,POST'))).lines).toEqual([
      '0.config:1:38: warning: verb="GET,POST" stands for one method of this name, which no request has. Write one <add> for each method.',
    ])
    expect(read(denied('fileExtensions', extension('cs'))).lines[0]).toContain('warning: fileExtension="cs" is the')
    expect(read(segment('a/b')).lines[0]).toContain('warning: segment="a/b" has a slash')
    expect(read(denied('filteringRules', '<filteringRule name="a" />')).lines[0]).toContain('so it refuses nothing')
  })

  test.each([
    ['<hidenSegments />', 'error: <requestFiltering> may not hold <hidenSegments>. Did you mean <hiddenSegments>?'],
    ['<hiddenSegments><add /></hiddenSegments>', 'error: <add> has no segment. Add segment="…".'],
    ['<verbs><add verb="GET" allowed="yes" /></verbs>', 'error: allowed="yes" is malformed. Write true or false.'],
    ['<requestLimits maxUrl="4294967296" />', 'error: maxUrl="4294967296" is out of range.'],
    [
      '<requestLimits><headerLimits><add header="X" /></headerLimits></requestLimits>',
      'error: <add> has no sizeLimit.',
    ],
  ])('with %s are refused with place and cure', (inner, text) => {
    expect(read(inner).lines.join()).toMatch(/^0\.config:1:\d+: /)
    expect(read(inner).lines.join()).toContain(text)
  })

  test('of an inner file leave the attributes of an outer one', () => {
    expect(read(limits('maxUrl="7" maxQueryString="8"'), limits('maxUrl="4096"')).settings).toEqual({
      maxAllowedContentLength: 30_000_000,
      maxQueryString: 8,
    })
  })

  test('are shown by check, but not where they are the defaults', () => {
    const { settings } = read(`${getOnly}${segment('bin')}${limits('maxUrl="5000"')}`)
    if (settings === undefined) throw new Error('no settings')
    expect(requestFiltering.section?.describe(settings)).toEqual([
      ['largest body', '30,000,000 bytes'],
      ['longest path', '5,000 bytes'],
      ['verbs', 'GET alone'],
      ['hidden segments', 'web.config, bin'],
    ])
  })
})
