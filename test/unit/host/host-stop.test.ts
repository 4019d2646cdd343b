import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { engineNames, type EngineName, loadEngine } from '../../../src/host/engine.ts'
import { ProxyHost } from '../../../src/host/proxy-host.ts'
import { createLog } from '../../../src/log/log.ts'
import { HandClock } from '../../support/hand-clock.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../../support/folders.ts'
import { connectRaw, type RawSocket } from '../../support/raw-client.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const SIZE = 8_192

/** Until what was written on the loopback has been read on its other side. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

interface Opened {
  readonly host: ProxyHost
  readonly clock: HandClock
  readonly client: () => Promise<RawSocket>
}

/** A host on a clock that stands still, whose application is offline: it answers without a process. */
async function open(engine: EngineName): Promise<Opened> {
  const physicalPath = await temporaryFolder()
  await writeFile(join(physicalPath, 'app_offline.htm'), 'x'.repeat(SIZE))
  return openIn(physicalPath, engine)
}

/** The same, whose application would start at the first request, and has a shutdownDelay of a second. */
async function openPresent(engine: EngineName): Promise<Opened> {
  const folder = await copyApp('node-twin')
  await editWebConfig(folder, { handlerSettings: { shutdownDelay: '1000' } })
  return openIn(folder, engine)
}

async function openIn(physicalPath: string, engine: EngineName): Promise<Opened> {
  const bindings = [{ protocol: 'http' as const, address: '127.0.0.1', port: 0, hostName: '' }]
  const clock = new HandClock()
  const log = createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false })
  const host = new ProxyHost(
    { sites: [{ name: 'www', id: 1, bindings, applications: [{ path: '/', physicalPath }] }] },
    {
      log,
      clock,
      environment: {},
      pid: process.pid,
      guard: undefined,
      engine,
      ...(await loadEngine(engine, clock)),
      keepsOnBrokenConfig: false,
      appOutput: undefined,
    },
  )
  expect(await host.start()).toMatchObject({ ok: true })
  onTestFinished(() => {
    host.destroy()
  })
  const client = async (): Promise<RawSocket> => {
    const socket = await connectRaw(Number(new URL(host.status.sites[0]?.urls[0] ?? '').port))
    onTestFinished(() => {
      socket.destroy()
    })
    return socket
  }
  return { host, clock, client }
}

describe.each(engineNames)('a stop with the engine %s', (engine) => {
  test('answers requests on kept-alive connections for one more second, then closes the idle ones', async () => {
    const { host, clock, client } = await open(engine)
    const [kept, silent] = [await client(), await client()]
    for (const each of [kept, silent]) {
      each.send(GET)
      await each.until('x'.repeat(SIZE))
    }
    const stopped = host.stop()
    await turns()
    clock.advance(900)
    await turns()
    expect([kept.ending, silent.ending]).toEqual([undefined, undefined])
    kept.send(GET)
    expect(await kept.untilEnded()).toMatch(/xHTTP[^]*\r\nConnection: close\r\n[^]*x{8192}$/)
    kept.destroy()
    await turns()
    expect(silent.ending).toBeUndefined()
    clock.advance(200)
    await silent.untilEnded()
    expect(silent.ending).toBe('end')
    silent.destroy()
    await stopped
    expect(host.status.state).toBe('stopped')
  })

  test('gives a client one more second to read the end of its responses', async () => {
    const { host, clock, client } = await open(engine)
    const [reader, other] = [await client(), await client()]
    for (const each of [reader, other]) {
      each.socket.pause()
      each.send(GET.repeat(3_000))
    }
    for (let time = 0; time < 20; time += 1) await turns()
    const stopped = host.stop()
    await turns()
    clock.advance(1_000)
    for (let time = 0; time < 20; time += 1) await turns()
    clock.advance(900)
    await turns()
    reader.socket.resume()
    const received = await reader.untilEnded()
    expect(reader.ending).toBe('end')
    // The last answer that was begun is whole.
    expect(received.slice(received.lastIndexOf('HTTP/1.1 '))).toMatch(/\r\n\r\nx{8192}$/)
    reader.destroy()
    clock.advance(200)
    await stopped
    expect(host.status.state).toBe('stopped')
  })

  test('closes idle connections before the applications have ended', async () => {
    const { host, clock, client } = await openPresent(engine)
    const silent = await client()
    await turns()
    const stopped = host.stop()
    await turns()
    clock.advance(1_000)
    await silent.untilEnded()
    expect(host.status.state).toBe('stopping')
    silent.destroy()
    await turns()
    clock.advance(1_000)
    await stopped
    expect(host.status.state).toBe('stopped')
  })

  test('resolves at once when the host is destroyed meanwhile', async () => {
    const { host } = await openPresent(engine)
    const stopped = host.stop()
    await turns()
    expect(host.status.state).toBe('stopping')
    expect(host.stop()).toBe(stopped)
    host.destroy()
    await stopped
    expect(host.status.state).toBe('stopped')
  })
})
