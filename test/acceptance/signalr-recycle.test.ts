import type { HubConnection } from '@microsoft/signalr'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import {
  answerOf,
  dropOfflineFile,
  expectPage,
  nextProcessId,
  removeOfflineFile,
  touch,
} from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { editWebConfig, temporaryFolder } from '../support/folders.ts'
import { HttpTransportType, openHub } from '../support/signalr.ts'

async function connected(daemon: Daemon, transport: HttpTransportType): Promise<HubConnection> {
  const hub = await openHub(`${daemon.url}/hub`, transport, 50)
  expect(await hub.invoke('Echo', 'hello')).toBe('hello')
  return hub
}

/** Resolves when the client has lost its connection and has another. */
function reconnected(hub: HubConnection): Promise<void> {
  return new Promise((resolve) => {
    let lost = false
    hub.onreconnecting(() => {
      lost = true
    })
    hub.onreconnected(() => {
      if (lost) resolve()
    })
  })
}

const transports = [
  ['WebSockets', HttpTransportType.WebSockets],
  ['server-sent events', HttpTransportType.ServerSentEvents],
  ['long polling', HttpTransportType.LongPolling],
] as const

describe.skipIf(!hasDotnet)('a SignalR client that reconnects by itself', () => {
  test.each(transports)('survives a recycle, over %s', async (_name, transport) => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const hub = await connected(daemon, transport)
    const pid = await daemon.processId()
    const again = reconnected(hub)
    daemon.signal('SIGUSR2')
    await again
    expect(await hub.invoke('Echo', 'hello again')).toBe('hello again')
    await nextProcessId(daemon, pid)
    expect(await daemon.event('processExited')).toMatchObject({ pid, expected: true, code: 0 })
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test.each(transports)('survives a round of app_offline.htm, over %s', async (_name, transport) => {
    const folder = await dotnetApp('test-app')
    const daemon = await startDaemon(folder)
    const hub = await connected(daemon, transport)
    const again = reconnected(hub)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    await removeOfflineFile(folder)
    await again
    expect(await hub.invoke('Echo', 'hello again')).toBe('hello again')
    expect(daemon.seen('processKilled')).toEqual([])
  })

  test('survives a crash', async () => {
    const daemon = await startDaemon(await dotnetApp('test-app'))
    const hub = await connected(daemon, HttpTransportType.WebSockets)
    const again = reconnected(hub)
    process.kill(await daemon.processId(), 'SIGKILL')
    await again
    expect(await hub.invoke('Echo', 'hello again')).toBe('hello again')
  })
})

describe.skipIf(!hasDotnet)('IHostApplicationLifetime', () => {
  test('ApplicationStopping fires on every gentle way: touch, recycle, app_offline.htm, stop of the daemon', async () => {
    const journal = join(await temporaryFolder(), 'journal')
    const folder = await dotnetApp('test-app')
    await editWebConfig(folder, { environment: { ANCMTestJournal: journal } })
    const daemon = await startDaemon(folder)
    const lines = async (line: string): Promise<number> =>
      (await readFile(journal, 'utf8')).split('\n').filter((written) => written === line).length
    const stopped = (lives: number): Promise<unknown> =>
      eventually(`${String(lives)} lives have ended`, async () => (await lines('stopped')) === lives)

    let pid = await daemon.processId()
    await touch(join(folder, 'web.config'))
    await stopped(1)
    pid = await nextProcessId(daemon, pid)
    daemon.signal('SIGUSR2')
    await stopped(2)
    pid = await nextProcessId(daemon, pid)
    await dropOfflineFile(folder)
    expectPage(await answerOf(daemon, 503))
    expect(await lines('stopped')).toBe(3)
    await removeOfflineFile(folder)
    await answerOf(daemon, 200)
    expect(await daemon.processId()).not.toBe(pid)
    expect(await daemon.stop()).toBe(0)

    const journalled = [await lines('shutdown-message'), await lines('stopping'), await lines('stopped')]
    expect(journalled).toEqual([4, 4, 4])
    expect(daemon.seen('processExited').map(({ code, expected }) => [code, expected])).toEqual(
      Array.from({ length: 4 }, () => [0, true]),
    )
  })
})
