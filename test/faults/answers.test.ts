import { beforeAll, describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { residentMemory } from '../support/processes.ts'
import { connectRaw, type Ending } from '../support/raw-client.ts'
import { send } from '../support/send.ts'
import { app } from './support/apps.ts'

let daemon: Daemon

beforeAll(async () => {
  daemon = await startDaemon(await app('bad-answers.mjs', { attributes: { requestTimeout: '00:00:05' } }))
})

/** What a client gets, to the end of its connection. */
async function ask(target: string): Promise<{ received: string; ending: Ending }> {
  const client = await connectRaw(daemon.port)
  client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  const received = await client.untilEnded()
  client.destroy()
  return { received, ending: client.ending ?? 'end' }
}

function withoutInterimHeads(received: string): string {
  return received.replace(/^(HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n)+/, '')
}

async function servesOthers(pid: string): Promise<void> {
  for (let round = 0; round < 5; round += 1) expect(await daemon.text('/')).toBe(pid)
}

describe('an app that answers with what is no response: 502.3, and the next requests are served', () => {
  test.each([
    ['garbage', '/garbage'],
    ['garbage without end', '/garbage-without-end'],
    ['nothing: it closes', '/close'],
    ['nothing: it resets', '/reset'],
    ['half a head', '/half-a-head'],
    ['a head of 100 kB', '/huge-head'],
    ['a head without end', '/head-without-end'],
    ['interim heads without end', '/interim-without-end'],
    ['two different lengths', '/two-lengths'],
    ['two framings', '/two-framings'],
    ['a switch of protocols that nobody asked for', '/unasked-switch'],
    ['nothing, ever: 502.3 after requestTimeout', '/hang'],
  ])('%s', async (_what, target) => {
    const pid = await daemon.text('/')
    const { received, ending } = await ask(target)
    expect(withoutInterimHeads(received)).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
    expect(received).toContain('502.3')
    expect(received.length).toBeLessThan(4_000)
    expect(received).not.toMatch(/garbage|never to be seen|X-Huge|X-More/i)
    expect(ending).toBe('end')
    await servesOthers(pid)
  })
})

describe('an app that breaks off its response: a reset for the client, never a clean end', () => {
  test.each([
    ['closes before Content-Length is reached', '/short'],
    ['resets before Content-Length is reached', '/short-and-reset'],
    ['never sends the last chunk', '/chunks-without-end'],
    ['closes in the middle of a chunk', '/half-a-chunk'],
    ['sends a chunk size that is none', '/broken-chunk'],
  ])('%s', async (_what, target) => {
    const pid = await daemon.text('/')
    const client = await connectRaw(daemon.port)
    client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    // A reset that comes together with bytes is told as a clean end by libuv, so the bytes are read before.
    await client.until('only this')
    await breakNow()
    expect(await client.ended).toBe('reset')
    expect(client.received).not.toMatch(/\r\n0\r\n\r\n|zz|more/)
    client.destroy()
    await servesOthers(pid)
  })
})

describe('an app that sends more than it said', () => {
  test('in the same breath: nobody else gets it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const pid = await daemon.text('/')
      expect(await daemon.text('/more-than-said')).toBe('said')
      await servesOthers(pid)
    }
  })

  test('later, on a connection that rests: nobody else gets it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const pid = await daemon.text('/')
      expect(await daemon.text('/more-later')).toBe('said')
      await breakNow()
      await servesOthers(pid)
    }
  })
})

/** The app does what it put off; asked directly, so that none of the daemon's connections to it is used. */
async function breakNow(): Promise<void> {
  const { port } = await daemon.event('processStarted')
  await send(`http://127.0.0.1:${String(port)}`, '/break')
}

describe('an app that hangs', () => {
  test('on some requests: others flow meanwhile, and the app is told when a client gives up', async () => {
    const pid = await daemon.text('/')
    const clients = await Promise.all(Array.from({ length: 50 }, () => connectRaw(daemon.port)))
    for (const client of clients) client.send('GET /hang HTTP/1.1\r\nHost: x\r\n\r\n')
    await eventually('all of them hang', async () => (await daemon.text('/hanging')) === '50')
    await servesOthers(pid)
    for (const client of clients) client.destroy()
    await eventually('the app is rid of them', async () => (await daemon.text('/hanging')) === '0')
  })
})

describe('clients that do not read', () => {
  test('40 of them, 20 MB each: the app waits, the daemon does not swell, and others are served', async () => {
    const pid = await daemon.text('/')
    const before = residentMemory(daemon.pid)
    const clients = await Promise.all(Array.from({ length: 40 }, () => connectRaw(daemon.port)))
    let most = 0
    for (const client of clients) {
      client.send('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
      await client.until('\r\n\r\n')
      client.socket.pause()
    }
    for (let round = 0; round < 100; round += 1) {
      expect(await daemon.text('/')).toBe(pid)
      most = Math.max(most, residentMemory(daemon.pid))
    }
    for (const client of clients) client.destroy()
    console.log(`40 clients that read nothing: daemon +${String(Math.round((most - before) / 1e6))} MB`)
    expect(most - before).toBeLessThan(100e6)
  })
})
