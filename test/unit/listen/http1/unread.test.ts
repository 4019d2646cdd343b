import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Exchange } from '../../../../src/http/exchange.ts'
import type { Front } from '../../../../src/listen/front.ts'
import { openHttp1Protocol } from '../../../../src/listen/http1/protocol.ts'
import { HandClock } from '../../../support/hand-clock.ts'
import { answerOk, connectTo, frontOf, passes } from '../protocols.ts'

const POST = 'POST / HTTP/1.1\r\nHost: h\r\n'
const NEXT = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n'

interface Opened {
  readonly front: Front
  readonly client: Socket
  readonly targets: string[]
  readonly received: () => string
}

/** A front for one client, which sends this; the first request is answered by the test, all others with two bytes. */
async function open(sends: string, onFirst: (exchange: Exchange) => void): Promise<Opened> {
  const targets: string[] = []
  const onExchange = (exchange: Exchange): void => {
    targets.push(exchange.target)
    if (targets.length === 1) onFirst(exchange)
    else answerOk(exchange)
  }
  const front = await frontOf(openHttp1Protocol(new HandClock()), onExchange)
  const client = await connectTo(front)
  let text = ''
  client.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  client.write(sends)
  return { front, client, targets, received: () => text }
}

test('a large body that is given up shortly before its end is read away, and the next request is served', async () => {
  const size = 100_000
  let bytes = 0
  const { client, targets, received } = await open(`${POST}Content-Length: ${String(size)}\r\n\r\n`, (exchange) => {
    exchange.body?.into({
      write: (chunk) => {
        bytes += chunk.length
        if (bytes < size - 10) return true
        exchange.body?.destroy()
        answerOk(exchange)
        return true
      },
      end: () => undefined,
      fail: () => undefined,
      onDrain: () => undefined,
    })
  })
  client.write(Buffer.alloc(size - 10))
  await expect.poll(received).toMatch(/ok$/)
  expect(received()).not.toMatch(/^connection: close/im)
  client.write(Buffer.alloc(10))
  client.write(NEXT)
  await expect.poll(() => targets).toEqual(['/', '/next'])
})

test('a client that sends without waiting for its 100 keeps its connection when nobody wants the body', async () => {
  const sends = `${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhel`
  const { client, targets, received } = await open(sends, (exchange) => {
    // When what has come with the head has been seen.
    setImmediate(() => {
      exchange.body?.destroy()
      answerOk(exchange)
    })
  })
  await expect.poll(received).toMatch(/ok$/)
  expect(received()).not.toMatch(/^connection: close/im)
  client.write(`lo${NEXT}`)
  await expect.poll(() => targets).toEqual(['/', '/next'])
})

test('a client that has said to close and still sends a body is read on, so that no reset takes its answer', async () => {
  const { front, client, received } = await open(
    `${POST}Connection: close\r\nContent-Length: 1000000\r\n\r\n`,
    answerOk,
  )
  client.on('error', () => undefined)
  await expect.poll(received).toMatch(/ok$/)
  client.write('more')
  await expect.poll(() => client.readableEnded).toBe(true)
  client.write('and more')
  await passes()
  expect(front.connections).toBe(1)
})

// Node's protocol waits for its end, for two seconds at most.
test('a client that has said to close is not waited for', async () => {
  const { front, client, received } = await open('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', answerOk)
  await once(client, 'end')
  expect(received()).toMatch(/ok$/)
  await front.closed()
  expect(front.connections).toBe(0)
})
