import { describe, expect, test } from 'vitest'
import { cors } from '../../../../src/site/modules/cors/cors.ts'
import { createOrigins } from '../../../../src/site/modules/cors/origins.ts'
import { readSection, requestFor, stepsFor, verdict } from './section.ts'

const on = (inner: string, attributes = ''): string => `<cors enabled="true" ${attributes}>${inner}</cors>`
const add = (origin: string, rest = '', inner = ''): string => `<add origin="${origin}" ${rest}>${inner}</add>`

describe('cors', () => {
  test('is off until it is enabled', () => {
    expect(readSection(cors, `<cors>${add('*')}</cors>`)).toEqual({ settings: undefined, lines: [] })
    expect(readSection(cors).settings).toBeUndefined()
  })

  test('reads origins with their headers and methods', () => {
    const inner =
      '<allowHeaders allowAllRequestedHeaders="true"><add header="X-A" /></allowHeaders>' +
      '<allowMethods><add method="PUT" /></allowMethods><exposeHeaders><add header="X-B" /></exposeHeaders>'
    const { settings, lines } = readSection(
      cors,
      on(add('https://a.example', 'allowCredentials="true" maxAge="120"', inner)),
    )
    expect(lines).toEqual([])
    expect(settings).toEqual({
      failUnlistedOrigins: false,
      origins: [
        {
          origin: 'https://a.example',
          allowed: true,
          allowCredentials: true,
          maxAge: 120,
          allowAllRequestedHeaders: true,
          allowHeaders: ['X-A'],
          allowMethods: ['PUT'],
          exposeHeaders: ['X-B'],
        },
      ],
    })
  })

  test.each([
    [add('a.example'), 'origin="a.example" is malformed.'],
    [add('https://a.example/path'), 'Write * or an origin without a path'],
    [add('https://a.*.example'), 'is malformed'],
    [add('*', '', '<allowHeaders><add header="a b" /></allowHeaders>'), 'header="a b" is malformed.'],
    [add('*') + add('*'), 'is added on line 1 already'],
    [add('*', 'allowCredentials="true"'), 'it is ignored. Name the origins that may send credentials.'],
    ['<allow origin="*" />', '<cors> may not hold <allow>'],
  ])('%s is reported with place and cure', (inner, text) => {
    const { lines } = readSection(cors, on(inner))
    expect(lines.join('\n')).toMatch(/^0\.config:1:\d+: (?:error|warning): /)
    expect(lines.join('\n')).toContain(text)
  })

  test('the most specific origin decides', () => {
    const xml = on(
      add('*') +
        add('https://*.example.org', 'allowed="false"') +
        add('https://*.b.example.org') +
        add('https://a.example.org'),
    )
    const find = createOrigins(readSection(cors, xml).settings?.origins ?? [])
    expect(
      [
        'https://A.example.org',
        'https://x.b.example.org',
        'https://x.example.org',
        'https://example.org',
        'null',
        'http://a.example.org',
      ].map((origin) => find(origin)?.origin),
    ).toEqual(['https://a.example.org', 'https://*.b.example.org', 'https://*.example.org', '*', '*', '*'])
  })

  test.each([
    ['failUnlistedOrigins="true"', ['Origin', 'https://b.example'], '403.0'],
    ['failUnlistedOrigins="true"', ['Origin', 'https://no.example'], '403.0'],
    ['failUnlistedOrigins="true"', ['Origin', 'https://a.example'], 'passes'],
    ['failUnlistedOrigins="true"', [], 'passes'],
    ['', ['Origin', 'https://b.example'], 'passes'],
    ['', ['Origin', 'https://b.example', 'Access-Control-Request-Method', 'PUT'], 'passes'],
    ['', ['Origin', 'https://a.example', 'Access-Control-Request-Method', 'PUT'], '204.0'],
  ])('with %s, %j: %s', (attributes, headers, expected) => {
    const steps = stepsFor(cors, [
      on(add('https://a.example') + add('https://no.example', 'allowed="false"'), attributes),
    ])
    expect(verdict(steps, '/', { method: 'OPTIONS', headers })).toBe(expected)
  })

  test('a preflight is answered with what is allowed', () => {
    const inner = '<allowMethods><add method="PUT" /><add method="DELETE" /></allowMethods>'
    const headers = '<allowHeaders><add header="X-A" /><add header="X-B" /></allowHeaders>'
    const asked = [
      'Origin',
      'https://a.example',
      'Access-Control-Request-Method',
      'PUT',
      'Access-Control-Request-Headers',
      'x-c',
    ]
    const answerOf = (xml: string): readonly string[] => {
      const request = requestFor('/', { method: 'OPTIONS', headers: asked })
      const said = request === undefined ? undefined : stepsFor(cors, [xml]).gate?.(request)
      if (said === undefined || said instanceof Promise || !('answer' in said)) throw new Error('it is not answered')
      return said.answer.headers
    }
    expect(answerOf(on(add('https://a.example', 'maxAge="9"', inner + headers)))).toEqual([
      ...['Access-Control-Allow-Methods', 'PUT,DELETE', 'Access-Control-Allow-Headers', 'X-A,X-B'],
      ...['Access-Control-Max-Age', '9'],
    ])
    expect(answerOf(on(add('*', '', '<allowHeaders allowAllRequestedHeaders="true" />')))).toEqual([
      ...['Access-Control-Allow-Headers', 'x-c', 'Vary', 'Access-Control-Request-Headers'],
    ])
  })
})
