import { describe, expect, test } from 'vitest'
import { engines } from './engines.ts'
import { openApp, openPipeline, TOKEN } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('heads of responses brought back by $name', (engine) => {
  test('bring their interim heads along, but no second 100', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\n')
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect(await client.until('\r\n\r\nok')).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\nlink: <\/b>\r\n\r\nHTTP\/1\.1 200 /,
    )
  })

  test('bring interim heads without the fields that are not for the client', async () => {
    const app = await openApp((_request, connection) => {
      connection.send(
        `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nMS-ASPNETCORE-TOKEN: ${TOKEN}\r\nms_aspnetcore_x: 1\r\n` +
          'Connection: X-Hop, Link-2\r\nX-Hop: 1\r\nLink-2: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n' +
          'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 5\r\nlink: </b>\r\n\r\n',
      )
      connection.send('HTTP/1.1 102 Processing\r\nTransfer-Encoding: chunked\r\nX-Step: 1\r\n\r\n')
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    expect(await client.until('\r\n\r\nok')).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\nlink: <\/b>\r\n\r\nHTTP\/1\.1 102 Processing\r\nX-Step: 1\r\n\r\nHTTP\/1\.1 200 /,
    )
  })

  test.each([
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', /\r\n5\r\nhello\r\n0\r\n\r\n$/],
    ['a length', 'Content-Length: 5\r\n\r\nhello', /\r\n\r\nhello$/],
  ])('keep their framing of %s, whatever Connection names', async (_what, rest, body) => {
    const app = await openApp((_request, connection) => {
      connection.send(
        `HTTP/1.1 200 OK\r\nConnection: transfer-encoding, Content-Length, trailer, date, X-Hop\r\nX-Hop: 1\r\n${rest}`,
      )
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(GET)
    const received = await client.until(body)
    expect(received.match(/^(?:transfer-encoding: chunked|content-length: 5)\r$/gim)).toHaveLength(1)
    expect(received).not.toMatch(/x-hop/i)
    client.send(GET)
    await client.until((text) => text.split('HTTP/1.1 200').length === 3 && body.test(text))
    expect(app.connections).toHaveLength(1)
  })
})
