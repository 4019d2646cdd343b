import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { BindingConfig, SiteConfig } from '../../../src/config/model.ts'
import { createHost } from '../../../src/host/create-host.ts'
import { engineNames, type EngineName, loadEngine } from '../../../src/host/engine.ts'
import type { Host } from '../../../src/host/host.ts'
import { ProxyHost } from '../../../src/host/proxy-host.ts'
import { frontLimits } from '../../../src/listen/limits.ts'
import { createLog } from '../../../src/log/log.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { send } from '../../support/send.ts'

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))

/** `address:port:name`, as IIS writes it; `*`: every address. */
function binding(written: string): BindingConfig {
  const [, address, port, hostName = ''] = /^(.+):(\d+):(.*)$/.exec(written) ?? []
  return { protocol: 'http', address: address === '*' ? undefined : address, port: Number(port), hostName }
}

/** A site whose application is offline, and answers with the site's name without a process. */
async function site(name: string, id: number, bindings: readonly string[]): Promise<SiteConfig> {
  const physicalPath = await temporaryFolder()
  await writeFile(join(physicalPath, 'app_offline.htm'), `this is ${name}`)
  return { name, id, bindings: bindings.map(binding), applications: [{ path: '/', physicalPath }] }
}

/** A host with a site for each name; ends with the test. */
async function host(bindings: Readonly<Record<string, readonly string[]>>, engine: EngineName): Promise<Host> {
  const sites = await Promise.all(Object.entries(bindings).map(([name, list], i) => site(name, i + 1, list)))
  const log = createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false })
  const created = await createHost({ sites }, { log, environment: {}, pid: process.pid, engine })
  onTestFinished(() => {
    created.destroy()
  })
  return created
}

async function started(bindings: Readonly<Record<string, readonly string[]>>, engine: EngineName): Promise<Host> {
  const created = await host(bindings, engine)
  expect(await created.start()).toMatchObject({ ok: true })
  return created
}

/** Who answers a request that is sent to this address with this Host field. */
async function whoAnswers(port: number, hostName: string, address = '127.0.0.1'): Promise<string> {
  const place = address.includes(':') ? `[${address}]` : address
  const { text } = await send(`http://${place}:${String(port)}`, '/', { headers: { Host: hostName } })
  return /this is (\w+)/.exec(text)?.[1] ?? 'nobody'
}

describe.each(engineNames)('with the engine %s', (engine) => {
  test('two host names on one port lead to two sites, by one listener', async () => {
    const port = await freePort()
    const at = `127.0.0.1:${String(port)}`
    const { status } = await started({ red: [`${at}:red.test`], blue: [`${at}:blue.test`, `${at}:azure.test`] }, engine)
    expect(status.sites.map(({ urls }) => urls)).toEqual([
      [`http://red.test:${String(port)}`],
      [`http://blue.test:${String(port)}`, `http://azure.test:${String(port)}`],
    ])
    expect(await whoAnswers(port, 'red.test')).toBe('red')
    expect(await whoAnswers(port, `BLUE.test:${String(port)}`)).toBe('blue')
    expect(await whoAnswers(port, 'azure.test')).toBe('blue')
    expect(await whoAnswers(port, 'green.test')).toBe('nobody')
  })

  test('sites on ports of their own answer there, and only there', async () => {
    const [first, second, third] = [await freePort(), await freePort(), await freePort()]
    const red = [`127.0.0.1:${String(first)}:`, `127.0.0.1:${String(second)}:red.test`]
    await started({ red, blue: [`127.0.0.1:${String(third)}:`] }, engine)
    expect(await whoAnswers(first, 'any.test')).toBe('red')
    expect(await whoAnswers(second, 'red.test')).toBe('red')
    expect(await whoAnswers(second, 'any.test')).toBe('nobody')
    expect(await whoAnswers(third, 'red.test')).toBe('blue')
  })

  test('a stop ends every listener, and the connections of both sites on one of them', async () => {
    const port = await freePort()
    const at = `127.0.0.1:${String(port)}`
    const running = await started({ red: [`${at}:red.test`], blue: [`${at}:blue.test`] }, engine)
    expect(await whoAnswers(port, 'blue.test')).toBe('blue')
    await running.stop()
    await expect(whoAnswers(port, 'blue.test')).rejects.toThrow(/ECONNREFUSED/)
  })
})

test.runIf(process.platform === 'linux')('one port of two addresses is two sites', async () => {
  const port = String(await freePort())
  await started({ red: [`127.0.0.1:${port}:`], blue: [`127.0.0.2:${port}:`] }, 'wire')
  expect(await whoAnswers(Number(port), 'any.test', '127.0.0.1')).toBe('red')
  expect(await whoAnswers(Number(port), 'any.test', '127.0.0.2')).toBe('blue')
  await expect(whoAnswers(Number(port), 'any.test', '127.0.0.3')).rejects.toThrow(/ECONNREFUSED/)
})

test.runIf(process.platform === 'linux')(
  'a binding for one address goes before one for all on the same port, and a host name before both',
  async () => {
    const port = String(await freePort())
    const bindings = { one: [`127.0.0.2:${port}:`], all: [`*:${port}:`], named: [`0.0.0.0:${port}:named.test`] }
    await started(bindings, 'wire')
    expect(await whoAnswers(Number(port), 'any.test', '127.0.0.2')).toBe('one')
    expect(await whoAnswers(Number(port), 'any.test', '127.0.0.1')).toBe('all')
    expect(await whoAnswers(Number(port), 'named.test', '127.0.0.2')).toBe('named')
    expect(await whoAnswers(Number(port), 'named.test', '127.0.0.1')).toBe('named')
  },
)

test.runIf(hasIPv6)('a binding takes its address in any spelling', async () => {
  const port = String(await freePort())
  await started({ six: [`0:0:0:0:0:0:0:1:${port}:`], all: [`:::${port}:`] }, 'wire')
  expect(await whoAnswers(Number(port), 'any.test', '::1')).toBe('six')
  expect(await whoAnswers(Number(port), 'any.test', '127.0.0.1')).toBe('all')
})

test('each binding with port 0 gets a free port of its own', async () => {
  const { status } = await started({ red: ['127.0.0.1:0:'], blue: ['127.0.0.1:0:'] }, 'wire')
  const ports = status.sites.map(({ urls }) => Number(new URL(urls[0] ?? '').port))
  expect(await whoAnswers(ports[0] ?? 0, 'any.test')).toBe('red')
  expect(await whoAnswers(ports[1] ?? 0, 'any.test')).toBe('blue')
})

test('the start fails for a port that another program has, names the binding, and leaves nothing open', async () => {
  const [free, taken] = [await freePort(), await freePort()]
  const other = createServer().listen(taken, '127.0.0.1')
  onTestFinished(() => {
    other.close()
  })
  const refused = `127.0.0.1:${String(taken)}:blue.test`
  const created = await host({ red: [`127.0.0.1:${String(free)}:`], blue: [refused] }, 'wire')
  const failure = { binding: binding(refused), opening: { opened: false, code: 'port-taken' } }
  expect(await created.start()).toMatchObject({ ok: false, failure })
  await expect(whoAnswers(free, 'any.test')).rejects.toThrow(/ECONNREFUSED/)
})

test.each([
  ['', ''],
  ['a.test', 'A.test'],
])('two sites cannot have the same address, port and host name (%j, %j)', async (first, second) => {
  const at = `127.0.0.1:${String(await freePort())}`
  const created = await host({ red: [`${at}:${first}`], blue: [`${at}:${second}`] }, 'wire')
  const failure = { binding: binding(`${at}:${second}`), opening: { opened: false, code: 'port-taken' } }
  expect(await created.start()).toMatchObject({ ok: false, failure })
})

test.each(engineNames)('the limit of connections holds for all listeners together (%s)', async (engine) => {
  const [first, second] = [await freePort(), await freePort()]
  const bindings = { red: [`127.0.0.1:${String(first)}:`], blue: [`127.0.0.1:${String(second)}:`] }
  const sites = await Promise.all(Object.entries(bindings).map(([name, list], i) => site(name, i + 1, list)))
  const limits = { ...frontLimits, connections: 3 }
  const log = createLog({ format: 'json', level: 'fatal', out: () => undefined, colour: false })
  const rest = { environment: {}, pid: process.pid, guard: undefined, keepsOnBrokenConfig: false, appOutput: undefined }
  const seams = await loadEngine(engine, systemClock)
  const created = new ProxyHost({ sites }, { log, clock: systemClock, engine, ...seams, limits, ...rest })
  onTestFinished(() => {
    created.destroy()
  })
  expect(await created.start()).toMatchObject({ ok: true })
  const kept = [await connectRaw(first), await connectRaw(first), await connectRaw(second)]
  for (const socket of kept) {
    socket.send('GET / HTTP/1.1\r\nHost: any.test\r\n\r\n')
    await socket.until((text) => text.includes('this is '))
  }
  await expect(whoAnswers(first, 'any.test')).rejects.toThrow()
  await expect(whoAnswers(second, 'any.test')).rejects.toThrow()
  kept[0]?.reset()
  await expect.poll(() => whoAnswers(second, 'any.test').catch(() => 'refused')).toBe('blue')
})

test('a host that is destroyed while it starts leaves no listener', async () => {
  const port = await freePort()
  const created = await host({ red: [`127.0.0.1:${String(port)}:`] }, 'wire')
  const starting = created.start()
  created.destroy()
  expect(await starting).toMatchObject({ ok: true })
  expect(created.status.state).toBe('stopped')
  await expect(whoAnswers(port, 'any.test')).rejects.toThrow(/ECONNREFUSED/)
})
