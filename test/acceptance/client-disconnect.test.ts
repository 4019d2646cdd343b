import { randomInt } from 'node:crypto'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { eventually } from '../support/eventually.ts'
import { openFiles } from '../support/processes.ts'
import { withEachTwin } from '../support/twins.ts'

withEachTwin('clients that leave', {}, (daemon) => {
  test('disc-stress: a hundred at once, in the middle of what they send, hurt nobody', async () => {
    await daemon().text('/HelloWorld')
    const before = openFiles(daemon().pid)
    const leave = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(daemon().port, '127.0.0.1', () => {
          socket.write('POST /ReadAndFlushEcho HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n')
          for (let block = randomInt(25); block > 0; block -= 1) socket.write('a'.repeat(40))
          setImmediate(() => socket.destroy())
        })
        socket.on('error', () => undefined)
        socket.on('close', () => {
          resolve()
        })
      })
    await Promise.all(Array.from({ length: 100 }, leave))
    expect(await daemon().text('/HelloWorld')).toBe('Hello World')
    await eventually('every connection is given back', () => openFiles(daemon().pid) <= before + 5)
  })

  test('disc-server-survives: a client that leaves after the status line', async () => {
    const conversation = await connectRaw(daemon().port)
    conversation.send('POST /ReadAndFlushEcho HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhello')
    await conversation.until(/^HTTP\/1\.1 200 /)
    conversation.destroy()
    expect(await daemon().text('/HelloWorld')).toBe('Hello World')
  })

  test('a client that leaves while the app works ends the request in the app at once', async () => {
    const waiting = async (count: number): Promise<boolean> =>
      (await daemon().text('/WaitingRequestCount')) === String(count)
    const conversations = await Promise.all(Array.from({ length: 5 }, () => connectRaw(daemon().port)))
    for (const conversation of conversations) conversation.send('GET /WaitForAbort HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('five requests wait in the app', () => waiting(5))
    for (const conversation of conversations) conversation.destroy()
    await eventually('the app has noticed', () => waiting(0))
  })

  test('a body that ends too early is never whole for the app', async () => {
    const conversation = await connectRaw(daemon().port)
    conversation.send('POST /BodyHash HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    conversation.end()
    const answer = await conversation.untilEnded()
    expect(answer).not.toContain('HTTP/1.1 200')
    expect(await daemon().text('/HelloWorld')).toBe('Hello World')
  })
})
