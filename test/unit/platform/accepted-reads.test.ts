import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { readIntoBuffers } from '../../../src/platform/accepted-reads.ts'

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
