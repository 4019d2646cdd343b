import { describe, expect, test } from 'vitest'
import { httpRedirect } from '../../../../src/site/modules/http-redirect/http-redirect.ts'
import { readSection, type Request, requestFor, stepsFor } from './section.ts'

/** `302 LOCATION`, or `passes`. */
function ask(attributes: string, target: string, inner = '', path = '/', request: Request = {}): string {
  const xml = `<httpRedirect enabled="true" ${attributes}>${inner}</httpRedirect>`
  const exchange = requestFor(target, request)
  if (exchange === undefined) throw new Error(`no front lets ${target} in`)
  const said = stepsFor(httpRedirect, [xml], { path }).gate?.(exchange)
  if (said === undefined) return 'passes'
  if (said instanceof Promise || !('answer' in said)) throw new Error('no answer')
  return `${String(said.answer.status)} ${said.answer.headers[1] ?? ''}`
}

const to = (destination: string, more = ''): string => `destination="${destination}" ${more}`
const exact = 'exactDestination="true"'

describe('httpRedirect', () => {
  test.each([
    ['appends the rest and the query', to('http://n/'), '/a/b?c', '302 http://n/a/b?c'],
    ['appends them once, whatever the slash', to('http://n/x'), '/a/b?c', '302 http://n/x/a/b?c'],
    ['keeps an exact destination', to('http://n/', exact), '/a/b?c', '302 http://n/'],
    ['replaces $V and $Q', to('http://n$V$Q', exact), '/a/b?c', '302 http://n/a/b?c'],
    ['leaves $Q empty without a query', to('http://n$V$Q', exact), '/a', '302 http://n/a'],
    ['replaces $S and $P', to('http://n/x$S?from=$P', exact), '/a?c=1', '302 http://n/x/a?from=c=1'],
    ['answers by 301', to('http://n/', 'httpResponseStatus="Permanent"'), '/', '301 http://n/'],
    ['answers by 307', to('http://n/', 'httpResponseStatus="Temporary"'), '/', '307 http://n/'],
    ['answers by 308', to('http://n/', 'httpResponseStatus="permredirect"'), '/', '308 http://n/'],
    ['redirects the folder itself with childOnly', to('http://n/', 'childOnly="true"'), '/a', '302 http://n/a'],
    ['leaves folders below it with childOnly', to('http://n/', 'childOnly="true"'), '/a/b', 'passes'],
    ['keeps escapes as they are', to('http://n/'), '/a%20b%2Fc?d=%0d', '302 http://n/a%20b%2Fc?d=%0d'],
    ['names no other host that a client has chosen', to('$V', exact), '//evil.example/', '302 /evil.example/'],
    ['names none with a backslash either', to('$V', exact), '/\\evil.example/', '302 /evil.example/'],
    ['never leads to itself', to('$V$Q', exact), '/a?b', 'passes'],
    ['never leads to itself by its full address', to('http://h/a', exact), '/a', 'passes'],
    ['never leads deeper and deeper', to('/new'), '/new/a', 'passes'],
    ['leads below the destination once', to('/new'), '/a', '302 /new/a'],
    ['leads to another scheme of the same host', to('https://h'), '/a', '302 https://h/a'],
  ])('%s', (_what, attributes, target, expected) => {
    expect(ask(attributes, target)).toBe(expected)
  })

  test('takes the rest behind the application where slashes are doubled before it', () => {
    expect(ask(to('http://n/x'), '//sub/a?b', '', '/sub')).toBe('302 http://n/x/a?b')
    expect(ask(to('http://n/x'), '//a//sub///b', '', '/a/sub')).toBe('302 http://n/x///b')
  })

  test.each([
    ['*.php', '/d', '/a/b.php', '302 /d'],
    ['*.php', '/d', '/a/B.PHP', '302 /d'],
    ['*.php', '/d', '/a/b.html', 'passes'],
    ['/old/*/x/*', '/new/$1/$0', '/old/1/x/2', '302 /new/2/1'],
    ['a', 'http://n$V$Q', '/a?b', '302 http://n/a?b'],
    ['a', '/d', '/ab', 'passes'],
  ])('with the wildcard %s to %s answers %s by %s', (wildcard, destination, target, expected) => {
    expect(ask('', target, `<add wildcard="${wildcard}" destination="${destination}" />`)).toBe(expected)
  })

  test('asks the wildcards before its own destination', () => {
    const inner = '<add wildcard="*.php" destination="/d" />'
    expect([ask(to('http://n/'), '/a.php', inner), ask(to('http://n/'), '/a', inner)]).toEqual([
      '302 /d',
      '302 http://n/a',
    ])
  })

  test('takes the rest from below the path of the application', () => {
    expect(ask(to('http://n/'), '/sub/a?b', '', '/sub')).toBe('302 http://n/a?b')
    expect(ask(to('http://n/'), '/sub', '', '/sub')).toBe('302 http://n')
  })

  test('is off in a child that says so, and without enabled', () => {
    const on = '<httpRedirect enabled="true" destination="http://n/" />'
    expect(readSection(httpRedirect, on, '<httpRedirect enabled="false" />').settings).toBeUndefined()
    expect(readSection(httpRedirect, '<httpRedirect destination="http://n/" />').settings).toBeUndefined()
    expect(readSection(httpRedirect, on, '<httpRedirect exactDestination="true" />').settings).toMatchObject({
      destination: 'http://n/',
      exactDestination: true,
    })
  })

  test.each([
    ['<httpRedirect enabled="true" destination="http://n/&#10;X: 1" />', 'cannot stand in a header field.'],
    ['<httpRedirect enabled="true"><add wildcard="*" destination="a b" /></httpRedirect>', 'cannot stand in a header'],
    ['<httpRedirect enabled="false"><add wildcard="*" /></httpRedirect>', '<add> has no destination.'],
    ['<httpRedirect httpResponseStatus="303" />', 'httpResponseStatus="303" is malformed.'],
  ])('%s is refused with place and cure', (xml, text) => {
    const { lines } = readSection(httpRedirect, xml)
    expect(lines.join('\n')).toMatch(/^0\.config:1:\d+: error: /)
    expect(lines.join('\n')).toContain(text)
  })

  test('without a destination redirects nothing, and says so', () => {
    const { settings, lines } = readSection(httpRedirect, '<httpRedirect enabled="true" />')
    expect(settings).toBeUndefined()
    expect(lines.join()).toMatch(/warning: <httpRedirect> is enabled without a destination.* Add destination="…"\.$/)
  })

  test('is shown by check', () => {
    const { settings } = readSection(
      httpRedirect,
      '<httpRedirect enabled="true" destination="http://n/"><add wildcard="*.php" destination="/d" /></httpRedirect>',
    )
    if (settings === undefined) throw new Error('no settings')
    expect(httpRedirect.section?.describe(settings)).toEqual([
      ['redirect', '*.php to /d'],
      ['redirect', 'to http://n/ (302)'],
    ])
  })
})
