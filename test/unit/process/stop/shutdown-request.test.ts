import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { requestShutdown } from '../../../../src/process/stop/shutdown-request.ts'

const never = new AbortController().signal

/** An app that answers in this way, and its first connection. */
async function app(answer: RequestListener): Promise<{ port: number; connection: Promise<Socket> }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const connection = once(server, 'connection').then(([socket]) => socket as Socket)
  return { port: (server.address() as AddressInfo).port, connection }
}

test('the head of an answer is enough: a body that does not end is not waited for, and the connection is closed', async () => {
  const { port, connection } = await app((_request, response) => {
    response.writeHead(202).write('it goes on')
  })
  const answering = requestShutdown({ pid: 1, port, token: 'a' }, '/', 60_000, systemClock, never)
  const closed = connection.then((socket) => once(socket, 'close'))
  expect(await answering).toEqual({ answered: true, status: 202 })
  await closed
})

test('the timer for the answer is cancelled when the answer comes', async () => {
  const { port } = await app((_request, response) => response.writeHead(202).end())
  let timers = 0
  const clock: Clock = {
    ...systemClock,
    after: (ms, act) => {
      const cancel = systemClock.after(ms, act)
      timers += 1
      return () => {
        timers -= 1
        cancel()
      }
    },
  }
  await requestShutdown({ pid: 1, port, token: 'a' }, '/', 500, clock, never)
  expect(timers).toBe(0)
})

test('a token with characters that no header may contain is reported as no answer', async () => {
  const target = { pid: 1, port: 9, token: 'two\nlines' }
  const answer = await requestShutdown(target, '/', 500, systemClock, never)
  expect(answer).toEqual({ answered: false, cause: 'ERR_INVALID_CHAR' })
})
