import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { composeModules } from '../../src/site/compose-modules.ts'
import type { ModuleSteps } from '../../src/site/modules/module.ts'
import { eventually } from '../support/eventually.ts'
import { engines, tlsEngines } from './engines.ts'
import { openSite } from './open-site.ts'
import { app, everything, files, folder, get, ours, steps, text } from './static-site.ts'

describe.each([...engines, ...tlsEngines])('static files, through $name', (engine) => {
  const ask = async (request: string, given: readonly ModuleSteps[]) => {
    const { client } = await openSite(engine, given, app)
    client.send(request)
    const received = await client.until(/\r\n\r\n/.test.bind(/\r\n\r\n/))
    const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0)
    const bodiless = request.startsWith('HEAD') || received.includes(' 304 ')
    return client.until((bytes) => bytes.length >= bytes.indexOf('\r\n\r\n') + 4 + (bodiless ? 0 : length))
  }
  const statusOf = (received: string): string =>
    /HTTP Error ([\d.]+)/.exec(received)?.[1] ?? /^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? ''

  test('a file is sent with its type, its length and its validators', async () => {
    const received = await ask(get('/a.js?v=1'), steps(everything))
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(received).toMatch(/^Content-Type: application\/javascript\r$/m)
    expect(received).toMatch(/^Last-Modified: Sun, 01 Mar 2026 12:00:00 GMT\r$/m)
    expect(received).toMatch(/^ETag: "[0-9a-f]+-[0-9a-f]+"\r$/m)
    expect(received).toMatch(/^Accept-Ranges: bytes\r$/m)
    expect(received.endsWith(`\r\n\r\n${text}`)).toBe(true)
    expect((await ask(get('/link.js'), steps(everything))).endsWith(text)).toBe(true)
  })

  test('HEAD gets the same head without the content', async () => {
    const received = await ask(get('/a.js', '', 'HEAD'), steps(everything))
    expect(received).toMatch(new RegExp(`^Content-Length: ${String(text.length)}\r$`, 'm'))
    expect(received.endsWith('\r\n\r\n')).toBe(true)
  })

  test('other methods get 405, and which there are', async () => {
    const received = await ask(get('/a.js', 'Content-Length: 0\r\n', 'POST'), steps(everything))
    expect(received).toMatch(/^HTTP\/1\.1 405 /)
    expect(received).toMatch(/^Allow: GET, HEAD\r$/m)
  })

  test('a client that has the file gets 304, by its tag or its date', async () => {
    const given = steps(everything)
    const tag = /^ETag: (.*)\r$/m.exec(await ask(get('/a.js'), given))?.[1] ?? ''
    for (const field of [
      `If-None-Match: ${tag}`,
      `If-None-Match: "x", W/${tag}`,
      'If-None-Match: *',
      'If-Modified-Since: Sun, 01 Mar 2026 12:00:00 GMT',
    ])
      expect(statusOf(await ask(get('/a.js', `${field}\r\n`), given)), field).toBe('304')
    for (const field of [
      'If-None-Match: "x"',
      'If-Modified-Since: Sun, 01 Mar 2026 11:59:59 GMT',
      'If-Modified-Since: x',
    ])
      expect(statusOf(await ask(get('/a.js', `${field}\r\n`), given)), field).toBe('200')
    for (const field of ['If-Match: "x"', `If-Match: W/${tag}`, 'If-Unmodified-Since: Sun, 01 Mar 2026 11:59:59 GMT'])
      expect(statusOf(await ask(get('/a.js', `${field}\r\n`), given)), field).toBe('412')
    expect(statusOf(await ask(get('/a.js', `If-Match: ${tag}\r\n`), given))).toBe('200')
  })

  test.each([
    ['bytes=0-9', '206', 'bytes 0-9/6300', text.slice(0, 10)],
    ['bytes=6290-', '206', 'bytes 6290-6299/6300', text.slice(-10)],
    ['bytes=-5', '206', 'bytes 6295-6299/6300', text.slice(-5)],
    ['bytes=6299-99999', '206', 'bytes 6299-6299/6300', '\n'],
    ['bytes=6300-', '416', 'bytes */6300', ''],
    ['bytes=-0', '416', 'bytes */6300', ''],
    ['bytes=0-1,5-6', '200', undefined, text],
    ['bytes=9-1', '200', undefined, text],
    ['lines=0-1', '200', undefined, text],
  ])('Range: %s gets %s', async (range, status, contentRange, body) => {
    const received = await ask(get('/a.js', `Range: ${range}\r\n`), steps(everything))
    expect(statusOf(received)).toBe(status)
    expect(/^Content-Range: (.*)\r$/m.exec(received)?.[1]).toBe(contentRange)
    expect(received.slice(received.indexOf('\r\n\r\n') + 4)).toBe(body)
  })

  test('If-Range gets a part of what has not changed, and all of what has', async () => {
    const given = steps(everything)
    const tag = /^ETag: (.*)\r$/m.exec(await ask(get('/a.js'), given))?.[1] ?? ''
    const withRange = async (ifRange: string) =>
      statusOf(await ask(get('/a.js', `Range: bytes=0-1\r\nIf-Range: ${ifRange}\r\n`), given))
    expect(await withRange(tag)).toBe('206')
    expect(await withRange('Sun, 01 Mar 2026 12:00:00 GMT')).toBe('206')
    for (const other of ['"x"', `W/${tag}`, 'Sun, 01 Mar 2026 11:00:00 GMT', 'x'])
      expect(await withRange(other)).toBe('200')
  })

  test.each([
    ['/a.unknown', '404.3'],
    ['/README', '404.3'],
    ['/missing.js', '404.0'],
    ['/a.js/', '404.0'],
    ['/App.dll', '404.8'],
    ['/app.dll', '404.8'],
    ['/APP.DEPS.JSON', '404.8'],
    ['/App.runtimeconfig.json', '404.8'],
    ['/web.config', '404.8'],
    ['/Web.Config', '404.8'],
    ['/appsettings.Production.json', '404.8'],
    ['/AppSettings.json', '404.8'],
    ['/innocent.json', '404.8'],
    ['/.env', '404.8'],
    ['/.git/config', '404.8'],
    ['/outside/hosts', '404.8'],
    ['/hosts.txt', '404.8'],
    ['/wwwroot/%2e%2e/%2e%2e/etc/passwd', '400.0'],
    ['/a.js%00', '400.0'],
    ['/empty/', '403.14'],
  ])('%s is %s', async (path, status) => {
    const map = '<staticContent><mimeMap fileExtension=".dll" mimeType="a/b" /></staticContent>'
    const received = await ask(get(path), steps(everything, [map]))
    expect([statusOf(received), received.includes('secret')]).toEqual([status, false])
  })

  test('a folder is asked for with a slash, and has its first document', async () => {
    const given = steps(everything, [
      '<defaultDocument><files><clear /><add value="none.htm" /><add value="index.html" /></files></defaultDocument>',
    ])
    const moved = await ask(get('/wwwroot/docs?a=/b'), given)
    expect(moved).toMatch(/^HTTP\/1\.1 301 /)
    expect(moved).toMatch(/^Location: \/wwwroot\/docs\/\?a=\/b\r$/m)
    const document = await ask(get('/wwwroot/docs/'), given)
    expect(document).toMatch(/^Content-Type: text\/html\r$/m)
    const off = steps(everything, ['<defaultDocument enabled="false" />'])
    expect(statusOf(await ask(get('/wwwroot/docs/'), off))).toBe('403.14')
  })

  test.each([
    ['File', '/a.js', '200'],
    ['File', '/wwwroot/docs/', 'app'],
    ['File', '/missing.js', 'app'],
    ['File', '/web.config', 'app'],
    ['Directory', '/wwwroot/docs/', '403.14'],
    ['Directory', '/a.js', 'app'],
    ['Either', '/a.js', '200'],
    ['Either', '/empty/', '403.14'],
    ['Either', '/missing.js', 'app'],
    ['Unspecified', '/missing.js', '404.0'],
  ])('a handler for resourceType="%s": %s gets %s', async (resourceType, path, expected) => {
    const received = await ask(get(path), steps(files(`path="*" resourceType="${resourceType}"`) + ours))
    expect(received.endsWith('\r\n\r\napp') ? 'app' : statusOf(received)).toBe(expected)
  })

  test('a rewrite leads to the files of wwwroot, and the address of a folder stays as it was asked for', async () => {
    const rules =
      '<rewrite><rules><rule name="w"><match url="(.*)" /><action type="Rewrite" url="wwwroot/{R:1}" /></rule></rules></rewrite>'
    const given = steps(
      files('path="wwwroot/*" resourceType="Either"', 'StaticFileModule,DefaultDocumentModule') + ours,
      [rules],
    )
    expect((await ask(get('/a.js'), given)).endsWith(text)).toBe(true)
    expect(await ask(get('/docs'), given)).toMatch(/^Location: \/docs\/\r$/m)
    expect((await ask(get('/docs/'), given)).endsWith(text)).toBe(true)
    expect((await ask(get('/else'), given)).endsWith('\r\n\r\napp')).toBe(true)
  })

  test.each([
    ['cacheControlMode="UseMaxAge" cacheControlMaxAge="365.00:00:00"', 'Cache-Control: max-age=31536000'],
    ['cacheControlMode="UseMaxAge" cacheControlCustom="public"', 'Cache-Control: public,max-age=86400'],
    ['cacheControlMode="DisableCache"', 'Cache-Control: no-cache'],
    [
      'cacheControlMode="UseExpires" httpExpires="Sun, 29 Mar 2030 00:00:00 GMT"',
      'Expires: Sun, 29 Mar 2030 00:00:00 GMT',
    ],
    ['cacheControlCustom="private"', 'Cache-Control: private'],
  ])('clientCache %s', async (attributes, line) => {
    const cache = `<staticContent><clientCache ${attributes} /></staticContent>`
    expect(await ask(get('/a.js'), steps(everything, [cache]))).toContain(`\r\n${line}\r\n`)
  })

  test('clientCache with NoControl and setEtag="false" says nothing', async () => {
    const cache = '<staticContent><clientCache cacheControlMode="NoControl" setEtag="false" /></staticContent>'
    expect(await ask(get('/a.js'), steps(everything, [cache]))).not.toMatch(/^(?:etag|cache-control|expires):/im)
  })

  test('<urlCompression> compresses files, but no part of one', async () => {
    const given = steps(everything, ['<urlCompression />', '<httpCompression><scheme name="gzip" /></httpCompression>'])
    const { client } = await openSite(engine, given, app)
    client.send(get('/a.js', 'Accept-Encoding: gzip\r\n'))
    const received = await client.until('\r\n0\r\n\r\n')
    expect(received).toMatch(/^Content-Encoding: gzip\r$/m)
    expect(received).toMatch(/^ETag: W\/"/m)
    const at = received.indexOf('\r\n\r\n') + 4
    const chunk = received.indexOf('\r\n', at)
    const size = Number.parseInt(received.slice(at, chunk), 16)
    const first = Buffer.from(received.slice(chunk + 2, chunk + 2 + size), 'latin1')
    expect(gunzipSync(first, { finishFlush: 2 }).toString()).toBe(text)
    const part = await ask(get('/a.js', 'Accept-Encoding: gzip\r\nRange: bytes=0-3\r\n'), given)
    expect(part.endsWith(`\r\n\r\n${text.slice(0, 4)}`)).toBe(true)
  })

  test('a client that goes away, and a file that becomes shorter, leave no file open', async () => {
    const path = folder()
    const large = join(path, 'large.txt')
    writeFileSync(large, Buffer.alloc(20_000_000, 'a'))
    const { client } = await openSite(engine, steps(everything, [], path), app)
    const isOpen = (): boolean =>
      readdirSync('/proc/self/fd').some((number) => {
        try {
          return readlinkSync(`/proc/self/fd/${number}`) === large
        } catch {
          return false
        }
      })
    client.send(get('/large.txt'))
    await client.until('\r\n\r\na')
    client.socket.pause()
    client.destroy()
    await eventually('the file is closed', () => !isOpen())
    const second = await openSite(engine, steps(everything, [], path), app)
    second.client.socket.pause()
    second.client.send(get('/large.txt'))
    await eventually('the file is open', isOpen)
    truncateSync(large, 100)
    second.client.socket.resume()
    await second.client.ended
    expect(second.client.received.length).toBeLessThan(20_000_000)
    await eventually('the file is closed', () => !isOpen())
  })
})

test('handlers for files that are not used cost nothing', () => {
  const given = steps(ours + everything)
  expect(given.flatMap(({ gate, wrapReply }) => [gate, wrapReply].filter(Boolean))).toEqual([])
  expect(composeModules(given, { pass: () => undefined, end: () => undefined }).finish).toBeUndefined()
})
