import { describe, expect, test } from 'vitest'
import { cors } from '../../src/site/modules/cors/cors.ts'
import { stepsFor } from '../unit/site/modules/section.ts'
import { engines } from './engines.ts'
import { openSite, say } from './open-site.ts'

const app = say(
  'HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://theirs.example\r\nVary: Accept\r\nContent-Length: 2\r\n\r\nok',
)
const request = (method: string, fields: string): string => `${method} / HTTP/1.1\r\nHost: h\r\n${fields}\r\n`
const origins = (inner: string, attributes = ''): string => `<cors enabled="true" ${attributes}>${inner}</cors>`
const one =
  '<add origin="https://a.example" allowCredentials="true"><exposeHeaders><add header="X-B" /></exposeHeaders></add>'

describe.each(engines)('cors, through $name', (engine) => {
  const ask = async (xml: string, bytes: string, end: string) => {
    const { client } = await openSite(engine, [stepsFor(cors, [xml])], app)
    client.send(bytes)
    return client.until((received) => received.endsWith(end))
  }

  test("an origin that is listed may read the response, and the app's own word does not count", async () => {
    const received = await ask(origins(one), request('GET', 'Origin: https://a.example\r\n'), '\r\n\r\nok')
    expect(received.match(/^Access-Control-Allow-Origin: .*$/gm)).toEqual([
      'Access-Control-Allow-Origin: https://a.example',
    ])
    expect(received).toMatch(/^Access-Control-Allow-Credentials: true\r$/m)
    expect(received).toMatch(/^Access-Control-Expose-Headers: X-B\r$/m)
    expect(received.match(/^Vary: .*$/gm)).toEqual(['Vary: Accept', 'Vary: Origin'])
  })

  test('a response to no origin, and to one that is not listed, is left to the app, but caches learn of origins', async () => {
    for (const fields of ['', 'Origin: https://b.example\r\n']) {
      const received = await ask(origins(one), request('GET', fields), '\r\n\r\nok')
      expect(received).toMatch(/^Access-Control-Allow-Origin: https:\/\/theirs\.example\r$/m)
      expect(received).toMatch(/^Vary: Origin\r$/m)
    }
  })

  test('where everybody may read, it says * and caches need not care', async () => {
    const received = await ask(
      origins('<add origin="*" />'),
      request('GET', 'Origin: https://b.example\r\n'),
      '\r\n\r\nok',
    )
    expect(received).toMatch(/^Access-Control-Allow-Origin: \*\r$/m)
    expect(received).not.toMatch(/^Vary: Origin/m)
  })

  test('a preflight does not reach the app', async () => {
    const xml = origins('<add origin="https://a.example"><allowMethods><add method="PUT" /></allowMethods></add>')
    const fields = 'Origin: https://a.example\r\nAccess-Control-Request-Method: PUT\r\n'
    const received = await ask(xml, request('OPTIONS', fields), '\r\n\r\n')
    expect(received).toMatch(/^HTTP\/1\.1 204 No Content\r\n/)
    expect(received).toMatch(/^Access-Control-Allow-Origin: https:\/\/a\.example\r$/m)
    expect(received).toMatch(/^Access-Control-Allow-Methods: PUT\r$/m)
    expect(received).toMatch(/^Vary: Origin\r$/m)
  })

  test('failUnlistedOrigins refuses other origins', async () => {
    const xml = origins(one, 'failUnlistedOrigins="true"')
    const received = await ask(xml, request('GET', 'Origin: https://b.example\r\n'), '</html>\r\n')
    expect(received).toMatch(/^HTTP\/1\.1 403 /)
    expect(received).toMatch(/^Vary: Origin\r$/m)
  })
})
