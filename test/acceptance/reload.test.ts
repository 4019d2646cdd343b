import { createServer } from 'node:net'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Daemon, startSites } from '../support/daemon.ts'
import type { DaemonEvent } from '../support/event-log.ts'
import { touch } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { openPaths } from '../support/open-paths.ts'
import { childrenOf, openFiles } from '../support/processes.ts'
import { send } from '../support/send.ts'

interface WrittenSite {
  readonly id: number
  readonly folder: string
  /** `port:host`. */
  readonly bindings: readonly string[]
  /** Attributes of its application. */
  readonly attributes?: string
}

function hostFile(...sites: readonly WrittenSite[]): string {
  const written = sites.map(({ id, folder, bindings, attributes = '' }) => {
    const list = bindings.map((each) => `<binding protocol="http" bindingInformation="127.0.0.1:${each}" />`).join('\n')
    return `<site name="site${String(id)}" id="${String(id)}">
      <application path="/" ${attributes}><virtualDirectory path="/" physicalPath="${folder}" /></application>
      <bindings>${list}</bindings></site>`
  })
  return `<configuration><system.applicationHost><sites>
    ${written.join('\n')}
  </sites></system.applicationHost></configuration>`
}

/** Replaces a file as a careful editor does: it is never there in part. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

/** The next event of this name, after those that there are now, which `act` leads to. */
async function after(daemon: Daemon, name: string, act: () => unknown): Promise<DaemonEvent> {
  const before = daemon.seen(name).length
  await act()
  await eventually(`there is another ${name}`, () => daemon.seen(name).length > before)
  return daemon.seen(name).at(-1) as DaemonEvent
}

async function started(...sites: readonly WrittenSite[]): Promise<{ readonly daemon: Daemon; readonly file: string }> {
  const file = join(await temporaryFolder(), 'ancmd.config')
  await writeFile(file, hostFile(...sites))
  return { daemon: await startSites(file), file }
}

async function textOf(port: number, host: string, path: string): Promise<string> {
  const { status, text } = await send(`http://127.0.0.1:${String(port)}`, path, { headers: { Host: host } })
  return status === 200 ? text : `status ${String(status)}`
}

describe('a host file that changes', () => {
  test('twenty times under load, by SIGHUP and by itself: no request of another site fails, and its process stays', async () => {
    const port = await freePort()
    const kept = { id: 1, folder: await copyApp('node-twin'), bindings: [`${String(port)}:kept.test`] }
    const other = { id: 2, folder: await copyApp('node-twin'), bindings: [`${String(port)}:other.test`] }
    const { daemon, file } = await started(kept)
    const first = await textOf(port, 'kept.test', '/ProcessId')
    let isOver = false
    const answers = new Map<string, number>()
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const answer = await textOf(port, 'kept.test', '/ProcessId').catch(String)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
    })
    for (let round = 0; round < 20; round++) {
      const isAdded = round % 2 === 0
      const before = daemon.seen('configReloaded').length
      // A change of the file is noticed without a signal; the signal is for who does not want to wait. With both, the file
      // may be read twice, and the second time nothing has changed.
      await replace(file, hostFile(...(isAdded ? [kept, other] : [kept])))
      if (round % 4 < 2) daemon.signal('SIGHUP')
      const reloaded = await eventually('the change is in force', () => {
        const news = daemon.seen('configReloaded').slice(before)
        return news.find((event) => String(event[isAdded ? 'added' : 'removed']) === '/LM/W3SVC/2/ROOT')
      })
      expect(reloaded).toMatchObject({ kept: ['/LM/W3SVC/1/ROOT'] })
      await eventually(`the other site is ${isAdded ? 'there' : 'gone'}`, async () => {
        return (await textOf(port, 'other.test', '/')) === (isAdded ? 'Running' : 'status 400')
      })
    }
    isOver = true
    await Promise.all(clients)
    expect([...answers.keys()]).toEqual([first])
    expect(answers.get(first)).toBeGreaterThan(20)
  })

  test('into a file with errors keeps everything, and the event names file, line and text', async () => {
    const port = await freePort()
    const site = { id: 1, folder: await copyApp('node-twin'), bindings: [`${String(port)}:`] }
    const { daemon, file } = await started(site)
    const first = await textOf(port, 'x', '/ProcessId')
    const broken = hostFile(site).replace('bindingInformation', 'bindingInformatio')
    const rejected = await after(daemon, 'configRejected', () => replace(file, broken))
    expect(rejected).toMatchObject({ file, line: 4, eventId: 1034, kept: true })
    expect(rejected['text']).toContain('bindingInformatio')
    const again = await after(daemon, 'configRejected', () => {
      daemon.signal('SIGHUP')
    })
    expect(again).toMatchObject({ reason: 'SIGHUP' })
    expect(await textOf(port, 'x', '/ProcessId')).toBe(first)
    await after(daemon, 'configReloaded', () => replace(file, hostFile(site)))
    expect(await textOf(port, 'x', '/ProcessId')).toBe(first)
  })

  test('and names a port that another program has keeps everything, and the event names the line of the binding', async () => {
    const [port, taken] = [await freePort(), await freePort()]
    const program = createServer().listen(taken, '127.0.0.1')
    onTestFinished(() => {
      program.close()
    })
    const site = { id: 1, folder: await copyApp('node-twin'), bindings: [`${String(port)}:`] }
    const { daemon, file } = await started(site)
    const first = await textOf(port, 'x', '/ProcessId')
    const next = { ...site, bindings: [...site.bindings, `${String(taken)}:`] }
    const rejected = await after(daemon, 'configRejected', () => replace(file, hostFile(next)))
    expect(rejected).toMatchObject({ file, line: 5 })
    expect(rejected['text']).toContain(`port ${String(taken)} on 127.0.0.1 is taken`)
    expect(await textOf(port, 'x', '/ProcessId')).toBe(first)
  })

  test('fifty times leaves as many descriptors, watches and processes as before', async () => {
    const [port, second] = [await freePort(), await freePort()]
    const kept = { id: 1, folder: await copyApp('node-twin'), bindings: [`${String(port)}:`] }
    const other = { id: 2, folder: await copyApp('node-twin'), bindings: [`${String(second)}:`] }
    const { daemon, file } = await started(kept)
    await textOf(port, 'x', '/ProcessId')
    const cycle = async (): Promise<void> => {
      // The watch of the file causes reloads too, which change nothing.
      for (const [change, sites] of [
        ['added', [kept, other]],
        ['removed', [kept]],
      ] as const) {
        const seen = daemon.seen('configReloaded').length
        await replace(file, hostFile(...sites))
        daemon.signal('SIGHUP')
        await eventually('the change is in force', () => {
          const reloads = daemon.seen('configReloaded').slice(seen)
          return reloads.some((event) => String(event[change]) === '/LM/W3SVC/2/ROOT')
        })
      }
    }
    const left = () => ({
      watches: openPaths(daemon.pid).filter((path) => path.includes('inotify')).length,
      processes: childrenOf(daemon.pid).length,
    })
    await cycle()
    const before = left()
    const descriptors = openFiles(daemon.pid)
    for (let round = 0; round < 25; round++) await cycle()
    await eventually('nothing more is open than before', () => {
      return JSON.stringify(left()) === JSON.stringify(before) && openFiles(daemon.pid) <= descriptors + 2
    })
  })
})

test('preload-starts-app: preloadEnabled starts a process without a request', async () => {
  const port = await freePort()
  const folder = await copyApp('node-twin')
  const attributes = 'preloadEnabled="true"'
  const { daemon } = await started({ id: 1, folder, bindings: [`${String(port)}:`], attributes })
  const { pid } = await daemon.event('processStarted')
  expect(await textOf(port, 'x', '/ProcessId')).toBe(String(pid))
})

test('AlwaysRunning: a process is started without a request, and again when it has crashed, also after a recycle', async () => {
  const port = await freePort()
  const folder = hasDotnet ? await dotnetApp('test-app') : await copyApp('node-twin')
  const file = join(await temporaryFolder(), 'ancmd.config')
  const pools = '<applicationPools><add name="shop" startMode="AlwaysRunning" /></applicationPools>'
  const text = hostFile({ id: 1, folder, bindings: [`${String(port)}:`], attributes: 'applicationPool="shop"' })
  await writeFile(file, text.replace('<sites>', `${pools}<sites>`))
  const daemon = await startSites(file)
  const pids: unknown[] = []
  const next = async (): Promise<number> => {
    const { pid } = await daemon.event('processStarted', (event) => !pids.includes(event['pid']))
    pids.push(pid)
    return Number(pid)
  }
  process.kill(await next(), 'SIGKILL')
  const second = await next()
  expect(await textOf(port, 'x', '/ProcessId')).toBe(String(second))
  await touch(join(folder, 'web.config'))
  await daemon.event('applicationRecycled')
  process.kill(await next(), 'SIGKILL')
  const last = await next()
  expect(await textOf(port, 'x', '/ProcessId')).toBe(String(last))
  expect(daemon.seen('processExited').filter(({ expected }) => expected === false)).toHaveLength(2)
})

test('a variable of the pool reaches the process, unless web.config has another value', async () => {
  const port = await freePort()
  const folder = await copyApp('node-twin')
  const file = join(await temporaryFolder(), 'ancmd.config')
  const pools = `<applicationPools><add name="shop"><environmentVariables><add name="FROM_POOL" value="yes" />
    </environmentVariables></add></applicationPools>`
  const text = hostFile({ id: 1, folder, bindings: [`${String(port)}:`], attributes: 'applicationPool="shop"' })
  await writeFile(file, text.replace('<sites>', `${pools}<sites>`))
  await startSites(file)
  expect(await textOf(port, 'x', '/GetEnvironmentVariable?name=FROM_POOL')).toBe('yes')
  expect(await textOf(port, 'x', '/GetEnvironmentVariable?name=ASPNETCORE_IIS_APP_POOL_ID')).toBe('shop')
})
