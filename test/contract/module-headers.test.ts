import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../src/http/exchange.ts'
import { customHeaders } from '../../src/site/modules/custom-headers/custom-headers.ts'
import { requestFiltering } from '../../src/site/modules/request-filtering/request-filtering.ts'
import { stepsFor } from '../unit/site/modules/section.ts'
import { engines } from './engines.ts'
import { GET, openSite, say } from './open-site.ts'

describe.each(engines)('removeServerHeader, through $name', (engine) => {
  const steps = stepsFor(requestFiltering, ['<requestFiltering removeServerHeader="true" />'])

  test.each([
    ['a length', 'Content-Length: 2\r\n\r\nok', 'ok'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', '2\r\nok\r\n0\r\n\r\n'],
  ])("takes the app's own Server field from a response with %s, and leaves the others", async (_what, rest, body) => {
    const { client } = await openSite(
      engine,
      [steps],
      say(`HTTP/1.1 200 OK\r\nsErver: Kestrel\r\nX-Server: a\r\nServer-Timing: b\r\n${rest}`),
    )
    client.send(GET)
    const received = await client.until((bytes) => bytes.endsWith(body))
    expect(received).not.toMatch(/^server:/im)
    expect(received).toMatch(/^X-Server: a\r$/m)
    expect(received).toMatch(/^Server-Timing: b\r$/m)
  })
})

describe.each(engines)('<httpProtocol>, through $name', (engine) => {
  const response = say('HTTP/1.1 200 OK\r\nX-App: a\r\nContent-Length: 2\r\n\r\nok')

  test('with allowKeepAlive="false" ends the connection after a response, and says so', async () => {
    const steps = stepsFor(customHeaders, ['<httpProtocol allowKeepAlive="false" />'])
    const { client } = await openSite(engine, [steps], response)
    client.send(GET)
    expect(await client.until('\r\n\r\nok')).toMatch(/^Connection: close\r$/m)
    expect(await client.ended).toBe('end')
  })

  test('with allowKeepAlive="false" ends the connection after an answer of ours', async () => {
    const steps = stepsFor(customHeaders, ['<httpProtocol allowKeepAlive="false" />'])
    const gate = () => ({ failure: { kind: 'not-handled' }, setting: '' }) as const
    const { client } = await openSite(engine, [{ gate }, steps])
    client.send(GET)
    expect(await client.until('</html>')).toMatch(/^Connection: close\r$/m)
    expect(await client.ended).toBe('end')
  })

  test('has redirectHeaders on redirects by modules, and on nothing else', async () => {
    const xml =
      '<httpProtocol><customHeaders><add name="X-All" value="1" /></customHeaders>' +
      '<redirectHeaders><add name="X-Moved" value="2" /></redirectHeaders></httpProtocol>'
    const answer = { status: 302, substatus: 0, reason: 'Found', headers: ['Location', '/b'], body: '', close: false }
    const moved = say('HTTP/1.1 301 Moved Permanently\r\nLocation: /c\r\nContent-Length: 2\r\n\r\nok')
    const gate = ({ path }: Exchange) => (path === '/a' ? { answer } : undefined)
    const { client } = await openSite(engine, [{ gate }, stepsFor(customHeaders, [xml])], moved)
    client.send('GET /a HTTP/1.1\r\nHost: h\r\n\r\n')
    const ours = await client.until('\r\n\r\n')
    expect(ours).toMatch(/^X-Moved: 2\r$/m)
    expect(ours).toMatch(/^X-All: 1\r$/m)
    client.send(GET)
    const theirs = (await client.until('\r\n\r\nok')).slice(ours.length)
    expect(theirs).not.toContain('X-Moved')
    expect(theirs).toMatch(/^X-All: 1\r$/m)
  })
})
