import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { readIntoBuffers } from '../../../src/platform/accepted-reads.ts'
import { testCertificate } from '../../support/certificate.ts'

async function openPair(): Promise<{ readonly client: Socket; readonly accepted: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  return { client, accepted }
}

test('an accepted socket reads into the buffers that it is given, one after the other, and still tells its end', async () => {
  const { client, accepted } = await openPair()
  const buffers: Buffer[] = [Buffer.alloc(4), Buffer.alloc(8), Buffer.alloc(16)]
  const reads: [number, string][] = []
  let given = 0
  const isBuffered = readIntoBuffers(accepted, {
    buffer: () => buffers[given++ % 3] as Buffer,
    callback: (length, buffer) => {
      reads.push([buffers.indexOf(buffer), buffer.toString('latin1', 0, length)])
      return true
    },
  })
  expect(isBuffered).toBe(true)
  client.end('abcdefghijklmnopqrstuvwxyz')
  await once(accepted, 'end')
  expect(reads.slice(0, 3)).toEqual([
    [0, 'abcd'],
    [1, 'efghijkl'],
    [2, 'mnopqrstuvwxyz'],
  ])
  expect([accepted.bytesRead, accepted.writable]).toEqual([26, true])
})

test('nothing is read while it is paused, nor after a refusal until it is resumed', async () => {
  const { client, accepted } = await openPair()
  const buffer = Buffer.alloc(1_024)
  let read = 0
  let takesMore = true
  readIntoBuffers(accepted, {
    buffer: () => buffer,
    callback: (length) => {
      read += length
      return takesMore
    },
  })
  accepted.pause()
  client.write(Buffer.alloc(1_024))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(read).toBe(0)
  takesMore = false
  accepted.resume()
  await expect.poll(() => read).toBe(1_024)
  client.write(Buffer.alloc(500))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(read).toBe(1_024)
  accepted.resume()
  await expect.poll(() => read).toBe(1_524)
})

test('a TLS socket reads what it has decrypted into the buffers, and tells its end', async () => {
  const server = createTlsServer({ ...testCertificate, allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connectTls({ port, host: '127.0.0.1', ca: testCertificate.cert })
  const [accepted] = (await once(server, 'secureConnection')) as [Socket]
  onTestFinished(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  const buffers = [Buffer.alloc(5_000), Buffer.alloc(3_000)] as const
  const pieces: Buffer[] = []
  let given = 0
  let read = 0
  const isBuffered = readIntoBuffers(accepted, {
    buffer: () => buffers[(given++ % 2) as 0 | 1],
    callback: (length, buffer) => {
      pieces.push(Buffer.from(buffer.subarray(0, length)))
      read += length
      if (pieces.length === 1) accepted.pause()
      return true
    },
  })
  expect(isBuffered).toBe(true)
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) & 255))
  client.end(sent)
  await expect.poll(() => read).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 30))
  // What had been received encrypted still comes after the pause.
  expect(read).toBeLessThanOrEqual(81_920)
  accepted.resume()
  await once(accepted, 'end')
  expect(Buffer.concat(pieces).equals(sent)).toBe(true)
  expect(accepted.bytesRead).toBe(sent.length)
})

test('a socket of another kind, or one that has been given buffers already, is left as it is', async () => {
  const { accepted } = await openPair()
  const reads = { buffer: () => Buffer.alloc(10), callback: () => true }
  const stream = new Duplex({ read: () => undefined }) as unknown as Socket
  expect(readIntoBuffers(stream, reads)).toBe(false)
  expect([readIntoBuffers(accepted, reads), readIntoBuffers(accepted, reads)]).toEqual([true, false])
})

test('a node that keeps its option elsewhere reads as it always does', async () => {
  const { client, accepted } = await openPair()
  const option = Object.getOwnPropertySymbols(accepted).find(
    ({ description }) => description === 'kBufferGen',
  ) as symbol
  Reflect.deleteProperty(accepted, option)
  expect(readIntoBuffers(accepted, { buffer: () => Buffer.alloc(10), callback: () => true })).toBe(false)
  client.write('as ever')
  expect(String(await once(accepted, 'data'))).toBe('as ever')
})
