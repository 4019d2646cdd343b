import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { ClientConnection } from '../../../../src/listen/node/client-connection.ts'
import type { RequestSlot } from '../../../../src/listen/node/request-slot.ts'
import { ConnectionFacts } from '../../../../src/listen/connection-facts.ts'
import { SendQueues } from '../../../../src/platform/send-queues.ts'
import { HandClock } from '../../../support/hand-clock.ts'
import { frontLimits } from '../../../../src/listen/limits.ts'

const SIZE = 8_000_000

/** A connection of the http-proxy engine, and its client. */
async function openConnection(): Promise<{ connection: ClientConnection; client: Socket }> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [[socket]] = (await Promise.all([once(listener, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  onTestFinished(() => {
    client.destroy()
    socket.destroy()
    listener.close()
  })
  const facts = new ConnectionFacts(socket, { scheme: 'http', address: undefined, port: 80 })
  const events = { onRefusal: () => undefined, onClosed: () => undefined }
  const connection = new ClientConnection(socket, facts, frontLimits, new HandClock(), events, new SendQueues())
  return { connection, client }
}

/** The same with more to send than any socket takes, which has then ended. */
async function endedConnection(): Promise<{ connection: ClientConnection; client: Socket }> {
  const opened = await openConnection()
  opened.connection.socket.write(Buffer.alloc(SIZE))
  opened.connection.endGently()
  return opened
}

/** Until what was written on the loopback has been read on its other side. */
async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('the last answer on a connection comes whole to a client that reads slowly', async () => {
  const { connection, client } = await endedConnection()
  for (let now = 500; now < 20_000; now += 500) connection.sweep(now)
  let bytes = 0
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await once(client, 'end')
  expect(bytes).toBe(SIZE)
})

test('a client that reads nothing at all of the last answer is cut off', async () => {
  const { connection, client } = await endedConnection()
  client.on('error', () => undefined)
  const closed = once(connection.socket, 'close')
  expect(connection.socket.destroyed).toBe(false)
  // What the system takes of the last bytes is progress too, and takes it some moments of real time.
  const from = performance.now()
  for (let now = 500; !connection.socket.destroyed && performance.now() - from < 10_000; now += 500) {
    await turns(1)
    connection.sweep(now)
  }
  expect(connection.socket.destroyed).toBe(true)
  await closed
})

test('a client that sends on behind the last answer is read for half a minute, and no longer', async () => {
  const { connection, client } = await endedConnection()
  client.on('error', () => undefined)
  client.resume()
  await once(client, 'end')
  let now = 0
  for (; now < 25_000; now += 1000) {
    client.write('more')
    await turns()
    connection.sweep(now)
  }
  expect(connection.socket.destroyed).toBe(false)
  for (; now < 33_000; now += 1000) {
    client.write('more')
    await turns()
    connection.sweep(now)
  }
  expect(connection.socket.destroyed).toBe(true)
})

test('a connection whose last answer is still on its way is not idle', async () => {
  const { connection } = await endedConnection()
  expect(connection.idle).toBe(false)
})

test('a request that waits behind one whose answer ends the connection is not served', async () => {
  const { connection, client } = await openConnection()
  const begun: string[] = []
  const request = (name: string): RequestSlot => ({
    begin: () => begun.push(name),
    answered: false,
    breakBody: () => false,
    drained: () => undefined,
    connectionEnded: () => undefined,
    sweep: () => undefined,
  })
  connection.take(request('first'), false)
  connection.take(request('second'), false)
  connection.endAfterReply()
  connection.finishRequest()
  client.resume()
  await once(client, 'end')
  expect(begun).toEqual(['first'])
})
