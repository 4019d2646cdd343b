import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { copyApp } from '../support/folders.ts'
import { PostLoops } from '../support/post-loops.ts'
import { connectRaw } from '../support/raw-client.ts'

const clients = 200
const rounds = 3
/** A round in which the clients themselves stood still for this many milliseconds says nothing of the daemon. */
const still = 400

test(`SIGTERM loses no POST of ${String(clients)} clients that keep their connections`, {
  timeout: 300_000,
}, async () => {
  const folder = await copyApp('node-twin')
  let counted = 0
  for (let round = 1; counted < rounds && round < 4 * rounds; round += 1) {
    const daemon = await startDaemon(folder)
    const loops = await PostLoops.start(daemon.port, '/EchoPostData', clients)
    expect(await daemon.stop()).toBe(0)
    await loops.ended()
    const { answered, lost, stoodStill } = loops
    console.log(
      `${String(answered)} answered, ${String(lost.length)} lost; clients stood still ${stoodStill.toFixed(0)} ms`,
    )
    expect(daemon.seen('processKilled')).toEqual([])
    if (stoodStill > still) continue
    expect(lost).toEqual([])
    counted += 1
  }
})

test('SIGTERM: a client that was silent may send one more request, and hears that it was the last', async () => {
  const daemon = await startDaemon(await copyApp('node-twin'))
  const client = await connectRaw(daemon.port)
  client.send('GET /HelloWorld HTTP/1.1\r\nHost: x\r\n\r\n')
  await client.until('Hello World')
  daemon.signal('SIGTERM')
  await daemon.event('stopping')
  client.send('POST /EchoPostData HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nthe-last!')
  const received = await client.untilEnded()
  expect(received.slice(received.indexOf('Hello World'))).toMatch(/HTTP\/1\.1 200 [^]*the-last!/)
  client.destroy()
  expect(await daemon.exited).toBe(0)
})

test('SIGTERM: clients that stay silent are let go in order, and do not hold up the stop', async () => {
  const daemon = await startDaemon(await copyApp('node-twin'))
  expect(await daemon.text('/HelloWorld')).toBe('Hello World')
  const silent = await Promise.all(Array.from({ length: 5 }, () => connectRaw(daemon.port)))
  daemon.signal('SIGTERM')
  for (const client of silent) {
    await client.untilEnded()
    expect(client.ending).toBe('end')
  }
  // They never end their side, and the daemon does not wait for it.
  expect(await daemon.exited).toBe(0)
  for (const client of silent) client.destroy()
})
