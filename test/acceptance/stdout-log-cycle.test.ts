import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, nextProcessId } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { openPaths } from '../support/open-paths.ts'

test('log-enable-cycle: a log is made at a start and let go of at the end, and nothing in its way stops the app', async () => {
  const folder = await copyApp('node-twin')
  const logs = join(folder, 'logs')
  const enabled = (on: boolean): Promise<void> =>
    editWebConfig(folder, { attributes: { stdoutLogEnabled: String(on), stdoutLogFile: '.\\logs\\stdout' } })
  await enabled(true)
  const daemon = await startDaemon(folder)
  const held = (): string[] => openPaths(daemon.pid).filter((path) => path.startsWith(logs))
  // The end of a process is told before all that it printed has been written.
  const letGo = () => eventually('no log is open', () => held().length === 0)

  let pid = await daemon.processId()
  expect(await readdir(logs)).toHaveLength(1)
  expect(held()).toHaveLength(1)

  await enabled(false)
  let before = pid
  pid = await nextProcessId(daemon, pid)
  await daemon.event('processExited', (event) => event['pid'] === before)
  await letGo()
  await rm(logs, { recursive: true })

  await writeFile(logs, 'a file in the way')
  await enabled(true)
  pid = await nextProcessId(daemon, pid)
  expect((await daemon.event('stdoutLogFailed')).msg).toContain('stdoutLogFile')
  expect((await daemon.event('stdoutLogFailed')).eventId).toBe(1004)

  await rm(logs)
  await mkdir(logs)
  expect(await daemon.processId()).toBe(pid)
  expect(await readdir(logs)).toEqual([])

  before = pid
  await enabled(true)
  pid = await nextProcessId(daemon, pid)
  expect(await readdir(logs)).toHaveLength(1)

  await daemon.event('processExited', (event) => event['pid'] === before)
  await dropOfflineFile(folder)
  await answerOf(daemon, 503)
  await rm(logs, { recursive: true })
  await letGo()
})
