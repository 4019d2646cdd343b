import { describe, expect, test } from 'vitest'
import type { Upgrade } from '../../../../../src/http/exchange.ts'
import type { ApplicationFacts } from '../../../../../src/site/modules/module.ts'
import { rewrite } from '../../../../../src/site/modules/rewrite/rewrite.ts'
import { readSection, requestFor } from '../section.ts'
import { conditions, problemsOf, rewriting, rule, rules } from './rewriting.ts'

describe('what clients send', () => {
  test('as X-Original-URL never reaches the application', async () => {
    const ask = rewriting(rules(rule('^a$', 'type="Rewrite" url="b"')))
    for (const name of ['X-Original-URL', 'x_original_url', 'X-ORIGINAL_url']) {
      expect(await ask('/z', { headers: [name, '/forged', 'A', '1'] })).toBe('/z | A: 1')
      expect(await ask('/a', { headers: [name, '/forged'] })).toBe('/b | X-Original-URL: /a')
    }
  })

  test('about itself in the name of a proxy is believed by no rule, unless a trusted proxy says it', async () => {
    const toHttps = rules(
      rule('.*', 'type="Redirect" url="https://h/"', {
        inside: conditions([['{HTTP_X_FORWARDED_PROTO}', 'pattern="^https$" negate="true"']]),
      }),
    )
    const ask = rewriting(toHttps)
    const forged = ['X-Forwarded-Proto', 'https']
    expect(await ask('/a', { headers: forged })).toBe('301 https://h/')
    expect(await ask('/a', { connection: { scheme: 'https' } })).toBe('/a')
    expect(await ask('/a', { headers: ['X-Forwarded-Proto', 'http'], connection: { scheme: 'https' } })).toMatch(
      /^\/a /,
    )
    const proxy = requestFor('/')?.connection
    expect(await ask('/a', { headers: forged, connection: { scheme: 'https', proxy } })).toMatch(/^\/a /)
    expect(await ask('/a', { connection: { scheme: 'http', proxy } })).toBe('301 https://h/')
  })

  test('as a field of proxies, of the server or of a rewrite is empty in rules, or what the server knows', async () => {
    const shown = (name: string) => rewriting(rules(rule('.*', `type="Redirect" url="/{${name}}"`)))
    const connection = { remoteAddress: '192.0.2.7', remotePort: 5000 }
    const headers = ['X-Forwarded-For', '10.0.0.1', 'X-Forwarded-Host', 'evil', 'Forwarded', 'host=evil', 'X-A', '1']
    headers.push('X-Original-URL', '/evil', 'MS-ASPNETCORE-TOKEN', 'guess')
    const ask = (name: string) => shown(name)('/', { headers, connection })
    expect(await ask('HTTP_X_FORWARDED_FOR')).toBe('301 /192.0.2.7:5000')
    for (const name of ['X_FORWARDED_HOST', 'FORWARDED', 'X_ORIGINAL_URL', 'MS_ASPNETCORE_TOKEN'])
      expect(await ask(`HTTP_${name}`), name).toBe('301 /')
    expect(await ask('HTTP_X_A')).toBe('301 /1')
  })

  test('is escaped again where it would become a query or a second layer of escapes', async () => {
    const ask = rewriting(rules(rule('^p/(.*)', 'type="Rewrite" url="q/{R:1}"')))
    expect(await ask('/p/a%3Fadmin=1')).toMatch(/^\/q\/a%3Fadmin=1 /)
    expect(await ask('/p/%252e%252e/x')).toMatch(/^\/q\/%252e%252e\/x /)
    expect(await ask('/p/a%20b%C3%A4%23')).toMatch(/^\/q\/a%20b%C3%A4%23 /)
  })

  test('cannot begin a fragment or name a host in a redirect, which only the rule does', async () => {
    const to = (url: string) => rewriting(rules(rule('^p/(.*)', `type="Redirect" url="${url}"`)))
    expect(await to('/app/#/{R:1}')('/p/a%23b')).toBe('301 /app/#/a%23b')
    expect(await to('//cdn.example/{R:1}')('/p/a')).toBe('301 //cdn.example/a')
    expect(await to('//{HTTP_HOST}/{R:1}')('/p/a')).toBe('301 //h/a')
    expect(await to('//{R:1}')('/p/evil.example')).toBe('301 /evil.example')
    expect(await to('/{R:1}')('/p//evil.example')).toBe('301 /evil.example')
    const rewritten = rewriting(rules(rule('^p/(.*)', 'type="Rewrite" url="q#/{R:1}"')))
    expect(await rewritten('/p/a')).toBe('/q%23/a | X-Original-URL: /p/a')
  })

  test('does not get past a rule by doubled slashes', async () => {
    const ask = rewriting(rules(rule('^admin/secret', 'type="AbortRequest"')))
    for (const path of ['/admin/secret', '//admin/secret', '/admin//secret', '/admin%2F/secret', '/admin\\\\secret'])
      expect(await ask(path)).toBe('no bytes')
    expect(await ask('/a//b')).toBe('/a//b')
  })

  test('as a WebSocket over HTTP/2 is the GET that the application gets', async () => {
    const ask = rewriting(rules(rule('.*', 'type="Redirect" url="/{REQUEST_METHOD}"')))
    expect(await ask('/a', { method: 'CONNECT', upgrade: {} as Upgrade })).toBe('301 /GET')
  })

  test('with doubled slashes before the application is still about the same file', async () => {
    const ask = rewriting(rules(rule('^f', 'type="Redirect" url="/{REQUEST_FILENAME}"')), {
      path: '/sub',
      physicalPath: '/srv',
    })
    expect(await ask('/sub/f')).toBe('301 /srv/f')
    expect(await ask('//sub/f')).toBe('301 /srv/f')
  })

  test('cannot break a header field that a rule sets from it', async () => {
    const allowed = '<allowedServerVariables><add name="HTTP_X_FROM" /></allowedServerVariables>'
    const inside = '<serverVariables><set name="HTTP_X_FROM" value="{UrlDecode:{QUERY_STRING}}" /></serverVariables>'
    const file = `<rewrite>${allowed}<rules>${rule('.*', 'type="None"', { inside })}</rules></rewrite>`
    expect(await rewriting(file)('/a?x%0d%0aEvil:1', { headers: ['x-from', 'forged', 'X_From', 'too'] })).toBe(
      '/a?x%0d%0aEvil:1 | x-from: x  Evil:1',
    )
  })
})

test('rules that say how IIS writes UNENCODED_URL load, and the variable is what was sent', async () => {
  const one = rule('^a', 'type="Redirect" url="/x{UNENCODED_URL}"')
  const file = `<rewrite><rules useOriginalURLEncoding="false">${one}</rules></rewrite>`
  expect(problemsOf(file)).toEqual([])
  expect(await rewriting(file)('/a%20b')).toBe('301 /x/a%20b')
})

test('a rule that sets a field of proxies is told who gets to see it', () => {
  const allowed = (name: string) => `<allowedServerVariables><add name="${name}" /></allowedServerVariables>`
  const set = (name: string) => `<serverVariables><set name="${name}" value="https" /></serverVariables>`
  const file = (name: string) =>
    `<rewrite>${allowed(name)}<rules>${rule('x', 'type="None"', { inside: set(name) })}</rules></rewrite>`
  for (const name of ['HTTP_X_FORWARDED_HOST', 'HTTP_X_Forwarded_Proto', 'HTTP_FORWARDED'])
    expect(problemsOf(file(name)).join(), name).toMatch(
      /^0\.config:1:\d+: warning: What a rule sets in HTTP_.*trusted proxy/,
    )
  expect(problemsOf(file('HTTP_X_REAL_IP'))).toEqual([])
})

describe('a rule that cannot be applied', () => {
  const setting = (name: string): string =>
    rules(rule('x', 'type="None"', { inside: `<serverVariables><set name="${name}" value="1" /></serverVariables>` }))

  test.each([
    ['HTTP_X', 'is not among those that rules may set'],
    ['HTTP_HOST', 'only the server writes that field'],
    ['HTTP_MS_ASPNETCORE_TOKEN', 'only the server writes that field'],
    ['REMOTE_USER', 'is no field of the request'],
  ])('because it sets %s, answers 500.50, and check says why', async (name, why) => {
    const file = setting(name)
    const [line = ''] = problemsOf(file)
    expect(line).toMatch(/^0\.config:\d+:\d+: warning: /)
    expect(line).toContain(why)
    const { settings } = readSection(rewrite, file)
    if (settings === undefined) throw new Error('there is a rule')
    const facts = { path: '/', physicalPath: '/srv', handlers: [] } as unknown as ApplicationFacts
    const exchange = requestFor('/x')
    const routed = exchange && (await rewrite.create(settings, facts).route?.(exchange))
    expect(routed).toMatchObject({ ends: { failure: { kind: 'rule-fault' } } })
    expect(JSON.stringify(routed)).toContain(`sets the server variable ${name}`)
  })
})

describe('a configuration', () => {
  test.each([
    ['a proxying rule', rules(rule('x', 'type="Rewrite" url="http://other/x"')), 'only Application Request Routing'],
    ['an open brace', rules(rule('x', 'type="Rewrite" url="{R:1"')), 'that no } closes'],
    ['an unknown function', rules(rule('x', 'type="Rewrite" url="{Nothing:{R:1}}"')), 'no function and no rewrite map'],
    ['a rule twice', rules(rule('x', 'type="None"'), rule('x', 'type="None"')), 'is added on line 1 already'],
    [
      'an outbound rule for the body',
      '<rewrite><outboundRules><rule name="a"><match filterByTags="A" pattern="x" /></rule></outboundRules></rewrite>',
      'rewrites the body',
    ],
    ['a provider', '<rewrite><providers /></rewrite>', 'Rewrite providers'],
  ])('with %s is refused with the place and the cure', (_what, file, why) => {
    const line = problemsOf(file).find((each) => each.includes(why)) ?? ''
    expect(line).toMatch(/^0\.config:\d+:\d+: error: /)
  })
})
