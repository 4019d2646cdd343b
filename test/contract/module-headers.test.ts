import { describe, expect, test } from 'vitest'
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
