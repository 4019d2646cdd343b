import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { httpErrors } from '../../src/site/modules/http-errors/http-errors.ts'
import type { ModuleSteps } from '../../src/site/modules/module.ts'
import { stepsFor } from '../unit/site/modules/section.ts'
import { engines } from './engines.ts'
import { openSite, say } from './open-site.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ancmd-errors-'))
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  writeFileSync(join(path, '404.html'), '<p>lost</p>')
  writeFileSync(join(path, 'handler.txt'), 'no handler')
  return path
}

const error = (status: number, path: string, more = ''): string =>
  `<error statusCode="${String(status)}" path="${path}" ${more} />`
const errors = (inner: string, attributes = 'errorMode="Custom"', physicalPath = folder()): ModuleSteps =>
  stepsFor(httpErrors, [`<httpErrors ${attributes}>${inner}</httpErrors>`], { physicalPath })

/** Refuses `/no` by 404.4 and `/hidden` by 404.8. */
const gate: ModuleSteps['gate'] = ({ path }: Exchange) => {
  if (path === '/no') return { failure: { kind: 'not-handled' }, setting: '' }
  return path === '/hidden' ? { failure: { kind: 'hidden-segment' }, setting: '' } : undefined
}
const request = (path: string, method = 'GET', rest = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: h\r\n${rest}\r\n`
const notFound = say('HTTP/1.1 404 Not Found\r\nX-App: 1\r\nETag: "a"\r\nContent-Length: 6\r\n\r\ntheirs')

describe.each(engines)('httpErrors, through $name', (engine) => {
  test('sends the file for a status, with the status, and the one for its substatus before it', async () => {
    const pages = errors(error(404, '404.html') + error(404, 'handler.txt', 'subStatusCode="4"'))
    const { client } = await openSite(engine, [{ gate }, pages])
    client.send(request('/no'))
    const first = await client.until('no handler')
    expect(first).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(first).toMatch(/^Content-Type: text\/plain\r$/m)
    client.send(request('/hidden'))
    const second = (await client.until('<p>lost</p>')).slice(first.length)
    expect(second).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(second).toMatch(/^Content-Type: text\/html\r$/m)
  })

  test("leaves the app's own errors alone with Auto, and replaces them with Replace", async () => {
    const left = await openSite(engine, [errors(error(404, '404.html'))], notFound)
    left.client.send(request('/'))
    expect(await left.client.until('\r\n\r\ntheirs')).toContain('X-App: 1')
    const replace = 'errorMode="Custom" existingResponse="Replace"'
    const replaced = await openSite(engine, [errors(error(404, '404.html'), replace)], notFound)
    replaced.client.send(request('/'))
    const received = await replaced.client.until('<p>lost</p>')
    expect(received).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(received).toContain('X-App: 1')
    expect(received).not.toMatch(/theirs|ETag/)
    // The connection goes on.
    replaced.client.send(request('/'))
    await replaced.client.until((text) => text.split('<p>lost</p>').length === 3)
  })

  test('sends our own page where the file is missing, or a link leads out of the folder', async () => {
    const physicalPath = folder()
    symlinkSync('/etc/hostname', join(physicalPath, 'out.html'))
    const missing = errors(
      error(404, 'none.html') + error(404, 'out.html', 'subStatusCode="8"'),
      'errorMode="Custom"',
      physicalPath,
    )
    const { client } = await openSite(engine, [{ gate }, missing])
    client.send(request('/no'))
    const first = await client.until('</html>')
    expect(first).toContain('<title>HTTP Error 404.4')
    client.send(request('/hidden'))
    expect((await client.until((text) => text.split('</html>').length === 3)).slice(first.length)).toContain('404.8')
  })

  test('sends a file that has changed as it is then', async () => {
    const physicalPath = folder()
    const { client } = await openSite(engine, [
      { gate },
      errors(error(404, '404.html'), 'errorMode="Custom"', physicalPath),
    ])
    client.send(request('/no'))
    await client.until('<p>lost</p>')
    writeFileSync(join(physicalPath, '404.html'), '<p>really lost</p>')
    client.send(request('/no'))
    await client.until('<p>really lost</p>')
  })

  test('sends no body to HEAD', async () => {
    const { client } = await openSite(engine, [{ gate }, errors(error(404, '404.html'))])
    client.send(request('/no', 'HEAD') + request('/no'))
    const received = await client.until('<p>lost</p>')
    expect(received.match(/Content-Length: 11/g)).toHaveLength(2)
    expect(received.split('<p>lost</p>')).toHaveLength(2)
  })

  test('asks the app for another page, by a GET without a body, and keeps the status', async () => {
    const page = say('HTTP/1.1 200 OK\r\nX-App: 1\r\nContent-Length: 4\r\n\r\npage')
    const { app, client } = await openSite(
      engine,
      [{ gate }, errors(error(404, '/notfound?a', 'responseMode="ExecuteURL"'))],
      page,
    )
    client.send(request('/no', 'GET', 'If-None-Match: "a"\r\nX-Own: 1\r\n'))
    const received = await client.until('\r\n\r\npage')
    expect(received).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/)
    expect(received).toContain('X-App: 1')
    expect(app.requests).toMatchObject([{ method: 'GET', target: '/notfound?a', body: '' }])
    expect(app.requests[0]?.fields.join()).toContain('X-Own')
    expect(app.requests[0]?.fields.join()).not.toContain('If-None-Match')
  })

  test('shows no page of the app a password that was for us, nor an address that the client has made up', async () => {
    const sections = { 'security/authentication': { anonymous: true, basic: { realm: 'r' } } }
    const steps = stepsFor(
      httpErrors,
      [`<httpErrors errorMode="Custom">${error(404, '/page', 'responseMode="ExecuteURL"')}</httpErrors>`],
      { sections },
    )
    const { app, client } = await openSite(
      engine,
      [{ gate }, steps],
      say('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage'),
    )
    for (const scheme of ['basic YTpi', 'Bearer t']) {
      client.send(
        request('/no', 'GET', `Authorization: ${scheme}\r\nX-Original-URL: /forged\r\nx_original_url: /too\r\n`),
      )
    }
    await client.until(/page[^]*page$/)
    const seen = app.requests.map(({ fields }) => fields.filter(([name]) => /authorization|original/i.test(name)))
    expect(seen).toEqual([[], [['Authorization', 'Bearer t']]])
  })

  test('asks the app once, and sends our own page where it does not answer', async () => {
    const steps = errors(error(502, '/broken', 'responseMode="ExecuteURL"'))
    const { client, upstream, bugs } = await openSite(engine, [steps])
    upstream.close()
    client.send(request('/'))
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 502 /)
    expect(bugs).toEqual([])
  })

  test("asks the app for another page instead of its own error, with Replace, and not again for that page's error", async () => {
    const steps = errors(
      error(404, '/notfound', 'responseMode="ExecuteURL"'),
      'errorMode="Custom" existingResponse="Replace"',
    )
    const { app, client } = await openSite(engine, [steps], (asked, connection) => {
      connection.send(`HTTP/1.1 404 Not Found\r\nContent-Length: ${String(asked.target.length)}\r\n\r\n${asked.target}`)
    })
    client.send(request('/a'))
    expect(await client.until('\r\n\r\n/notfound')).toMatch(/^HTTP\/1\.1 404 /)
    expect(app.requests.map(({ target }) => target)).toEqual(['/a', '/notfound'])
  })

  test.each(['File', 'ExecuteURL'])('keeps what an error has to say besides its page, with %s', async (mode) => {
    const said = ['405 X|Allow: GET', '416 X|Content-Range: bytes */7', '426 X|Upgrade: HTTP/9', '503 X|Retry-After: 5']
    said.push('401 X|WWW-Authenticate: Basic realm="r"')
    const page =
      'HTTP/1.1 200 OK\r\nContent-Language: de\r\nAllow: POST\r\nRetry-After: 99\r\nContent-Length: 4\r\n\r\npage'
    const steps = errors(
      '',
      `errorMode="Custom" existingResponse="Replace" defaultPath="${mode === 'File' ? '404.html' : '/page'}" defaultResponseMode="${mode}"`,
    )
    for (const each of said) {
      const [status = '', field = ''] = each.split('|')
      const name = field.split(':')[0] ?? ''
      const more = `${name === 'Upgrade' ? 'Connection: upgrade\r\n' : ''}Content-Security-Policy: x\r\nContent-Language: fr\r\n`
      const failing = `HTTP/1.1 ${status}\r\n${field}\r\n${more}Content-Length: 6\r\n\r\ntheirs`
      const { client } = await openSite(engine, [steps], (asked, connection) => {
        connection.send(asked.target === '/page' ? page : failing)
      })
      client.send(request('/'))
      const received = await client.until(mode === 'File' ? '<p>lost</p>' : '\r\n\r\npage')
      expect(received, each).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`))
      expect(received.match(new RegExp(`^${name}:.*$`, 'gim'))?.join(), each).toBe(field)
      expect(received, each).not.toMatch(/theirs|Content-Language: fr/)
      if (mode === 'File') expect(received, each).toMatch(/^Content-Security-Policy: x\r$/m)
    }
  })

  test('redirects', async () => {
    const { client } = await openSite(engine, [
      { gate },
      errors(error(404, 'https://h/sorry', 'responseMode="Redirect"')),
    ])
    client.send(request('/no'))
    const received = await client.until('\r\n\r\nhttps://h/sorry\n')
    expect(received).toMatch(/^HTTP\/1\.1 302 Found\r\n/)
    expect(received).toMatch(/^Location: https:\/\/h\/sorry\r$/m)
  })

  test('sends a client on this machine our own page, unless errorMode is Custom', async () => {
    const { client } = await openSite(engine, [{ gate }, errors(error(404, '404.html'), '')])
    client.send(request('/no'))
    expect(await client.until('</html>')).toContain('<title>HTTP Error 404.4')
    client.send(request('/no', 'GET', 'X-Forwarded-For: 192.0.2.1\r\n'))
    await client.until('<p>lost</p>')
  })

  test('sends the page of everything else', async () => {
    const steps = errors('', 'errorMode="Custom" defaultPath="404.html"')
    const { client } = await openSite(engine, [{ gate }, steps])
    client.send(request('/no'))
    expect(await client.until('<p>lost</p>')).toMatch(/^HTTP\/1\.1 404 /)
  })
})
