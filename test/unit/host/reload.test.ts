import { describe, expect, test } from 'vitest'
import type { SiteConfig } from '../../../src/config/model.ts'
import { engineNames } from '../../../src/host/engine.ts'
import { eventually } from '../../support/eventually.ts'
import { copyApp } from '../../support/folders.ts'
import { freePort } from '../../support/free-port.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { send } from '../../support/send.ts'
import { binding, offline, site, started, whoAnswers } from './reloads.ts'

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
  // What it is without being said changes nothing when it is said.
  expect(await reload({ ...withPool(true), serverAutoStart: true })).toMatchObject({ value: { changed: [] } })
  await reload({ ...running, serverAutoStart: false })
  expect(await whoAnswers(port)).toBe('404')
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
