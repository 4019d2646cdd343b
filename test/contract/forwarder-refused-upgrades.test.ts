import { describe, expect, test } from 'vitest'
import { engines } from './engines.ts'
import { openApp, openPipeline } from './fixtures.ts'

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

describe.each(engines)('WebSockets that the application answers in ordinary HTTP, through $name', (engine) => {
  test.each([
    ['a length', 'Content-Length: 5\r\n\r\nworld', '\r\n\r\nworld'],
    ['the end of the connection', '\r\nworld', '\r\n5\r\nworld\r\n0\r\n\r\n'],
    [
      'chunks and a trailer',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nworld\r\n0\r\nx: y\r\n\r\n',
      '5\r\nworld\r\n0\r\nx: y\r\n\r\n',
    ],
  ])('bring a body that ends by %s', async (_what, sent, received) => {
    const app = await openApp((_request, connection) => {
      connection.send(`HTTP/1.1 403 Not Here\r\nX: 1\r\n${sent}`)
      connection.end()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    const answer = await client.untilEnded()
    expect(answer).toMatch(/^HTTP\/1\.1 403 Not Here\r\nX: 1\r\n/)
    expect(answer.endsWith(received)).toBe(true)
    expect(await delivery()).toEqual({ outcome: 'delivered', status: 403 })
  })

  test('end in a reset when the body is cut short', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 403 Not Here\r\nContent-Length: 50\r\n\r\nhalf')
      connection.end()
    })
    const { connect, delivery } = await openPipeline(engine, app.port)
    const client = await connect()
    client.send(HANDSHAKE)
    await client.untilEnded()
    expect(client.ending).toBe('reset')
    expect(await delivery()).toMatchObject({ failure: { kind: 'read-response', side: 'application', started: true } })
  })
})
