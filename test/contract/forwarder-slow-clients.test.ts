import { describe, expect, test } from 'vitest'
import type { RecordedConnection } from '../support/recorder.ts'
import { engines } from './engines.ts'
import { openApp, openPipeline } from './fixtures.ts'

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe.each(engines)('responses that a client reads slowly, by $name', (engine) => {
  test('arrive as they were sent, however late the client reads', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n')
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    const connection = await app.connection()
    await connection.requests()
    const sent = await sendUntilFull(connection)
    const pieces: Buffer[] = []
    let bytes = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (piece: Buffer) => {
      pieces.push(piece)
      bytes += piece.length
    })
    client.socket.resume()
    const head = (): number => Buffer.concat(pieces.slice(0, 2)).indexOf('\r\n\r\n') + 4
    await expect.poll(() => bytes - head(), { timeout: 25_000 }).toBe(sent.length)
    expect(Buffer.concat(pieces).toString('latin1', head()) === sent).toBe(true)
  })

  test('stay with the application while the client does not read', async () => {
    const app = await openApp((_request, connection) => {
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n')
      connection.send(Buffer.alloc(67_108_864))
    })
    const { connect } = await openPipeline(engine, app.port)
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    const { socket } = await app.connection()
    await socketSettles(socket)
    expect(socket.writableLength).toBeGreaterThan(32 * 1024 * 1024)
    let bytes = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    client.socket.resume()
    await expect.poll(() => bytes, { timeout: 15_000 }).toBeGreaterThan(67_108_864)
  })
})

/** Sends text piece by piece, each in a turn of its own, until the other side takes no more; answers all that was sent. */
async function sendUntilFull(connection: RecordedConnection): Promise<string> {
  const pieces: string[] = []
  while (connection.socket.writableLength < 100_000) {
    const piece = `${String(pieces.length).padStart(7, '0')}\n`.repeat(600)
    pieces.push(piece)
    connection.send(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return pieces.join('')
}

/** Resolves when two looks in a row find the same bytes waiting. */
async function socketSettles(socket: RecordedConnection['socket']): Promise<void> {
  let before = -1
  let sent = socket.bytesWritten - socket.writableLength
  while (sent !== before || sent === 0) {
    before = sent
    await new Promise((resolve) => setTimeout(resolve, 100))
    sent = socket.bytesWritten - socket.writableLength
  }
}
