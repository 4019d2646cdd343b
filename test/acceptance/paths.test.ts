import { expect, test } from 'vitest'
import { sendRaw } from '../support/raw-client.ts'
import { informationIn } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

const webServer = '<security><requestFiltering allowDoubleEscaping="true" /></security>'

withEachTwin('the path', { edit: { webServer } }, (daemon) => {
  test('path-encoded-question: an encoded question mark is no query', async () => {
    expect(await daemon().text('/Path/%3F%3F?query')).toBe('/??')
  })

  test('path-unescape-ascii: every character comes decoded but %2F, as Kestrel decodes it', async () => {
    for (let code = 0x20; code <= 0x7e; code += 1) {
      const character = String.fromCharCode(code)
      // A dot alone would be a dot segment.
      const escaped = `%${code.toString(16).toUpperCase()}x`
      expect(await daemon().text(`/RequestPath/${escaped}`)).toBe(`/${code === 0x2f ? '%2F' : character}x`)
    }
  })

  test('path-unescape-ascii: UTF-8 beyond ASCII and a doubly escaped percent sign', async () => {
    expect(await daemon().text('/RequestPath/%E2%82%AC/%2525')).toBe('/€/%25')
  })

  test('path-double-slash: double slashes are left alone', async () => {
    expect(await daemon().text('/RequestPath//a/b//c')).toBe('//a/b//c')
  })

  test('dot segments are resolved, also when they are written as escapes', async () => {
    expect(await daemon().text('/RequestPath/a/../b/./c')).toBe('/b/c')
    expect(await daemon().text('/RequestPath/a/%2e%2E/b')).toBe('/b')
  })

  test.each(['/../secret', '/a/../../secret', '/%2e%2e/secret'])('%s leaves the root and is refused', async (path) => {
    const bytes = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.each(['/a%00b', '/a%1Fb', '/a%0d%0ab'])('%s holds a control character and is refused', async (path) => {
    const bytes = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('OPTIONS * is forwarded or refused, and never hangs', async () => {
    const answer = (await sendRaw(daemon().port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).received
    expect(answer).toMatch(/^HTTP\/1\.1 [2-5]\d\d /)
  })
})

withEachTwin('the query', {}, (daemon) => {
  test('query-passthrough: the second question mark belongs to it', async () => {
    expect(await daemon().text('/Query/%3FPath?query?')).toBe('?query?')
  })

  test.each([
    '?a=%2F%3F%25&b=+&c=%zz',
    '?',
    '?a=b#',
    '?ü'.normalize(),
    '?q=\'"<>|{}^`',
  ])('query-params: %s is not touched', async (query) => {
    const bytes = Buffer.from(`GET /Query/x${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 'latin1')
    const answer = (await sendRaw(daemon().port, bytes)).received
    // An app may refuse what is no URI; the front must not change it.
    if (answer.startsWith('HTTP/1.1 200'))
      expect(answer).toContain(query === '?' ? '\r\n\r\n' : query.replace(/#.*/, ''))
    else expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('query-params: a parameter reaches the endpoint', async () => {
    expect((await daemon().text('/LargeResponseBody?length=12345')).length).toBe(12_345)
  })
})

withEachTwin('an application below the root', { args: ['--path-base', '/Sub/App'] }, (daemon) => {
  const ask = async (target: string) => informationIn(await daemon().text(target))

  test('path-base-app: keeps its prefix as the client wrote it', async () => {
    expect(await ask('/Sub/App/RequestInformation')).toMatchObject({
      PathBase: '/Sub/App',
      Path: '/RequestInformation',
    })
    expect(await ask('/sUB/aPP/RequestInformation')).toMatchObject({
      PathBase: '/sUB/aPP',
      Path: '/RequestInformation',
    })
  })

  test.each([
    '/SUb/APp/PathAndPathBase/Path',
    '/sub/app/PathAndPathBase/Path',
  ])('path-base-split: %s is split without regard to case', async (target) => {
    expect(await daemon().text(target)).toBe(`PathBase: ${target.slice(0, -5)}; Path: /Path`)
  })

  test.each([
    '/Sub%2FApp/HelloWorld',
    '/Sub%2fApp/HelloWorld',
    '/Sub%5cApp/HelloWorld',
    '/Sub\\App/HelloWorld',
  ])('path-base-split: %s means this application, and the app gets the path as written', async (target) => {
    const bytes = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
    expect((await sendRaw(daemon().port, bytes)).received).toMatch(/^HTTP\/1\.1 200 [\s\S]*Running/)
  })

  test.each([
    '/Sub/App//HelloWorld',
    '/Sub/x/../App/HelloWorld',
    '/Sub/.%2e/Sub/App/HelloWorld',
  ])('path-base-double-slash: %s still means this application', async (target) => {
    expect(['Hello World', 'Running']).toContain(await daemon().text(target))
  })

  test('a path of its own sub-path is its own, its neighbour is not', async () => {
    expect((await daemon().send('/Sub/Appendix')).status).toBe(404)
    expect((await daemon().send('/Sub')).status).toBe(404)
    expect((await daemon().send('/')).status).toBe(404)
    expect((await daemon().send('/Sub/App')).status).toBe(200)
  })

  test('the app is told its place in ASPNETCORE_APPL_PATH', async () => {
    expect(await daemon().text('/Sub/App/GetEnvironmentVariable?name=ASPNETCORE_APPL_PATH')).toBe('/Sub/App')
  })
})
