import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { editWebConfig } from '../support/folders.ts'
import type { Received } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

const gzip = { 'Accept-Encoding': 'gzip,deflate' }
const text = `Hello World;${'a'.repeat(20)}`

function expectGzip(answer: Received, body: string | Buffer): void {
  expect(answer.status).toBe(200)
  expect(answer.field('Content-Encoding')).toEqual(['gzip'])
  expect(gunzipSync(answer.body).equals(Buffer.from(body))).toBe(true)
}

withEachTwin('compression', {}, (daemon) => {
  test('gz-passthrough: what the app compressed arrives byte for byte', async () => {
    expectGzip(await daemon().send('/CompressedData', { headers: gzip }), Buffer.alloc(100))
    const plain = await daemon().send('/CompressedData')
    expect(plain.field('Content-Encoding')).toEqual([])
    expect(plain.body.equals(Buffer.alloc(100))).toBe(true)
  })

  test('gz-app: it is compressed once', async () => {
    expectGzip(await daemon().send('/AppCompression', { headers: gzip }), text)
  })

  test('gz-none: what the app does not compress stays as it is, with its length', async () => {
    const answer = await daemon().send('/NoAppCompression', { headers: gzip })
    expect(answer.text).toBe(text)
    expect(answer.field('Content-Encoding')).toEqual([])
    if (answer.field('Transfer-Encoding').length === 0) {
      expect(answer.field('Content-Length')).toEqual([String(text.length)])
    }
  })

  test('a stream is neither compressed nor held back', async () => {
    const answer = await daemon().send('/SlowDrip?count=3&interval=10', { headers: gzip })
    expect(answer.field('Content-Encoding')).toEqual([])
    expect(answer.text).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n')
  })
})

describe.skipIf(!hasDotnet)('compression of static files, ASP.NET Core', () => {
  const files = [
    ['/foo.htm', 'foohtm'],
    ['/pdir/bar.htm', 'barhtm'],
    ['/', 'defaulthtm'],
  ] as const

  test.each([
    ['StartupCompressionCaching', true],
    ['StartupNoCompressionCaching', false],
  ])('gz-matrix, glob-default-document: by the app with %s, once or not at all', async (start, compresses) => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { environment: { ANCMTestStartupClassName: start } })
    const daemon = await startDaemon(folder)
    for (const [path, word] of files) {
      const answer = await daemon.send(path, { headers: { 'Accept-Encoding': 'gzip' } })
      expect(answer.status).toBe(200)
      expect(answer.field('Content-Encoding')).toEqual(compresses ? ['gzip'] : [])
      expect((compresses ? gunzipSync(answer.body) : answer.body).toString()).toContain(word)
    }
  })
})

const urlCompression =
  '<urlCompression doDynamicCompression="true" /><httpCompression minFileSizeForComp="1"><scheme name="gzip" /></httpCompression>'

withEachTwin('urlCompression', { edit: { webServer: urlCompression } }, (daemon) => {
  test('module-compression: what the app does not compress is compressed, and keeps its end', async () => {
    const answer = await daemon().send('/HelloWorld', { headers: gzip })
    expectGzip(answer, 'Hello World')
    expect(answer.field('Vary')).toEqual(['Accept-Encoding'])
    expect((await daemon().send('/HelloWorld')).text).toBe('Hello World')
  })

  test('module-compression: what the app has compressed is not compressed again', async () => {
    expectGzip(await daemon().send('/CompressedData', { headers: gzip }), Buffer.alloc(100))
  })

  test('module-compression: error pages of ours stay plain', async () => {
    const answer = await daemon().send('/web.config', { headers: gzip })
    expect([answer.status, answer.field('Content-Encoding')]).toEqual([404, []])
  })
})

describe.skipIf(!hasDotnet)('urlCompression, ASP.NET Core', () => {
  test('module-compression: a client that has the compressed file gets 304 for its weak tag', async () => {
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { webServer: urlCompression })
    const daemon = await startDaemon(folder)
    const first = await daemon.send('/foo.htm', { headers: gzip })
    expect(gunzipSync(first.body).toString()).toContain('foohtm')
    const [tag = ''] = first.field('ETag')
    expect(tag).toMatch(/^W\/"/)
    const again = await daemon.send('/foo.htm', { headers: { ...gzip, 'If-None-Match': tag } })
    expect([again.status, again.text]).toEqual([304, ''])
    expect((await daemon.send('/foo.htm', { headers: { ...gzip, 'If-None-Match': 'W/"other"' } })).status).toBe(200)
  })
})
