import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { endianness } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addressAsListed, SendQueues } from '../../../src/platform/send-queues.ts'

test.runIf(endianness() === 'LE')('addresses are spelled as in the tables of the system', () => {
  expect(addressAsListed('127.0.0.1')).toBe('0100007F')
  expect(addressAsListed('::1')).toBe('00000000000000000000000001000000')
  expect(addressAsListed('::ffff:127.0.0.1')).toBe('0000000000000000FFFF00000100007F')
  expect(addressAsListed('2001:db8::8a2e:370:7334%eth0')).toBe('B80D0120000000002E8A000034737003')
})

describe.runIf(process.platform === 'linux')('the send queue of a connection', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::', '127.0.0.1'],
  ])('on %s is known, and falls when the client reads', async (listened, connected) => {
    const listener = createServer().listen(0, listened)
    await once(listener, 'listening')
    const client = connect({ port: (listener.address() as AddressInfo).port, host: connected })
    const [[socket]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [
      [Socket],
      unknown,
    ]
    onTestFinished(() => {
      client.destroy()
      socket.destroy()
      listener.close()
    })
    expect(new SendQueues().of(socket, 0)).toBe(0)
    socket.write(Buffer.alloc(16_000_000))
    const queues = new SendQueues()
    expect(queues.of(socket, 0)).toBeGreaterThan(0)
    client.resume()
    await expect.poll(() => socket.writableLength).toBe(0)
    await expect.poll(() => new SendQueues().of(socket, 0)).toBe(0)
    // One look serves for a while.
    expect(queues.of(socket, 1_999)).toBeGreaterThan(0)
    expect(queues.of(socket, 2_000)).toBe(0)
  })
})
