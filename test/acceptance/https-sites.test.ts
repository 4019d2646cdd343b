import { expect, test, vi } from 'vitest'
import { type Daemon, startSites } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually, pause } from '../support/eventually.ts'
import { copyApp } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import {
  http1Client,
  http2Client,
  type HttpsClient,
  httpsHostFile,
  type HttpsSite,
  writeHostFile,
} from '../support/https-sites.ts'
import { makeCertificate } from '../support/openssl.ts'
import { informationIn } from '../support/send.ts'
import { counted, HttpTransportType, openHub } from '../support/signalr.ts'

const apps = [
  { kind: 'Node apps', runs: true, copy: () => copyApp('node-twin') },
  { kind: 'ASP.NET Core apps', runs: hasDotnet, copy: () => dotnetApp('test-app') },
] as const

/** The site `shop.test` with `/` and `/Basket`, or `news.test` with `/` and `/Archive`. */
async function site(id: number, name: string, below: string, copy: () => Promise<string>): Promise<HttpsSite> {
  const certificate = await makeCertificate({ names: [name] })
  const applications = [
    { path: '/', folder: await copy() },
    { path: below, folder: await copy() },
  ]
  return { id, name, certificate, applications }
}

/** Over HTTP/1.1 on one connection and on many, and over HTTP/2. */
async function clientsOf(port: number, of: HttpsSite): Promise<readonly HttpsClient[]> {
  return [await http1Client(port, of, true), await http1Client(port, of, false), await http2Client(port, of)]
}

async function text(client: HttpsClient, path: string): Promise<string> {
  const answer = await client.get(path)
  return answer.status === 200 ? answer.text : `status ${String(answer.status)}`
}

/** Resolves when a reload after this call has been carried out. */
async function reloaded(daemon: Daemon, change: () => Promise<void>): Promise<void> {
  const before = daemon.seen('configReloaded').length
  await change()
  daemon.signal('SIGHUP')
  await eventually('the host file is in force', () => daemon.seen('configReloaded').length > before)
}

test.for(
  apps,
)('two https sites with four applications behind one port: each has its certificate, its process and its path base ($kind)', async ({
  runs,
  copy,
}, { skip }) => {
  if (!runs) skip()
  const port = await freePort()
  const sites = [await site(1, 'shop.test', '/Basket', copy), await site(2, 'news.test', '/Archive', copy)]
  const { file } = await writeHostFile(httpsHostFile(port, sites))
  const daemon = await startSites(file)
  const pids = new Set<string>()
  for (const each of sites) {
    // Each trusts the certificate of this site alone, so that of another one would fail.
    for (const client of await clientsOf(port, each)) {
      for (const { path } of each.applications) {
        const base = path === '/' ? '' : path
        expect(await text(client, `${base}/GetEnvironmentVariable?name=ASPNETCORE_APPL_PATH`)).toBe(path)
        const seen = informationIn(await text(client, `${base}/RequestInformation`))
        expect(seen).toMatchObject({ Scheme: 'https', Host: `${each.name}:${String(port)}`, PathBase: base })
        pids.add(await text(client, `${base}/ProcessId`))
      }
    }
  }
  expect(pids.size).toBe(4)
  expect(daemon.seen('processStarted')).toHaveLength(4)
  expect(await daemon.stop()).toBe(0)
  expect(daemon.seen('processKilled')).toEqual([])
})

test.for(
  apps,
)('twenty reloads that add and remove a third https site fail no request of the others, over HTTP/1.1 and HTTP/2 ($kind)', async ({
  runs,
  copy,
}, { skip }) => {
  if (!runs) skip()
  const port = await freePort()
  const sites = [await site(1, 'shop.test', '/Basket', copy), await site(2, 'news.test', '/Archive', copy)]
  const third = await site(3, 'third.test', '/Below', () => copyApp('node-twin'))
  const { file, replace } = await writeHostFile(httpsHostFile(port, sites))
  const daemon = await startSites(file)
  const prefixes = sites.flatMap((each) =>
    each.applications.map(({ path }) => ({ each, path: `${path === '/' ? '' : path}/ProcessId` })),
  )
  const before = new Map<string, string>()
  for (const { each, path } of prefixes) {
    before.set(`${each.name}${path}`, await text(await http2Client(port, each), path))
  }
  const answers = new Map<string, Map<string, number>>()
  let isOver = false
  const load = async (client: HttpsClient, { name, applications }: HttpsSite): Promise<void> => {
    let hasFailed = false
    while (!isOver && !hasFailed) {
      for (const { path } of applications) {
        await pause(10)
        const target = `${path === '/' ? '' : path}/ProcessId`
        const answer = await text(client, target).catch(String)
        const key = `${name}${target}`
        hasFailed ||= answer !== before.get(key)
        const counts = answers.get(key) ?? new Map<string, number>()
        answers.set(key, counts.set(answer, (counts.get(answer) ?? 0) + 1))
      }
    }
  }
  const loads: Promise<void>[] = []
  for (const each of sites) for (const client of await clientsOf(port, each)) loads.push(load(client, each))
  for (let round = 0; round < 20; round += 1) {
    const isAdded = round % 2 === 0
    await reloaded(daemon, () => replace(httpsHostFile(port, isAdded ? [...sites, third] : sites)))
    const client = await http1Client(port, third, false)
    await eventually(`the third site is ${isAdded ? 'there' : 'gone'}`, async () => {
      return ((await text(client, '/HelloWorld').catch(String)) === 'Hello World') === isAdded
    })
  }
  isOver = true
  await Promise.all(loads)
  expect(daemon.seen('configRejected')).toEqual([])
  for (const [key, pid] of before) {
    const counts = answers.get(key)
    expect([...(counts?.keys() ?? [])], key).toEqual([pid])
    expect(counts?.get(pid), key).toBeGreaterThan(20)
  }
})

const transports = [
  ['WebSockets', HttpTransportType.WebSockets],
  ['server-sent events', HttpTransportType.ServerSentEvents],
  ['long polling', HttpTransportType.LongPolling],
] as const

test.skipIf(!hasDotnet)('SignalR talks over https to a sub-application of a host file, by each transport', async () => {
  const port = await freePort()
  const certificate = await makeCertificate()
  const folders = { root: await copyApp('node-twin'), below: await dotnetApp('test-app') }
  const applications = [
    { path: '/', folder: folders.root },
    { path: '/Chat', folder: folders.below },
  ]
  const { file } = await writeHostFile(httpsHostFile(port, [{ id: 1, name: 'localhost', certificate, applications }]))
  await startSites(file)
  // Microsoft's client takes no certificate authority; the name in this certificate is checked by other tests.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  for (const [name, transport] of transports) {
    const hub = await openHub(`https://localhost:${String(port)}/Chat/hub`, transport)
    expect(await hub.invoke('Echo', `by ${name}`)).toBe(`by ${name}`)
    expect(await counted(hub, 5)).toEqual([1, 2, 3, 4, 5])
    await hub.stop()
  }
})
