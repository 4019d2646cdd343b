import { expect, test } from 'vitest'
import { copyApp } from '../support/folders.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { connectRaw } from '../support/raw-client.ts'

const GET = 'GET /HelloWorld HTTP/1.1\r\nHost: h\r\n\r\n'

test('a path with more segments than maxUrlSegments is 400, and the log names the setting', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({ folder, site: '<limits maxUrlSegments="2" />' })
  expect((await daemon.send('/HelloWorld')).status).toBe(200)
  expect((await daemon.send('/a/b/')).status).toBe(200)
  expect((await daemon.send('/a/b/c')).status).toBe(400)
  expect(await daemon.event('requestRefused')).toMatchObject({
    reason: 'too-many-segments',
    setting: 'maxUrlSegments="2"',
  })
})

test('a connection beyond maxConnections of its site is 503 and ends; the next one after another has gone is served', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({ folder, site: '<limits maxConnections="1" />' })
  const first = await connectRaw(daemon.port)
  first.send(GET)
  await first.until('Hello World')
  const second = await connectRaw(daemon.port)
  second.send(GET)
  await second.untilEnded()
  expect(second.received).toMatch(/^HTTP\/1\.1 503 /)
  first.destroy()
  await expect.poll(async () => (await daemon.send('/HelloWorld')).status).toBe(200)
})

test('connectionTimeout ends an idle connection, and webLimits a head that does not come', async () => {
  const folder = await copyApp('node-twin')
  const daemon = await startWithHostFile({
    folder,
    site: '<limits connectionTimeout="00:00:01" />',
    applicationHost: '<webLimits headerWaitTimeout="00:00:02" />',
  })
  const idle = await connectRaw(daemon.port)
  idle.send(GET)
  await idle.untilEnded()
  expect(idle.received).toContain('Hello World')
  const slow = await connectRaw(daemon.port)
  slow.send('GET / HT')
  await slow.untilEnded()
  expect(slow.received).toMatch(/^HTTP\/1\.1 408 /)
})

test('maxConnectionsPerAddress closes what is beyond it', async () => {
  const folder = await copyApp('node-twin')
  const configuration = '<ancmd><limits maxConnectionsPerAddress="1" /></ancmd>'
  const daemon = await startWithHostFile({ folder, configuration })
  const first = await connectRaw(daemon.port)
  first.send(GET)
  await first.until('Hello World')
  const second = await connectRaw(daemon.port)
  await second.ended
  expect(second.received).toBe('')
  expect(await daemon.event('requestRefused')).toMatchObject({
    reason: 'too-many-connections-of-address',
    setting: 'maxConnectionsPerAddress="1"',
    remoteAddress: '127.0.0.1',
  })
})
