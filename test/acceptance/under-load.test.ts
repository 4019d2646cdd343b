import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dropOfflineFile, removeOfflineFile, touch } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { killNow } from '../support/kill.ts'
import { Load } from '../support/load.ts'

/** ANCMD_TEST_LOAD=0.2 makes a fifth of the rounds; without it, all of them. */
const scale = Number(process.env['ANCMD_TEST_LOAD'] ?? '1')

// The .NET app takes longer to start, so it gets fewer rounds.
const apps = [
  { name: 'Node app', runs: true, share: 1, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, share: 0.2, copy: () => dotnetApp('test-app') },
]

function rounds(full: number, share: number): number {
  return Math.max(1, Math.round(full * share * scale))
}

/** The event of this name with this number, counted from 1. */
function nth(daemon: Daemon, name: string, number: number): Promise<unknown> {
  let seen = 0
  return daemon.event(name, () => (seen += 1) === number)
}

async function loaded(folder: string): Promise<{ daemon: Daemon; load: Load }> {
  const daemon = await startDaemon(folder)
  await daemon.text('/HelloWorld')
  const load = Load.start(daemon)
  await load.more(200, 'ok')
  return { daemon, load }
}

describe.each(apps)('under load, $name', { timeout: 300_000 }, ({ name, runs, share, copy }) => {
  const touches = rounds(50, share)
  test.skipIf(!runs)(`${String(touches)} touches of web.config fail no request`, async () => {
    const folder = await copy()
    const { daemon, load } = await loaded(folder)
    for (let round = 1; round <= touches; round += 1) {
      await touch(join(folder, 'web.config'))
      await nth(daemon, 'applicationRecycled', round)
    }
    await load.more(200, 'ok')
    await load.stop()
    console.log(`${String(touches)} touches, ${name}: ${load.figures}`)
    expect(load.except('ok', 'closed')).toEqual([])
    expect(daemon.seen('processStarted').length).toBeGreaterThanOrEqual(touches)
    expect(daemon.seen('processKilled')).toEqual([])
    expect(daemon.seen('forwardFailed')).toEqual([])
  })

  const kills = rounds(20, share)
  test.skipIf(!runs)(`${String(kills)} kills of the app fail only what it had in that instant`, async () => {
    const folder = await copy()
    await editWebConfig(folder, { attributes: { rapidFailsPerMinute: '100' } })
    const { daemon, load } = await loaded(folder)
    const instants: { from: number; to: number }[] = []
    for (let round = 1; round <= kills; round += 1) {
      const from = performance.now()
      killNow(Number(daemon.seen('processStarted').at(-1)?.['pid']))
      instants.push({ from, to: performance.now() })
      await nth(daemon, 'processStarted', round + 1)
      await load.more(200, 'ok')
    }
    await load.stop()
    console.log(`${String(kills)} kills, ${name}: ${load.figures}`)
    const failed = load.except('ok', 'closed')
    expect(failed.filter(({ outcome }) => outcome !== '502.3' && outcome !== 'reset')).toEqual([])
    const wasInFlight = ({ begun, ended }: { begun: number; ended: number }): boolean =>
      instants.some(({ from, to }) => begun <= to && ended >= from)
    expect(failed.filter((asked) => !wasInFlight(asked))).toEqual([])
    expect(daemon.seen('processStarted')).toHaveLength(kills + 1)
    expect(daemon.seen('processStartFailed')).toEqual([])
  })

  const offlines = rounds(20, share)
  test.skipIf(!runs)(`${String(offlines)} times app_offline.htm: the page as it is, and never a reset`, async () => {
    const folder = await copy()
    const { daemon, load } = await loaded(folder)
    for (let round = 1; round <= offlines; round += 1) {
      await dropOfflineFile(folder)
      await load.more(50, 'page')
      await removeOfflineFile(folder)
      await load.more(50, 'ok')
    }
    await load.stop()
    console.log(`${String(offlines)} times app_offline.htm, ${name}: ${load.figures}`)
    expect(load.except('ok', 'closed', 'page')).toEqual([])
    expect(daemon.seen('applicationOffline')).toHaveLength(offlines)
    expect(daemon.seen('processKilled')).toEqual([])
    expect(daemon.seen('forwardFailed')).toEqual([])
  })
})
