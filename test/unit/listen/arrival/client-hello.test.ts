import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readFirstBytes } from '../../../../src/listen/arrival/client-hello.ts'

/** The ClientHello that Node's own client sends. */
async function helloFor(servername: string | undefined): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1', ...(servername !== undefined && { servername }) })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  return bytes
}

/** The same message in records of `size` bytes each. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(records)
}

describe('the first bytes of a connection', () => {
  test('tell the host name that a client asks for, in lower case', async () => {
    expect(readFirstBytes(await helloFor('www.Example.ORG'))).toEqual({ kind: 'hello', serverName: 'www.example.org' })
  })

  test('tell no host name where the client names none', async () => {
    expect(readFirstBytes(await helloFor(undefined))).toEqual({ kind: 'hello', serverName: '' })
  })

  test('may be cut anywhere: until the hello is complete, more is asked for, never beyond its end', async () => {
    const hello = await helloFor('a.test')
    for (const bytes of [hello, inRecords(hello, 1), inRecords(hello, 3), inRecords(hello, 100)]) {
      for (let length = 0; length < bytes.length; length += 1) {
        const read = readFirstBytes(bytes.subarray(0, length))
        if (read.kind !== 'partial') throw new Error(`${String(length)} bytes were taken for a ${read.kind}`)
        expect(read.atLeast).toBeGreaterThan(length)
        expect(read.atLeast).toBeLessThanOrEqual(bytes.length)
      }
      expect(readFirstBytes(bytes)).toEqual({ kind: 'hello', serverName: 'a.test' })
      expect(readFirstBytes(Buffer.concat([bytes, Buffer.from('more')]))).toMatchObject({ kind: 'hello' })
    }
  })

  test('are a plain request where they begin with a method', () => {
    for (const text of ['GET / HTTP/1.1\r\n', 'G', 'POST', 'PROPFIND /a HTTP/1.1', 'get / HTTP/1.0']) {
      expect(readFirstBytes(Buffer.from(text)).kind, text).toBe('http')
    }
  })

  test.each([
    ['bytes of nothing known', Buffer.from([1, 2, 3]), 'does not begin with a TLS handshake'],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'does not begin with a TLS handshake'],
    ['another handshake message', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0]), 'no ClientHello'],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0]), 'malformed'],
    ['a record of another version', Buffer.from([22, 9, 1, 0, 4]), 'malformed'],
    ['a record that is too long', Buffer.from([22, 3, 1, 255, 255]), 'malformed'],
    ['a hello that announces too much', Buffer.from([22, 3, 1, 0, 4, 1, 255, 0, 0]), 'larger than 32768'],
  ])('are refused if they are %s', (_what, bytes, why) => {
    expect(readFirstBytes(bytes)).toMatchObject({ kind: 'foreign', why: expect.stringContaining(why) as string })
  })

  test('never throw, whatever a hello contains: its faults are for TLS to refuse', async () => {
    const hello = await helloFor('a.test')
    for (let at = 9; at < hello.length; at += 1) {
      for (const value of [0, 1, 127, 255]) {
        const broken = Buffer.from(hello)
        broken[at] = value
        expect(readFirstBytes(broken).kind).toBe('hello')
      }
    }
  })
})
