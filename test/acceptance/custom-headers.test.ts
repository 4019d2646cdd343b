import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ancmd, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, removeOfflineFile } from '../support/deployment.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, misbehavingApp } from '../support/folders.ts'
import { sendRaw } from '../support/raw-client.ts'
import type { Received } from '../support/send.ts'
import { withEachTwin } from '../support/twins.ts'

const add = (name: string, value: string) => `<add name="${name}" value="${value}" />`
const httpProtocol = (...inside: readonly string[]) =>
  `<httpProtocol><customHeaders>${inside.join('')}</customHeaders></httpProtocol>`
const webServer = httpProtocol(
  '<clear />',
  '<remove name="X-Powered-By" />',
  add('X-Frame-Options', 'DENY'),
  add('Content-Security-Policy', "default-src 'self';&#x20;img-src *"),
  add('X-Shop', 'caf&#233;'),
  add('MultiHeader', 'ours'),
)

function expectOurs(answer: Pick<Received, 'field'>): void {
  expect(answer.field('X-Frame-Options')).toEqual(['DENY'])
  expect(answer.field('Content-Security-Policy')).toEqual(["default-src 'self'; img-src *"])
  expect(answer.field('X-Shop')).toEqual(['caf\xe9'])
  expect(answer.field('MultiHeader').at(-1)).toBe('ours')
}

withEachTwin('custom headers', { edit: { webServer } }, (daemon) => {
  test.each([
    ['a text', '/HelloWorld', 'GET', 200],
    ['a large body', '/LargeResponseBody?length=1000000', 'GET', 200],
    ['chunks', '/chunked', 'GET', 200],
    ['an error of the app', '/SetCustomErorCode?code=404', 'GET', 404],
    ['no body', '/SetCustomErorCode?code=204', 'GET', 204],
    ['304', '/SetCustomErorCode?code=304', 'GET', 304],
    ['an answer to HEAD', '/HelloWorld', 'HEAD', 200],
  ])('module-custom-headers: go out with %s', async (_what, target, method, status) => {
    const answer = await daemon().send(target, { method })
    expect(answer.status).toBe(status)
    expectOurs(answer)
    expect(answer.field('Date')).toHaveLength(1)
  })

  test("module-custom-headers: stand behind the app's own of the same name", async () => {
    const answer = await daemon().send('/ResponseHeaders')
    expect(answer.field('MultiHeader')).toEqual(['1', '2', 'ours'])
    expect(answer.field('UnknownHeader')).toEqual(['test123=foo'])
    expect(answer.text).toBe('Request Complete')
  })

  test('module-custom-headers: an HTTP/1.0 client gets them, too', async () => {
    const { received } = await sendRaw(daemon().port, 'GET /chunked HTTP/1.0\r\nHost: x\r\n\r\n')
    expect(received).toMatch(/\r\nX-Frame-Options: DENY\r\nContent-Security-Policy: [^\r]*\r\nX-Shop: caf\xe9\r\n/)
    expect(received).toMatch(/\r\n\r\nChunked$/)
  })

  test('module-custom-headers: a WebSocket works with them on its 101', async () => {
    const handshake =
      'GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x88\x80abcd'
    const { received } = await sendRaw(daemon().port, handshake)
    expect(received).toMatch(/^HTTP\/1\.1 101 [^]*\r\nX-Frame-Options: DENY\r\n[^]*\r\nMultiHeader: ours\r\n\r\n/)
    const echo = await EchoSocket.open(daemon().port)
    await echo.echo('hello')
    echo.socket.close()
  })
})

withEachTwin('custom headers', { edit: { webServer }, only: 'node' }, (daemon) => {
  test('module-custom-headers: a 1xx has none of them', async () => {
    const bytes = 'GET /EarlyHints HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    const [hints, answer] = (await sendRaw(daemon().port, bytes)).received.split('\r\n\r\n')
    expect(hints).toMatch(/^HTTP\/1\.1 103 /)
    expect(hints).not.toContain('X-Frame-Options')
    expect(answer).toContain('\r\nX-Frame-Options: DENY')
  })
})

test('module-custom-headers: go out together with the cookie of one of several processes', async () => {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { attributes: { processesPerApplication: '2' }, webServer })
  const daemon = await startDaemon(folder)
  const answer = await daemon.send('/ResponseHeaders')
  expectOurs(answer)
  expect(answer.field('MultiHeader')).toEqual(['1', '2', 'ours'])
  expect(answer.field('Set-Cookie')).toEqual([expect.stringMatching(/^ANCMDPROCESS=/)])
})

describe('custom headers on answers of ours', () => {
  test('module-custom-headers: go out with 404.4 and 413.1', async () => {
    const folder = await copyApp('node-twin')
    const limit =
      '<security><requestFiltering><requestLimits maxAllowedContentLength="10" /></requestFiltering></security>'
    const css = '<handlers><add name="css" path="*.css" verb="*" modules="StaticFileModule" /></handlers>'
    await editWebConfig(folder, { webServer: `${css}${limit}${webServer}` })
    const daemon = await startDaemon(folder)
    const [unhandled, large] = [
      await daemon.send('/site.css'),
      await daemon.send('/', { method: 'POST', body: 'more than ten bytes' }),
    ]
    expect([unhandled.status, large.status]).toEqual([404, 413])
    expectOurs(unhandled)
    expectOurs(large)
  })

  test('module-custom-headers: go out with 502.5', async () => {
    const daemon = await startDaemon(await misbehavingApp('exit 3 0', { webServer }))
    const answer = await daemon.send('/')
    expect(answer.status).toBe(502)
    expectOurs(answer)
  })

  test('module-custom-headers: go out with app_offline.htm, also where that was there before the daemon', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { webServer })
    await dropOfflineFile(folder)
    const daemon = await startDaemon(folder)
    expectOurs(await answerOf(daemon, 503))
    await removeOfflineFile(folder)
    expectOurs(await answerOf(daemon, 200))
    await dropOfflineFile(folder)
    expectOurs(await answerOf(daemon, 503))
  })
})

describe('a web.config with custom headers', () => {
  test('module-custom-headers: that changes has its new ones on every answer of the new process', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { webServer: httpProtocol(add('X-Release', '1')) })
    const daemon = await startDaemon(folder)
    expect((await daemon.send('/')).field('X-Release')).toEqual(['1'])
    const config = join(folder, 'web.config')
    await writeFile(config, (await readFile(config, 'utf8')).replace('value="1"', 'value="2"'))
    await eventually('the new header is there', async () => (await daemon.send('/')).field('X-Release')[0] === '2')
  })

  test('module-custom-headers: that cannot be used is 500.19, and check names line, column and cure', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, {
      webServer: httpProtocol(add('X-A', '1'), add('x-a', '2'), add('Connection', 'close')),
    })
    const { code, stdout } = await ancmd(['check', folder])
    expect(code).toBe(78)
    expect(stdout).toMatch(
      /web\.config:\d+:\d+: error: The custom header "x-a" is added on line \d+ already\. Remove one/,
    )
    expect(stdout).toMatch(
      /web\.config:\d+:\d+: error: The header "Connection" is written by the server alone\. Remove it\./,
    )
    const daemon = await startDaemon(folder)
    const answer = await daemon.send('/')
    expect([answer.status, answer.field('X-A')]).toEqual([500, []])
    expect(await daemon.event('configRejected')).toMatchObject({ level: 'error' })
  })

  test('module-custom-headers: has them in the plan, and nothing of them among what is not honoured', async () => {
    const folder = await copyApp('node-twin')
    await editWebConfig(folder, { webServer })
    const { code, stdout } = await ancmd(['check', folder])
    expect(code).toBe(0)
    expect(stdout).toContain('    response header: X-Frame-Options: DENY\n')
    expect(stdout).not.toContain('not honoured')
  })
})
