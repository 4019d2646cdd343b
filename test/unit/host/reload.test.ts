import { createServer } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { BindingConfig, HostConfig, SiteConfig } from '../../../src/config/model.ts'
import { createHost } from '../../../src/host/create-host.ts'
import { engineNames, type EngineName } from '../../../src/host/engine.ts'
import type { Host } from '../../../src/host/host.ts'
import type { LogEntry } from '../../../src/log/entry.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp, temporaryFolder } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { send } from '../../support/send.ts'

/** A folder whose application is offline, and answers with this name without a process. */
async function offline(name: string): Promise<string> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'app_offline.htm'), `this is ${name}`)
  return folder
}

function binding(port: number, hostName = '', address: string | undefined = '127.0.0.1'): BindingConfig {
  return { protocol: 'http', address, port, hostName }
}

function site(id: number, bindings: readonly BindingConfig[], physicalPath: string): SiteConfig {
  return { name: `site${String(id)}`, id, bindings, applications: [{ path: '/', physicalPath }] }
}

interface Running {
  readonly host: Host
  readonly told: (event: string) => LogEntry[]
  readonly reload: (...sites: readonly SiteConfig[]) => ReturnType<Host['reload']>
}

async function started(engine: EngineName, ...sites: readonly SiteConfig[]): Promise<Running> {
  const entries: LogEntry[] = []
  const log = { isEnabled: () => true, write: (_level: string, entry: LogEntry) => void entries.push(entry) }
  const environment = { ...process.env }
  const host = await createHost({ sites }, { log, environment, pid: process.pid, engine })
  onTestFinished(async () => {
    const stopped = host.stop()
    host.destroy()
    await stopped
  })
  expect(await host.start()).toMatchObject({ ok: true })
  // Each configuration is made anew, as when a file is read: nothing is the same object as before.
  const reload = (...next: readonly SiteConfig[]) => host.reload(structuredClone<HostConfig>({ sites: next }), 'a test')
  return { host, reload, told: (event) => entries.filter((entry) => entry.event === event) }
}

/** Who answers a request that is sent to this port with this Host field. */
async function whoAnswers(port: number, hostName = 'any.test', address = '127.0.0.1'): Promise<string> {
  const { text, status } = await send(`http://${address}:${String(port)}`, '/', { headers: { Host: hostName } })
  return /this is (\w+)/.exec(text)?.[1] ?? String(status)
}

describe.each(engineNames)('a reload with the engine %s', (engine) => {
  test('that adds and removes a site leaves the other sites, their listeners and connections alone', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const red = site(1, [binding(first, 'red.test')], await offline('red'))
    const blue = site(2, [binding(first, 'blue.test'), binding(second)], await offline('blue'))
    const { host, reload, told } = await started(engine, red)
    const kept = await connectRaw(first)
    const ask = async (times: number): Promise<void> => {
      kept.send('GET / HTTP/1.1\r\nHost: red.test\r\n\r\n')
      await kept.until((text) => text.split('this is red').length > times)
    }
    await ask(1)
    const ids = ['/LM/W3SVC/1/ROOT', '/LM/W3SVC/2/ROOT']
    const urls = [`http://blue.test:${String(first)}`, `http://127.0.0.1:${String(second)}`]
    expect(await reload(red, blue)).toMatchObject({
      ok: true,
      value: { kept: [ids[0]], added: [ids[1]], changed: [], removed: [], bindingsAdded: urls },
    })
    expect([await whoAnswers(first, 'blue.test'), await whoAnswers(second)]).toEqual(['blue', 'blue'])
    expect(told('listening')).toHaveLength(3)
    await ask(2)
    expect(await reload(red)).toMatchObject({
      ok: true,
      value: { kept: [ids[0]], removed: [ids[1]], added: [], changed: [], bindingsRemoved: urls },
    })
    expect(await whoAnswers(first, 'blue.test')).toBe('400')
    await expect.poll(() => whoAnswers(second).catch(() => 'nobody')).toBe('nobody')
    await ask(3)
    expect(kept.ending).toBeUndefined()
    expect(host.status.sites.map(({ name }) => name)).toEqual(['site1'])
    expect(told('applicationRemoved')).toHaveLength(1)
  })

  test('that removes a listener answers what is sent on its connections, and then closes them', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const folder = await offline('red')
    const { reload } = await started(engine, site(1, [binding(first), binding(second)], folder))
    const client = await connectRaw(second)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('this is red')
    expect(await reload(site(1, [binding(first)], folder))).toMatchObject({ ok: true })
    await client.ended
    await expect(whoAnswers(second)).rejects.toThrow(/ECONNREFUSED/)
    expect(await whoAnswers(first)).toBe('red')
  })
})

test('a request for an unknown host name is refused with 400, and its connection closed', async () => {
  const port = await freePort()
  const { told } = await started('wire', site(1, [binding(port, 'red.test')], await offline('red')))
  const client = await connectRaw(port)
  client.send('GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n')
  await client.until('Bad Request - Invalid Hostname')
  expect(client.received).toMatch(/^HTTP\/1\.1 400 /)
  expect(await client.ended).toBe('end')
  expect(told('requestRefused')).toMatchObject([{ reason: 'unknown-host', status: 400 }])
})

test('a port that another program has keeps everything as it was, and is named', async () => {
  const [port, other, taken] = [await freePort(), await freePort(), await freePort()]
  const program = createServer().listen(taken, '127.0.0.1')
  onTestFinished(() => {
    program.close()
  })
  const red = site(1, [binding(port)], await offline('red'))
  const blue = site(2, [binding(other), binding(taken)], await offline('blue'))
  const { host, reload } = await started('wire', red)
  const before = host.status
  const failure = { why: 'binding', binding: blue.bindings[1], opening: { code: 'port-taken' } }
  expect(await reload(blue)).toMatchObject({ ok: false, failure })
  expect(host.status).toEqual(before)
  expect(await whoAnswers(port)).toBe('red')
  await expect(whoAnswers(other)).rejects.toThrow(/ECONNREFUSED/)
  program.close()
  await expect.poll(async () => (await reload(blue)).ok).toBe(true)
  expect(await whoAnswers(taken)).toBe('blue')
})

test.runIf(process.platform === 'linux')(
  'a binding can change from one address to all of its port, and back',
  async () => {
    const port = await freePort()
    const folder = await offline('red')
    const one = site(1, [binding(port)], folder)
    const all = site(1, [{ ...binding(port), address: undefined }], folder)
    const { reload } = await started('wire', one)
    expect(await reload(all)).toMatchObject({ ok: true })
    expect([await whoAnswers(port), await whoAnswers(port, 'x', '127.0.0.2')]).toEqual(['red', 'red'])
    expect(await reload(one)).toMatchObject({ ok: true })
    expect(await whoAnswers(port)).toBe('red')
    await expect(whoAnswers(port, 'x', '127.0.0.2')).rejects.toThrow(/ECONNREFUSED/)
  },
)

test.runIf(process.platform === 'linux')(
  'a listener that had to be closed for a new one is opened again if the new one is refused',
  async () => {
    const port = await freePort()
    const program = createServer().listen(port, '127.0.0.2')
    onTestFinished(() => {
      program.close()
    })
    const folder = await offline('red')
    const { reload } = await started('wire', site(1, [binding(port)], folder))
    const refused = await reload(site(1, [{ ...binding(port), address: undefined }], folder))
    expect(refused).toMatchObject({ ok: false, failure: { opening: { code: 'port-taken' } } })
    expect(await whoAnswers(port)).toBe('red')
  },
)

test('one port cannot have a binding with http and one with https', async () => {
  const port = await freePort()
  const red = site(1, [binding(port, 'a.test')], await offline('red'))
  const { reload } = await started('wire', red)
  const mixed = { ...red, bindings: [...red.bindings, { ...binding(port, 'b.test'), protocol: 'https' as const }] }
  expect(await reload(mixed)).toMatchObject({ ok: false, failure: { binding: { protocol: 'https' } } })
})

test('a stopped site answers 404 and an application of a stopped pool 503, until they are started', async () => {
  const port = await freePort()
  const folder = await offline('red')
  const running = site(1, [binding(port)], folder)
  const pool = { name: 'shop', startMode: 'OnDemand' as const, environmentVariables: [] }
  const withPool = (autoStart: boolean): SiteConfig => {
    return { ...running, applications: [{ path: '/', physicalPath: folder, pool: { ...pool, autoStart } }] }
  }
  const { host, reload } = await started('wire', { ...running, serverAutoStart: false })
  expect(await whoAnswers(port)).toBe('404')
  expect(host.status.sites[0]?.applications).toMatchObject([{ presence: 'stopped', processes: [] }])
  await reload(withPool(false))
  expect(await whoAnswers(port)).toBe('503')
  await reload(withPool(true))
  expect(await whoAnswers(port)).toBe('red')
  await reload({ ...running, serverAutoStart: false })
  expect(await whoAnswers(port)).toBe('404')
})

test('reloads that are asked for at the same time are carried out one after the other', async () => {
  const port = await freePort()
  const [red, blue] = [await offline('red'), await offline('blue')]
  const { reload } = await started('wire', site(1, [binding(port)], red))
  const outcomes = await Promise.all([
    reload(site(2, [binding(port)], blue)),
    reload(site(1, [binding(port)], red)),
    reload(site(2, [binding(port)], blue)),
  ])
  expect(outcomes).toMatchObject([
    { value: { added: ['/LM/W3SVC/2/ROOT'], removed: ['/LM/W3SVC/1/ROOT'] } },
    { value: { added: ['/LM/W3SVC/1/ROOT'], removed: ['/LM/W3SVC/2/ROOT'] } },
    { value: { added: ['/LM/W3SVC/2/ROOT'], removed: ['/LM/W3SVC/1/ROOT'] } },
  ])
  expect(await whoAnswers(port)).toBe('blue')
})

test('a reload during a stop changes nothing, and leaves nothing open', async () => {
  const [port, other] = [await freePort(), await freePort()]
  const red = site(1, [binding(port)], await offline('red'))
  const { host, reload } = await started('wire', red)
  const [early, stopped] = [reload(red, site(2, [binding(other)], await offline('blue'))), host.stop()]
  const late = reload(red)
  expect(await late).toMatchObject({ ok: false, failure: { why: 'not-running' } })
  await early
  await stopped
  await expect(whoAnswers(other)).rejects.toThrow(/ECONNREFUSED/)
  expect(host.status.state).toBe('stopped')
})

test('a change of one application replaces its processes without a failed request, and no others', async () => {
  const port = await freePort()
  const [folder, next, other] = [await copyApp('node-twin'), await copyApp('node-twin'), await copyApp('node-twin')]
  const bindings = [binding(port)]
  const sites = (physicalPath: string): SiteConfig => ({
    name: 'www',
    id: 1,
    bindings,
    applications: [
      { path: '/shop', physicalPath },
      { path: '/kept', physicalPath: other },
    ],
  })
  const { reload, told } = await started('wire', sites(folder))
  const url = `http://127.0.0.1:${String(port)}`
  const pidOf = async (path: string): Promise<string> => {
    const { status, text } = await send(url, `${path}/ProcessId`)
    return status === 200 ? text : `status ${String(status)}`
  }
  const [shop, kept] = [await pidOf('/shop'), await pidOf('/kept')]
  let isOver = false
  const seen = new Set<string>()
  const load = (async () => {
    while (!isOver) seen.add(await pidOf('/shop'))
  })()
  expect(await reload(sites(next))).toMatchObject({
    ok: true,
    value: { changed: ['/LM/W3SVC/1/ROOT/shop'], kept: ['/LM/W3SVC/1/ROOT/kept'] },
  })
  await eventually('a new process has taken over', () => told('applicationRecycled').length === 1)
  const after = await pidOf('/shop')
  isOver = true
  await load
  expect([...seen].filter((pid) => pid !== shop && pid !== after)).toEqual([])
  expect(after).not.toBe(shop)
  expect(await pidOf('/kept')).toBe(kept)
})

test('a process is started before the first request where the application asks for it', async () => {
  const folder = await copyApp('node-twin')
  const bindings = [binding(await freePort())]
  const { host, told } = await started('wire', {
    name: 'www',
    id: 1,
    bindings,
    applications: [{ path: '/', physicalPath: folder, preloadEnabled: true }],
  })
  await eventually('it listens', () => told('processStarted').length === 1)
  expect(host.status.sites[0]?.applications[0]?.processes).toHaveLength(1)
})
