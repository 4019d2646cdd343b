import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { conditions, problemsOf, rewriting, rule, rules } from './rewriting.ts'

const https = { connection: { scheme: 'https' } } as const

describe('a rule that rewrites', () => {
  test('gives the application the new address, and the old one in X-Original-URL', async () => {
    const ask = rewriting(rules(rule('^$', 'type="Rewrite" url="index.html"')))
    expect(await ask('/')).toBe('/index.html | X-Original-URL: /')
    expect(await ask('/other')).toBe('/other')
  })

  test('keeps the query of the request behind its own, unless appendQueryString is false', async () => {
    const ask = rewriting(rules(rule('^p/(.*)', 'type="Rewrite" url="page?id={R:1}"')))
    expect(await ask('/p/7?a=1')).toBe('/page?id=7&a=1 | X-Original-URL: /p/7?a=1')
    const alone = rewriting(rules(rule('^p/(.*)', 'type="Rewrite" url="page?id={R:1}" appendQueryString="false"')))
    expect(await alone('/p/7?a=1')).toBe('/page?id=7 | X-Original-URL: /p/7?a=1')
  })

  test('does not stop the rules behind it, which see the new address, unless it says so', async () => {
    const second = rule('^b$', 'type="Rewrite" url="c"')
    expect(await rewriting(rules(rule('^a$', 'type="Rewrite" url="b"'), second))('/a')).toMatch(/^\/c /)
    const stops = rule('^a$', 'type="Rewrite" url="b"', { attributes: 'stopProcessing="true"' })
    expect(await rewriting(rules(stops, second))('/a')).toMatch(/^\/b /)
  })

  test('leads into folders that request filtering hides, which has looked at the address as it was sent', async () => {
    expect(await rewriting(rules(rule('^t$', 'type="Rewrite" url="/bin/x"')))('/t')).toMatch(/^\/bin\/x /)
  })

  test('begins at the folder of its application without a slash, and at the root of the site with one', async () => {
    const sub = { path: '/sub' }
    expect(await rewriting(rules(rule('^a$', 'type="Rewrite" url="b"')), sub)('/sub/a')).toMatch(/^\/sub\/b /)
    expect(await rewriting(rules(rule('^a$', 'type="Rewrite" url="/sub/c"')), sub)('/sub/a')).toMatch(/^\/sub\/c /)
    expect(await rewriting(rules(rule('^a$', 'type="Rewrite" url="/c"')), sub)('/sub/a')).toMatch(
      /^rule-fault: the rule ".*", which leads out of its application$/,
    )
    expect(await rewriting(rules(rule('^a$', 'type="Rewrite" url="/SUB/c"')), sub)('/Sub/a')).toMatch(/^\/SUB\/c /)
  })

  test('of the host file sees the whole path, before those of the application', async () => {
    const global =
      '<rewrite><globalRules><rule name="g"><match url="^sub/a$" /><action type="Rewrite" url="sub/b" /></rule></globalRules></rewrite>'
    const own = rules(rule('^b$', 'type="Rewrite" url="c"'))
    expect(await rewriting([global, own], { path: '/sub' })('/sub/a')).toBe('/sub/c | X-Original-URL: /sub/a')
    const forged = { headers: ['X-Original-URL', '/forged'] }
    expect(await rewriting([global, own], { path: '/sub' })('/sub/x', forged)).toBe('/sub/x')
    expect(await rewriting(global, { path: '/sub' })('/sub/a', forged)).toBe('/sub/b | X-Original-URL: /sub/a')
  })
})

describe('a rule that redirects', () => {
  test('to https sends only those there who came by http', async () => {
    const inside = conditions([['{HTTPS}', 'pattern="^OFF$"']])
    const ask = rewriting(rules(rule('(.*)', 'type="Redirect" url="https://{HTTP_HOST}/{R:1}"', { inside })))
    expect(await ask('/a?b')).toBe('301 https://h/a?b')
    expect(await ask('/a?b', https)).toBe('/a?b')
  })

  test('by REQUEST_URI repeats the query once when appendQueryString is false', async () => {
    const action = 'type="Redirect" url="https://{HTTP_HOST}{REQUEST_URI}" appendQueryString="false"'
    expect(await rewriting(rules(rule('.*', action)))('/a?b')).toBe('301 https://h/a?b')
  })

  test.each([
    ['', '301'],
    ['redirectType="Permanent"', '301'],
    ['redirectType="Found"', '302'],
    ['redirectType="SeeOther"', '303'],
    ['redirectType="Temporary"', '307'],
  ])('with %j answers %s', async (attribute, status) => {
    expect(await rewriting(rules(rule('^a$', `type="Redirect" url="b" ${attribute}`)))('/a')).toBe(`${status} /b`)
  })

  test('to lower case leaves addresses alone that have no capitals', async () => {
    const ask = rewriting(
      rules(rule('[A-Z]', 'type="Redirect" url="{ToLower:{URL}}"', { match: 'ignoreCase="false"' })),
    )
    expect(await ask('/Ab')).toBe('301 /ab')
    expect(await ask('/ab')).toBe('/ab')
  })

  test('takes parts of the host name', async () => {
    const inside = conditions([['{HTTP_HOST}', 'pattern="^(www\\.)(.*)$"']])
    const file = rules(rule('(.*)', 'type="Redirect" url="http://{ToLower:{C:2}/{R:1}}"', { inside }))
    expect(await rewriting(file)('/P', { headers: ['Host', 'www.X.org'], host: 'www.X.org' })).toBe(
      '301 http://x.org/p',
    )
  })

  test('never names another host because of a doubled slash', async () => {
    const ask = rewriting(rules(rule('^go(.*)', 'type="Redirect" url="/{R:1}"')))
    expect(await ask('/go/evil.example')).toBe('301 /evil.example')
    expect(await ask('/go//evil.example')).toBe('301 /evil.example')
    expect(await ask('/go%5cevil.example')).toBe('301 /evil.example')
  })
})

describe('files and folders', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ancmd-rewrite-'))
    await mkdir(join(folder, 'css'))
    await writeFile(join(folder, 'site.txt'), '')
  })

  test('that exist are left alone, anything else goes to the first page', async () => {
    const inside = conditions([
      ['{REQUEST_FILENAME}', 'matchType="IsFile" negate="true"'],
      ['{REQUEST_FILENAME}', 'matchType="IsDirectory" negate="true"'],
    ])
    const ask = rewriting(rules(rule('.*', 'type="Rewrite" url="/"', { inside })), { physicalPath: folder })
    expect(await ask('/site.txt')).toBe('/site.txt')
    expect(await ask('/css')).toBe('/css')
    expect(await ask('/deep/link')).toBe('/ | X-Original-URL: /deep/link')
  })

  test('outside of the application are never found', async () => {
    const inside = conditions([['{APPL_PHYSICAL_PATH}{QUERY_STRING}', 'matchType="IsFile"']])
    const ask = rewriting(rules(rule('.*', 'type="CustomResponse" statusCode="200"', { inside })), {
      physicalPath: join(folder, 'css'),
    })
    expect(await ask('/a?../site.txt')).toBe('/a?../site.txt')
    const own = rewriting(rules(rule('.*', 'type="CustomResponse" statusCode="200"', { inside })), {
      physicalPath: folder,
    })
    expect(await own('/a?site.txt')).toMatch(/^200/)
  })
})

describe('patterns', () => {
  test('with wildcards match the whole address', async () => {
    const file = rules(
      rule('*.*', 'type="Rewrite" url="new"', { attributes: 'patternSyntax="Wildcard"', match: 'negate="true"' }),
    )
    expect(await rewriting(file)('/a.b')).toBe('/a.b')
    expect(await rewriting(file)('/a')).toMatch(/^\/new /)
    const captured = rules(
      rule('*/x/*', 'type="Rewrite" url="{R:2}/{R:1}"', { attributes: 'patternSyntax="Wildcard"' }),
    )
    expect(await rewriting(captured)('/a/x/b')).toMatch(/^\/b\/a /)
  })

  test('that are exact are compared with the whole address', async () => {
    const file = rules(rule('a.b', 'type="Rewrite" url="new"', { attributes: 'patternSyntax="ExactMatch"' }))
    expect(await rewriting(file)('/A.B')).toMatch(/^\/new /)
    expect(await rewriting(file)('/axb')).toBe('/axb')
  })

  test('never keep the daemon busy, whatever a client sends', async () => {
    const ask = rewriting(rules(rule('^(a+)+$', 'type="AbortRequest"')))
    const begun = process.cpuUsage()
    expect(await ask(`/${'a'.repeat(100_000)}!`)).toMatch(/^\/a+!$/)
    expect(process.cpuUsage(begun).user).toBeLessThan(10_000_000)
  })

  test.each([
    ['^(a+)+(?!b)', 'could keep the daemon busy'],
    [String.raw`(a*)*\1`, 'could keep the daemon busy'],
    ['(a', 'is no regular expression'],
  ])('like %s are refused: it %s', (pattern, why) => {
    expect(problemsOf(rules(rule(pattern, 'type="None"'))).join()).toContain(why)
  })

  test('with a look-ahead and hardly anything to repeat are taken', async () => {
    const ask = rewriting(rules(rule('^(?!api/).*', 'type="Rewrite" url="spa"')))
    expect(await ask('/API/x')).toBe('/API/x')
    expect(await ask('/x')).toMatch(/^\/spa /)
  })
})

describe('answers of rules', () => {
  test('are sent as they are configured', async () => {
    const action =
      'type="CustomResponse" statusCode="403" subStatusCode="4" statusReason="No" statusDescription="Go away"'
    expect(await rewriting(rules(rule('x', action)))('/x')).toBe('403.4 No Go away')
  })

  test('cannot be redirects', () => {
    expect(problemsOf(rules(rule('x', 'type="CustomResponse" statusCode="302"'))).join()).toContain(
      'statusCode="302" cannot be a custom response',
    )
  })

  test('can be no bytes at all', async () => {
    expect(await rewriting(rules(rule('x', 'type="AbortRequest"')))('/x')).toBe('no bytes')
  })

  test('may be missing: a rule that does nothing can stop those behind it, and one that is off does not run', async () => {
    const last = rule('.*', 'type="Redirect" url="z"')
    expect(
      await rewriting(rules(rule('^a$', 'type="None"', { attributes: 'stopProcessing="true"' }), last))('/a'),
    ).toBe('/a')
    expect(
      await rewriting(rules(rule('^a$', 'type="None"', { attributes: 'stopProcessing="true" enabled="false"' }), last))(
        '/a',
      ),
    ).toBe('301 /z')
    expect(
      await rewriting([rules(last), `<rewrite><rules><clear />${rule('q', 'type="None"')}</rules></rewrite>`])('/a'),
    ).toBe('/a')
  })
})

describe('rewrite maps', () => {
  const map =
    '<rewriteMaps><rewriteMap name="m" defaultValue=""><add key="/old?x=1" value="/new" /></rewriteMap></rewriteMaps>'
  const inside = conditions([['{m:{REQUEST_URI}}', 'pattern="(.+)"']])
  const file = `<rewrite>${map}<rules>${rule('.*', 'type="Rewrite" url="{C:1}" appendQueryString="false"', { inside })}</rules></rewrite>`

  test('rewrite what they have, and leave the rest alone', async () => {
    expect(await rewriting(file)('/OLD?x=1')).toBe('/new | X-Original-URL: /OLD?x=1')
    expect(await rewriting(file)('/other')).toBe('/other')
  })
})

describe('conditions', () => {
  test('capture for {C:n}: the last that matched, or all with trackAllCaptures', async () => {
    const list = [
      ['{QUERY_STRING}', 'pattern="a=([0-9]+)"'],
      ['{QUERY_STRING}', 'pattern="b=([0-9]+)"'],
    ] as const
    const action = 'type="Rewrite" url="{C:1}/{C:2}" appendQueryString="false"'
    expect(await rewriting(rules(rule('.*', action, { inside: conditions(list) })))('/x?a=1&b=2')).toMatch(/^\/2\/ /)
    const all = conditions(list, 'trackAllCaptures="true"')
    expect(await rewriting(rules(rule('.*', action, { inside: all })))('/x?a=1&b=2')).toMatch(/^\/1\/2 /)
  })

  test('have all to be met, or one with MatchAny', async () => {
    const list = [
      ['{REQUEST_METHOD}', 'pattern="^POST$"'],
      ['{REMOTE_ADDR}', 'pattern="^10\\."'],
    ] as const
    const any = rewriting(
      rules(rule('.*', 'type="AbortRequest"', { inside: conditions(list, 'logicalGrouping="MatchAny"') })),
    )
    const all = rewriting(rules(rule('.*', 'type="AbortRequest"', { inside: conditions(list) })))
    expect(await any('/x', { method: 'POST' })).toBe('no bytes')
    expect(await all('/x', { method: 'POST' })).toBe('/x')
    expect(await all('/x', { method: 'POST', connection: { remoteAddress: '10.1.2.3' } })).toBe('no bytes')
  })
})
